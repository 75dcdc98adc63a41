"""JSON files that hold an object, whatever else may be in them."""

import json
from pathlib import Path


def read_json(path):
    """The object in a JSON file.

    Parameters
    ----------
    path : path

    Returns
    -------
    dict

    Raises
    ------
    ValueError
        If it is not JSON, nested too deeply to be read, or not an object.
    OSError
        If it cannot be read.
    """
    try:
        values = json.loads(Path(path).read_text())
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if not isinstance(values, dict):
        raise ValueError("not a JSON object")
    return values
