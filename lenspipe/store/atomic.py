"""Files that get their names when they are complete, and whose faults are told with their names."""

import os
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def drafts_of(*paths):
    """Drafts to write, one for each path; at the end all get their names, in this order.

    After a fault none does: what lay under the names before is untouched, and no draft is left.
    """
    paths = [Path(path) for path in paths]
    drafts = [path.with_name(f"{path.name}.draft") for path in paths]
    try:
        for path in paths:
            path.parent.mkdir(parents=True, exist_ok=True)
        yield drafts
        for draft, path in zip(drafts, paths, strict=True):
            with naming(path):
                _flush(draft)
        for draft, path in zip(drafts, paths, strict=True):
            with naming(path):
                os.replace(draft, path)
    finally:
        for draft in drafts:
            with suppress(OSError):
                draft.unlink(missing_ok=True)


@contextmanager
def naming(path):
    """A fault of the disk within is told with this file's name: a full disk says none by itself."""
    try:
        yield
    except OSError as error:
        error.filename = str(path)
        raise


def write(path, data):
    """Write bytes or text, whole or not at all."""
    with drafts_of(path) as (draft,), naming(path):
        draft.write_bytes(data if isinstance(data, bytes) else data.encode())


def _flush(draft):
    """To the disk itself: after a power cut a name must not stand for an empty file."""
    with open(draft, "rb") as file:
        os.fsync(file.fileno())
