"""A settings file, or a survey's, as a dict."""

from pathlib import Path

import yaml
from yaml.constructor import ConstructorError

from lenspipe.config.messages import DEFAULTS
from lenspipe.errors import InputError

LARGEST = 100_000  # values in a file; a few lines of aliases can stand for any number


class _Loader(yaml.SafeLoader):
    """Refuses a key that is twice in one section: the second would silently replace the first."""

    def construct_mapping(self, node, deep=False):
        names = [key.value for key, _ in node.value if key.tag != "tag:yaml.org,2002:merge"]
        for place, (key, _) in enumerate(node.value):
            if isinstance(key.value, str) and key.value in names[:place]:
                raise ConstructorError(None, None, f"the key {key.value!r} is there twice", key.start_mark)
        return super().construct_mapping(node, deep)


def parse(text):
    """What a ``text`` (str) of YAML means.

    Raises
    ------
    yaml.YAMLError, ValueError, RecursionError
        If it is not YAML, repeats a key, or stands for more than ``LARGEST`` values.
    """
    values = yaml.load(text, Loader=_Loader)
    _count(values, {})
    return values


def _count(value, known):
    """Number of values inside a value, with those that aliases repeat."""
    if not isinstance(value, dict | list):
        return 1
    if id(value) not in known:
        known[id(value)] = LARGEST  # until it is counted: a value that holds itself is refused
        parts = value.values() if isinstance(value, dict) else value
        known[id(value)] = 1 + sum(_count(part, known) for part in parts)
    if known[id(value)] >= LARGEST:
        raise ValueError(f"stands for more than {LARGEST:,} values")
    return known[id(value)]


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
        values = parse(Path(path).read_text())
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); give an existing settings file") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:  # e.g. impossible dates, infinite nesting
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark else ""
        if isinstance(error, ConstructorError) and "twice" in (error.problem or ""):
            raise InputError(f"{path}{where}: {error.problem}; remove one") from None
        more = f" ({error})" if isinstance(error, ValueError) else ""
        raise InputError(f"{path}{where}: is not valid YAML{more}; check colons, indentation and brackets") from None
    if values is None:
        return {}
    if not isinstance(values, dict):
        raise InputError(f"{path}: holds {type(values).__name__} instead of key: value lines; see {DEFAULTS}")
    return values
