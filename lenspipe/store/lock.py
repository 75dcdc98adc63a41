"""One writer for each store: a lock that ends with the process that holds it, however that ends."""

import fcntl
import json
import logging
import os
import time
from contextlib import contextmanager, suppress
from pathlib import Path

from lenspipe.errors import InputError

log = logging.getLogger("lenspipe")


@contextmanager
def locked(store, *, shared=False):
    """Hold the lock of a store: ``.x.zarr.lock`` next to it, which is gone when nobody holds it.

    Parameters
    ----------
    store : path
        The store, ``x.zarr``, which need not exist.
    shared : bool
        Let others hold it too that ask for it in this way: parts of one store.

    Raises
    ------
    InputError
        If another process holds it.
    """
    path = Path(store).with_name(f".{Path(store).name}.lock")
    path.parent.mkdir(parents=True, exist_ok=True)
    file = _acquire(path, store, shared)
    if file is None:
        yield
        return
    try:
        yield
    finally:
        with suppress(OSError):  # not the last one of several: they hold it on
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink()
        file.close()


def _acquire(path, store, shared):
    """The locked file; None where the file system has no locks."""
    while True:
        file = open(path, "a+")  # closed by the caller
        try:
            fcntl.flock(file, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            holder = _holder(file.read())
            file.close()
            raise InputError(f"{store}: {holder} is writing it; wait for it to end, or stop it") from None
        except OSError as error:
            file.close()
            log.warning("%s: this disk has no locks (%s): write it by one command at a time", store, error.strerror)
            return None
        with suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(file.fileno()), path.stat()):
                file.truncate(0)
                who = {"host": os.uname().nodename, "pid": os.getpid(), "since": time.strftime("%Y-%m-%d %H:%M:%S")}
                file.write(json.dumps(who))
                file.flush()
                return file
        file.close()  # the holder before removed it in the meantime


def _holder(text):
    try:
        who = json.loads(text)
        return f"process {who['pid']} on {who['host']} (since {who['since']})"
    except (ValueError, KeyError, TypeError):
        return "another process"
