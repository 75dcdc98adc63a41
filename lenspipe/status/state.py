"""How a stage can stand, and the words for it."""

import time
from dataclasses import dataclass

DONE, STALE, DAMAGED, PARTIAL, RUNNING, MISSING = "done", "stale", "damaged", "partial", "running", "missing"


@dataclass(frozen=True)
class Standing:
    """How a stage stands, and what there is to say about it."""

    state: str
    text: str


def more(names):
    """``, and 2 more`` after the first of three."""
    return f", and {len(names) - 1} more" if len(names) > 1 else ""


def newest(run, names):
    """When the last of some files was written, after a semicolon."""
    return f"; {clock(max((run / name).stat().st_mtime for name in names))}"


def clock(seconds):
    """Local time."""
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(seconds))
