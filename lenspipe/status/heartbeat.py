"""The mark of a stage at work: which process, where, since when. It outlives a kill, and so tells of it."""

import json
import os
import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

EVERY = 10.0  # seconds between signs of life
SILENT = 60.0  # seconds without one after which a process that cannot be asked counts as dead


@dataclass(frozen=True)
class Mark:
    """What a mark says.

    Attributes
    ----------
    host : str
    pid : int
    born : str or None
        When the process began, as its kernel counts; with ``pid`` it names one process. None where no kernel tells.
    start, seen : float, s since 1970
        Of the stage, and the last sign of life.
    """

    host: str
    pid: int
    born: str | None
    start: float
    seen: float

    def alive(self):
        """Whether the process still runs, bool.

        On its own host the kernel knows, elsewhere the time of the last sign of life.
        """
        if self.host == os.uname().nodename and self.born:
            return _born(self.pid) == self.born
        return time.time() - self.seen < SILENT


@contextmanager
def marked(path):
    """Keep a mark at ``path`` (path) while the block runs; without a mark, if the disk refuses one.

    No stage fails by it (None).
    """
    path, pid = Path(path), os.getpid()
    text = json.dumps({"host": os.uname().nodename, "pid": pid, "born": _born(pid), "start": time.time()})
    try:
        path.write_text(text)
    except OSError:
        _remove(path, "")
    stop = threading.Event()
    with suppress(RuntimeError):  # no more threads: do without
        threading.Thread(target=_live, args=(path, stop), daemon=True).start()
    try:
        yield
    finally:
        stop.set()
        _remove(path, text)


def read_mark(path):
    """The Mark at ``path`` (path); None if none can be read."""
    try:
        return Mark(**json.loads(Path(path).read_text()), seen=Path(path).stat().st_mtime)
    except (OSError, ValueError, TypeError):
        return None


def _live(path, stop):
    while not stop.wait(EVERY):
        with suppress(OSError):
            os.utime(path)


def _remove(path, text):
    """Remove our own mark, not that of whoever came after us."""
    with suppress(OSError, ValueError):
        if path.read_text() == text:
            path.unlink()


def _born(pid):
    """Start of a process in its kernel's ticks; None if there is none, or only its corpse, or no /proc."""
    try:
        state, *fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (OSError, ValueError):
        return None
    return None if state in "ZX" else fields[18]
