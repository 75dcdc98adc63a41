"""Work in processes of its own, forked from one that has the libraries loaded, with limits of time and memory."""

import multiprocessing
import os
import resource
import signal
import sys
import tempfile
import threading
import time
import traceback
from pathlib import Path

CHILDREN = multiprocessing.get_context("forkserver")
# What the works and commands import, also late: an import takes ten times as long as most of them.
CHILDREN.set_forkserver_preload(
    [
        *("lenspipe.cli", "lenspipe.ingest", "lenspipe.stages.predict", "lenspipe.stages.simulate"),
        *("lenspipe.search.ranking", "lenspipe.learning.resume", "lenspipe.plots.drawing"),
        *("xarray", "dask.array", "sklearn.metrics", "torch._dynamo", "astropy.io.fits", "astropy.table"),
    ]
)
MEMORY = 16 << 30  # bytes of addresses, of which the libraries take a part
SECONDS = 240
ONE_AT_A_TIME = threading.Lock()  # a process that starts asks all others whether they ended; a status is read once
LATE = -1  # status of a process that was ended for its time


def run(function, *arguments):
    """Status of a process that calls ``function``, and what it printed: those of ``Child.result``."""
    return Child(function, *arguments).result()


class Child:
    """A process that calls ``function`` with ``arguments``."""

    def __init__(self, function, *arguments):
        self.printed = tempfile.NamedTemporaryFile("r", errors="replace")
        self.process = CHILDREN.Process(target=_call, args=(self.printed.name, function, arguments))
        with ONE_AT_A_TIME:
            self.process.start()

    def stopped(self):
        """Wait until the process has stopped itself: True; or has ended: False."""
        return self._wait(lambda: self._state() == "T")

    def go_on(self):
        os.kill(self.process.pid, signal.SIGCONT)

    def result(self):
        """Status and what was printed, when it has ended; ``LATE`` if it takes longer than ``SECONDS``.

        The status is 0, that of the function's own exit, or 1 after an exception, whose traceback is printed.
        """
        late = not self._wait(lambda: not self._is_alive())
        if late:
            self.process.kill()
            self._wait(lambda: not self._is_alive())
        with self.printed:
            return LATE if late else self.process.exitcode, self.printed.read()

    def _wait(self, condition):
        end = time.monotonic() + SECONDS
        while not condition() and time.monotonic() < end:
            if not self._is_alive():
                return condition()
            time.sleep(0.005)
        return condition()

    def _is_alive(self):
        with ONE_AT_A_TIME:
            return self.process.is_alive()

    def _state(self):
        try:
            return Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return "ended"


def _call(printed, function, arguments):
    with open(printed, "w") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    try:
        function(*arguments)
    except SystemExit as end:
        status = end.code or 0
    except BaseException:
        traceback.print_exc()
        status = 1
    else:
        status = 0
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)
