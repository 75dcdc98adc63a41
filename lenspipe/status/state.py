"""The states of a stage, and texts about files."""

import time
from dataclasses import dataclass

DONE, STALE, DAMAGED, PARTIAL, RUNNING, MISSING = "done", "stale", "damaged", "partial", "running", "missing"


@dataclass(frozen=True)
class StageState:
    """The state of a stage, or of one split of its files.

    Attributes
    ----------
    state : str
        One of ``DONE``, ``STALE``, ``DAMAGED``, ``PARTIAL``, ``RUNNING``, ``MISSING``.
    text : str
        Counts, times, or what is wrong.
    """

    state: str
    text: str


def more(names):
    """Text (str) after the first of some ``names`` (sequence of str): ``, and 2 more`` for three, empty for one."""
    return f", and {len(names) - 1} more" if len(names) > 1 else ""


def newest(run, names):
    """Text (str) with the time of the last change of files, after a semicolon.

    ``run`` (path): the folder of the run; ``names`` (iterable of str): files in it.
    """
    return f"; {clock(max((run / name).stat().st_mtime for name in names))}"


def clock(seconds):
    """Local time (str) for ``seconds`` (float, s since 1970)."""
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(seconds))
