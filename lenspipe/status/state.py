"""How a stage can stand, and the words for it."""

import time
from dataclasses import dataclass

DONE, STALE, DAMAGED, PARTIAL, RUNNING, MISSING = "done", "stale", "damaged", "partial", "running", "missing"


@dataclass(frozen=True)
class Standing:
    """The ``state`` of a stage (str, one of the constants above) and a ``text`` (str) about it."""

    state: str
    text: str


def more(names):
    """``, and 2 more`` (str) after the first of three ``names`` (sequence)."""
    return f", and {len(names) - 1} more" if len(names) > 1 else ""


def newest(run, names):
    """When the last of some files, ``names`` (sequence of str) in ``run`` (path), was written, after a semicolon.

    Str.
    """
    return f"; {clock(max((run / name).stat().st_mtime for name in names))}"


def clock(seconds):
    """Local time (str) of ``seconds`` (float, s since 1970)."""
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(seconds))
