"""Fault points: each flush, rename, removal and new folder of a piece of work, and what goes wrong there."""

import errno
import os
import signal
from contextlib import contextmanager

FUNCTIONS = ("fsync", "replace", "rename", "unlink", "mkdir", "rmdir")
KILLED = 77  # exit status of a process that ends at a point, as by kill -9: no `finally` runs
REFUSALS = {"no space left": errno.ENOSPC, "input/output error": errno.EIO, "read-only": errno.EROFS}
STOPPED = "stopped, then continued"
MODES = ("killed before", "killed after", *REFUSALS)


@contextmanager
def counted():
    """Yield the list of points, by the names of the functions, that the block passes."""
    passed = []
    with _patched(lambda name, call: (passed.append(name), call())[1]):
        yield passed


@contextmanager
def failing_at(number, mode):
    """Let the call with this number (from 0) fail in one of ``MODES``, or stop before it until SIGCONT comes."""
    seen = -1

    def at_point(name, call):
        nonlocal seen
        seen += 1
        if seen != number:
            return call()
        if mode == STOPPED:
            os.kill(os.getpid(), signal.SIGSTOP)
            return call()
        if mode == "killed before":
            os._exit(KILLED)
        if mode == "killed after":
            call()
            os._exit(KILLED)
        raise OSError(REFUSALS[mode], os.strerror(REFUSALS[mode]))

    with _patched(at_point):
        yield


@contextmanager
def _patched(at_point):
    originals = {name: getattr(os, name) for name in FUNCTIONS}

    def wrapped(name):
        return lambda *args, **options: at_point(name, lambda: originals[name](*args, **options))

    for name in FUNCTIONS:
        setattr(os, name, wrapped(name))
    try:
        yield
    finally:
        for name, function in originals.items():
            setattr(os, name, function)
