"""Worker processes on this machine: tasks go to them through pipes, so that no port is open to anybody else.

A worker that dies or stops answering is replaced, and its task goes to another one. Workers end with this process,
however that ends.
"""

import contextlib
import ctypes
import logging
import multiprocessing
import os
import pickle
import signal
import time
import traceback
from collections import Counter, deque
from multiprocessing.connection import wait
from pathlib import Path

from lenspipe.errors import InputError

log = logging.getLogger("lenspipe")
MOST_DEATHS = 3  # of workers during one task
CHECKED = 5.0  # seconds between looks at workers that do not answer
PATIENCE = 60.0  # seconds without use of the CPU or the disk, after which a worker counts as hanging
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
PR_SET_PDEATHSIG = 1  # of Linux's prctl


class WorkerProcesses:
    """Processes that do tasks side by side; a context manager that ends them.

    Parameters
    ----------
    count : int
        Number of processes.
    """

    def __init__(self, count):
        self.count = count
        self.workers = []

    def __enter__(self):
        return self

    def __exit__(self, *error):
        for worker in self.workers:
            worker.end()

    def run(self, function, arguments):
        """Do tasks, in the order given; yield (index, result) as they finish.

        Parameters
        ----------
        function : callable
            Importable by its name, or a partial of such a one.
        arguments : sequence of tuple

        Raises
        ------
        InputError
            If a task raises it, or the same task ends several workers.
        """
        waiting, deaths = deque(enumerate(arguments)), Counter()
        self.workers = [_Worker(function) for _ in range(min(self.count, len(waiting)))]
        while waiting or any(worker.task for worker in self.workers):
            self._replace(function, waiting, deaths)
            for worker in self.workers:
                if waiting and not worker.task:
                    worker.give(waiting.popleft())
            answering = {worker.connection: worker for worker in self.workers if not worker.lost}
            for connection in wait(answering, timeout=CHECKED):
                if answer := answering[connection].answer():
                    index, result, error = answer
                    if error is not None:
                        raise error
                    yield index, result

    def _replace(self, function, waiting, deaths):
        """Replace workers that will not answer; their tasks are the next to be done."""
        for place, worker in enumerate(self.workers):
            if problem := worker.problem():
                worker.end()
                self.workers[place] = _Worker(function)
                log.warning("a worker %s; another one makes its block", problem)
                if worker.task:
                    waiting.appendleft(worker.task)
                    deaths[worker.task[0]] += 1
                    if deaths[worker.task[0]] == MOST_DEATHS:
                        raise InputError(
                            "the same block killed several workers, most likely for lack of memory; use fewer "
                            "--workers or a smaller --block, then run again to resume"
                        )


class _Worker:
    """One process and the task that it has: (index, arguments) or None."""

    def __init__(self, function):
        context = multiprocessing.get_context("spawn")
        self.connection, theirs = context.Pipe()
        self.process = context.Process(target=_work, args=(theirs, function, os.getpid()), daemon=True)
        before = {name: os.environ.get(name) for name in ONE_THREAD}
        os.environ.update(ONE_THREAD)  # read by libraries when the process starts
        try:
            self.process.start()
        finally:
            for name, value in before.items():
                os.environ.pop(name) if value is None else os.environ.__setitem__(name, value)
        theirs.close()
        self.task, self.lost, self.used, self.since = None, False, None, time.monotonic()

    def give(self, task):
        self.task, self.since = task, time.monotonic()
        try:
            self.connection.send(task)
        except OSError:
            self.lost = True

    def answer(self):
        """(index, result, error) of the task; None if the process has ended instead."""
        try:
            answer = self.connection.recv()
        except (EOFError, OSError, pickle.UnpicklingError):
            self.lost = True
            return None
        self.task = None
        return answer

    def problem(self):
        """Why no answer will come, in words; None if one may."""
        if self.lost:
            self.process.join(CHECKED)
            return f"ended ({_cause(self.process.exitcode)})"
        if not self.task:
            return None
        used = _used(self.process.pid)
        if used != self.used:
            self.used, self.since = used, time.monotonic()
        if used is not None and time.monotonic() - self.since > PATIENCE:
            return f"has not gone on for {PATIENCE:.0f} s"
        return None

    def end(self):
        self.process.kill()
        self.process.join()
        self.connection.close()


def _work(connection, function, parent):
    """Runs in a worker."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent is interrupted too, and ends this process
    _end_with(parent)
    while True:
        try:
            index, arguments = connection.recv()
        except (EOFError, OSError):
            return
        try:
            answer = (index, function(*arguments), None)
        except Exception as error:
            error.add_note(traceback.format_exc())
            answer = (index, None, _sendable(error))
        connection.send(answer)


def _end_with(parent):
    """Let the kernel end this process when its parent ends; elsewhere than on Linux it ends after its task."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def _sendable(error):
    try:
        pickle.loads(pickle.dumps(error))
        return error
    except Exception:  # an exception of a library may hold anything
        return RuntimeError("".join(traceback.format_exception(error)))


def _cause(status):
    return f"signal {-status}" if status is not None and status < 0 else f"exit status {status}"


def _used(pid):
    """CPU time and bytes that a process has used so far; None where that cannot be seen."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return fields[11], fields[12], Path(f"/proc/{pid}/io").read_text()
    except (OSError, IndexError):
        return None
