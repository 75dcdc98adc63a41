"""A settings file, or a survey's, as a dict."""

from pathlib import Path

import yaml

from lenspipe.config.messages import DEFAULTS
from lenspipe.errors import InputError


def read_yaml(path):
    """Read a file of key: value lines.

    Parameters
    ----------
    path : path

    Returns
    -------
    dict
        Empty for an empty file.

    Raises
    ------
    InputError
        If the file cannot be read or holds something else.
    """
    try:
        values = yaml.safe_load(Path(path).read_text())
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); give an existing settings file") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:  # e.g. impossible dates, infinite nesting
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark else ""
        raise InputError(f"{path}{where}: is not valid YAML; check colons, indentation and brackets") from None
    if values is None:
        return {}
    if not isinstance(values, dict):
        raise InputError(f"{path}: holds {type(values).__name__} instead of key: value lines; see {DEFAULTS}")
    return values
