"""A command that Snakemake started ends when that Snakemake is gone: nobody would know that it still writes."""

import os
import signal
import threading
import time
from pathlib import Path

EVERY = 0.5  # seconds


def end_with_snakemake():
    """Watch the Snakemake that started this process, if one did, in a thread that ends with this process."""
    if watched := _snakemake_above(os.getppid()):
        threading.Thread(target=_watch, args=watched, daemon=True).start()


def end_with_parent():
    """Watch the process that started this one, in a thread that ends with this process."""
    from lenspipe.status.heartbeat import born

    parent = os.getppid()
    threading.Thread(target=_watch, args=(parent, born(parent)), daemon=True).start()


def _watch(pid, start):
    from lenspipe.status.heartbeat import born

    while born(pid) == start:
        time.sleep(EVERY)
    os.kill(os.getpid(), signal.SIGTERM)


def _snakemake_above(pid):
    """Process number and time of start of the nearest Snakemake among the ancestors; None if there is none."""
    from lenspipe.status.heartbeat import born  # imports the store, which is slow for `lenspipe --help`

    while pid > 1:
        try:
            words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
            parent = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
        except (OSError, ValueError, IndexError):
            return None
        if any(Path(word.decode(errors="replace")).name == "snakemake" for word in words[:3]):
            return pid, born(pid)
        pid = parent
    return None
