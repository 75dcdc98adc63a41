"""Log, progress and number of cores, for all commands."""

import logging
import os
import sys
import time
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path

from lenspipe.cli._orphans import end_with_snakemake

log = logging.getLogger("lenspipe")
EVERY = 10.0  # seconds between lines of progress where there is no terminal


def usable_cores(requested):
    """The smaller one of ``requested`` (int) and the number of usable CPUs: int, at least 1."""
    available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(requested, available))


class _LogFile(logging.FileHandler):
    """A log file that ignores a full disk: writing the results reports it."""

    def handleError(self, record):
        pass

    def close(self):
        with suppress(OSError):
            super().close()


@contextmanager
def session(command, log_file):
    """Log to stderr from warnings on, and everything to a file if one is given. The last line is the time taken.

    While the command runs, a mark is next to the file: ``lenspipe status`` reads it.
    """
    from lenspipe.status.heartbeat import marked  # imports the store, which is slow for `lenspipe --help`

    handlers = [logging.StreamHandler(sys.stderr)]
    handlers[0].setLevel(logging.WARNING)
    if log_file:
        Path(log_file).parent.mkdir(parents=True, exist_ok=True)
        handlers.append(_LogFile(log_file, mode="w"))
    for handler in handlers:
        handler.setFormatter(logging.Formatter("%(asctime)s %(message)s", "%H:%M:%S"))
        log.addHandler(handler)
    log.setLevel(logging.INFO)
    end_with_snakemake()
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
    """Write a line to stderr and to the log."""
    print(message, file=sys.stderr, flush=True)
    log.info(message)


@contextmanager
def progress(name, unit):
    """Yield a callable ``(done, total, text="")``: a bar at a terminal, a line every 10 s otherwise."""
    if sys.stderr.isatty():
        yield from _bar(name)
    else:
        yield from _lines(name, unit)


def _bar(name):
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(name, total=None)
        yield lambda done, total, text="": bar.update(task, completed=done, total=total, description=f"{name} {text}")


def _lines(name, unit):
    start = last = time.monotonic()

    def report(done, total, text=""):
        nonlocal last
        now = time.monotonic()
        if now - last < EVERY and done < total:
            return
        last = now
        rate = done / max(now - start, 1e-9)
        say(f"{name}: {done:,} of {total:,} {unit}, {rate:,.1f} {unit}/s {text}".rstrip())

    yield report
