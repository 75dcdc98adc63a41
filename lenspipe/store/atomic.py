"""Atomic writes: a file gets its name when it is complete and on disk, and errors of the disk name the file."""

import glob
import os
import re
import secrets
import shutil
import time
from contextlib import contextmanager, suppress
from pathlib import Path

DRAFT = re.compile(r"(?:.*\.draft\.)?(.+?)-([0-9]+)-[0-9a-f]+\.draft")  # machine and process, of the innermost draft
DAY = 86400  # seconds, after which a temporary file of another machine counts as left by a killed process


@contextmanager
def atomic_files(*paths):
    """Temporary files to write, which get their final names together at the end, in this order.

    After an error none is renamed: existing files are unchanged, and no temporary file is left. Each writer has files
    of its own, so that of two at the same time the later one counts, as a whole; those of killed writers are removed.

    Parameters
    ----------
    *paths : path
        Final names. Missing folders are made.

    Yields
    ------
    list of path
        The temporary file of each path: ``<name>.<machine>-<process>-<random>.draft``.
    """
    paths = [Path(path) for path in paths]
    drafts = [draft_of(path) for path in paths]
    try:
        for path in paths:
            path.parent.mkdir(parents=True, exist_ok=True)
            remove_leftovers(path)
        yield drafts
        for draft, path in zip(drafts, paths, strict=True):
            with name_in_errors(path):
                flush(draft)
        for draft, path in zip(drafts, paths, strict=True):
            with name_in_errors(path):
                os.replace(draft, path)
        for folder in {path.parent for path in paths}:
            flush(folder)
    finally:
        for draft in drafts:
            with suppress(OSError):
                draft.unlink(missing_ok=True)


def draft_of(path):
    """A name that no other writer of ``path`` (path) uses: path."""
    return path.with_name(f"{path.name}.{os.uname().nodename}-{os.getpid()}-{secrets.token_hex(4)}.draft")


def remove_leftovers(path):
    """Remove temporary files and folders of ``path`` (path) that killed writers left."""
    for leftover in path.parent.glob(f"{glob.escape(path.name)}.*.draft"):
        match = DRAFT.fullmatch(leftover.name.removeprefix(f"{path.name}."))
        if match and _is_left(leftover, machine=match[1], process=int(match[2])):
            shutil.rmtree(leftover, ignore_errors=True) if leftover.is_dir() else leftover.unlink(missing_ok=True)


def _is_left(draft, machine, process):
    if machine == os.uname().nodename:
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            return True
        except OSError:
            return False  # somebody else's
        return False
    with suppress(OSError):
        return time.time() - draft.stat().st_mtime > DAY
    return False


@contextmanager
def name_in_errors(path):
    """Put the name of the file ``path`` into every OSError raised inside: the error of a full disk names no file."""
    try:
        yield
    except OSError as error:
        error.filename = str(path)
        raise


def write(path, data):
    """Write ``data``, bytes or str, to the file ``path``: completely or not at all."""
    with atomic_files(path) as (draft,), name_in_errors(path):
        draft.write_bytes(data if isinstance(data, bytes) else data.encode())


def flush(path):
    """Flush the file or folder ``path``: after a power cut a final name must not belong to an empty file."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
