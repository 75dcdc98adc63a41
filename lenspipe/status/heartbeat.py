"""The mark of a running stage: which process, on which host, since when. After a kill the mark stays."""

import json
import os
import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

EVERY = 10.0  # seconds between signs of life
SILENT = 60.0  # seconds without one after which a process on another host counts as dead


@dataclass(frozen=True)
class Mark:
    """The content of a mark.

    Attributes
    ----------
    host : str
    pid : int
    born : str or None
        Start of the process in ticks of its kernel; with ``pid`` it identifies one process. None without /proc.
    start, seen : float, s since 1970
        Of the stage, and the last sign of life.
    """

    host: str
    pid: int
    born: str | None
    start: float
    seen: float

    def alive(self):
        """Whether the process still runs: bool. From the kernel on the same host, else from the last sign of life."""
        if self.host == os.uname().nodename and self.born:
            return born(self.pid) == self.born
        return time.time() - self.seen < SILENT


@contextmanager
def marked(path):
    """Keep a mark in the file ``path`` (path) while the block runs; Yields None.

    If the disk refuses the mark, the stage runs without one.
    """
    path, pid = Path(path), os.getpid()
    text = json.dumps({"host": os.uname().nodename, "pid": pid, "born": born(pid), "start": time.time()})
    try:
        path.write_text(text)
    except OSError:
        _remove(path, "")
    stop = threading.Event()
    with suppress(RuntimeError):  # no more threads: run without signs of life
        threading.Thread(target=_live, args=(path, stop), daemon=True).start()
    try:
        yield
    finally:
        stop.set()
        _remove(path, text)


def read_mark(path):
    """Read the mark in the file ``path`` (path): Mark, or None if it is missing or unreadable."""
    try:
        return Mark(**json.loads(Path(path).read_text()), seen=Path(path).stat().st_mtime)
    except (OSError, ValueError, TypeError, RecursionError):
        return None


def _live(path, stop):
    while not stop.wait(EVERY):
        with suppress(OSError):
            os.utime(path)


def _remove(path, text):
    """Remove this process's mark, but not that of a later process."""
    with suppress(OSError, ValueError):
        if path.read_text() == text:
            path.unlink()


def born(pid):
    """Start of the process ``pid`` (int) in its kernel's ticks, a str; None if dead, a zombie, or without /proc."""
    try:
        state, *fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (OSError, ValueError):
        return None
    return None if state in "ZX" else fields[18]
