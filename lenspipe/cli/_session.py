"""What every command shares: the log, progress, and how many cores to use."""

import logging
import os
import sys
import time
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path

log = logging.getLogger("lenspipe")
EVERY = 10.0  # seconds between lines of progress where there is no terminal


def usable_cores(asked):
    """min(asked, CPUs usable): ``--cores 8`` on two cores starts two."""
    available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(asked, available))


class _LogFile(logging.FileHandler):
    """A log that a full disk cuts short without a word: whoever writes results there will tell."""

    def handleError(self, record):
        pass

    def close(self):
        with suppress(OSError):
            super().close()


@contextmanager
def session(command, log_file):
    """Log to a file if one is named, and to stderr what is a warning or worse; last line: the time taken.

    A file gets a mark beside it while the command runs: ``lenspipe status`` reads it.
    """
    from lenspipe.status.heartbeat import marked  # loads the store, for which `lenspipe --help` does not wait

    handlers = [logging.StreamHandler(sys.stderr)]
    handlers[0].setLevel(logging.WARNING)
    if log_file:
        Path(log_file).parent.mkdir(parents=True, exist_ok=True)
        handlers.append(_LogFile(log_file, mode="w"))
    for handler in handlers:
        handler.setFormatter(logging.Formatter("%(asctime)s %(message)s", "%H:%M:%S"))
        log.addHandler(handler)
    log.setLevel(logging.INFO)
    start = time.monotonic()
    try:
        with marked(Path(log_file).with_suffix(".running")) if log_file else nullcontext():
            yield log
        log.info("%s: done in %.1f s", command, time.monotonic() - start)
    except BaseException as error:
        for handler in handlers[1:]:
            handler.handle(log.makeRecord(log.name, logging.ERROR, "", 0, f"{command}: {error}", (), None))
        raise
    finally:
        for handler in handlers:
            log.removeHandler(handler)
            handler.close()


def say(message):
    """A line for the reader at the terminal and for the log."""
    print(message, file=sys.stderr, flush=True)
    log.info(message)


@contextmanager
def progress(what, unit):
    """A callable ``(done, total, text="")``: a bar at a terminal, a line every 10 s otherwise."""
    if sys.stderr.isatty():
        yield from _bar(what)
    else:
        yield from _lines(what, unit)


def _bar(what):
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total, text="": bar.update(task, completed=done, total=total, description=f"{what} {text}")


def _lines(what, unit):
    start = last = time.monotonic()

    def report(done, total, text=""):
        nonlocal last
        now = time.monotonic()
        if now - last < EVERY and done < total:
            return
        last = now
        rate = done / max(now - start, 1e-9)
        say(f"{what}: {done:,} of {total:,} {unit}, {rate:,.1f} {unit}/s {text}".rstrip())

    yield report
