"""Atomic writes: a file gets its name when it is complete and on disk, and errors of the disk name the file."""

import os
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def atomic_files(*paths):
    """Temporary files ``<name>.draft`` to write, which get their final names together at the end, in this order.

    After an error none is renamed: existing files are unchanged, and no temporary file is left.

    Parameters
    ----------
    *paths : path
        Final names. Missing folders are made.

    Yields
    ------
    list of path
        The temporary file of each path.
    """
    paths = [Path(path) for path in paths]
    drafts = [path.with_name(f"{path.name}.draft") for path in paths]
    try:
        for path in paths:
            path.parent.mkdir(parents=True, exist_ok=True)
        yield drafts
        for draft, path in zip(drafts, paths, strict=True):
            with name_in_errors(path):
                _flush(draft)
        for draft, path in zip(drafts, paths, strict=True):
            with name_in_errors(path):
                os.replace(draft, path)
    finally:
        for draft in drafts:
            with suppress(OSError):
                draft.unlink(missing_ok=True)


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


def _flush(draft):
    """Flush a file to the disk: after a power cut a final name must not belong to an empty file."""
    with open(draft, "rb") as file:
        os.fsync(file.fileno())
