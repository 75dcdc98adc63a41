"""The history of a training on disk, read without torch."""

from pathlib import Path

from lenspipe import store
from lenspipe.errors import InputError
from lenspipe.provenance import file_sha256

MODEL, HISTORY = "model.json", "history.csv"
DAMAGED = "is damaged or from another version of lenspipe"
REMEDY = "train again or copy the folder again"


def read_history(folder):
    """The history of a checkpoint's training.

    Parameters
    ----------
    folder : path
        With model.json and history.csv.

    Returns
    -------
    DataFrame
        A row an epoch.

    Raises
    ------
    InputError
        If it does not match its checksum.
    """
    model, history = Path(folder) / MODEL, Path(folder) / HISTORY
    check_exists(model, history)
    try:
        sha256 = store.read_json(model)["history_sha256"]
    except (ValueError, TypeError, KeyError):
        raise InputError(f"{model}: {DAMAGED}; {REMEDY}") from None
    check_sha256(history, sha256)
    return store.read_table(history)


def check_exists(*paths):
    """InputError if one of ``paths`` (path) is no file of a training, else None."""
    for path in paths:
        if not path.is_file():
            raise InputError(f"{path}: no such file; `lenspipe train` writes it")


def check_sha256(path, sha256):
    """InputError if the file at ``path`` has another sum than ``sha256`` (str), else None."""
    if file_sha256(path) != sha256:
        raise InputError(f"{path}: is damaged, or of another training than {MODEL} next to it; {REMEDY}")
