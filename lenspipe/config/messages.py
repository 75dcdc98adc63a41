"""Error messages about settings, in one line: key, what is wrong, file, what to do."""

import difflib

DEFAULTS = "config/config.yaml"


def nearest(name, names):
    """A suggestion of the one of ``names`` (sequence of str) that is nearest to ``name`` (str): str, may be empty."""
    close = difflib.get_close_matches(str(name), names, n=1, cutoff=0.5)
    return f", did you mean {close[0]!r}?" if close else ""


def explain_problem(problem, sources, names, example=DEFAULTS):
    """Describe a problem that pydantic has with the settings.

    Parameters
    ----------
    problem : dict
        One of pydantic's errors.
    sources : sequence of (str, dict)
        Where the values came from, later over earlier.
    names : sequence of str
        Valid names at the place of the problem.
    example : str
        A file that shows what may be missing.

    Returns
    -------
    str
        One line.
    """
    keys = [str(key) for key in problem["loc"]]
    where = _where(keys, sources)
    name = ".".join(keys)
    match problem["type"]:
        case "extra_forbidden":
            return f"{name}: unknown setting ({where}){nearest(keys[-1], names)}"
        case "missing":
            suggestion = nearest(keys[1], names) if keys[:1] == ["train"] and len(keys) > 2 else ""
            return f"{name}: missing ({where}){suggestion}; see {example}"
        case "value_error":
            return f"{name + ': ' if name else ''}{problem['ctx']['error']} ({where})"
        case "string_pattern_mismatch":
            return f"{name}: {problem['input']!r} is not a valid name; use letters, digits, dots, dashes ({where})"
        case _:
            expected = problem["msg"].removeprefix("Input should be ").removeprefix("a valid ")
            return f"{name}: {_short(problem['input'])} is wrong, should be {expected} ({where})"


def _short(value):
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _where(keys, sources):
    """The last source that sets the keys, or the nearest section above them."""
    for depth in range(len(keys), -1, -1):
        for name, values in reversed(sources):
            if _has(values, keys[:depth]):
                return name
    return "settings"


def _has(values, keys):
    for key in keys:
        if not isinstance(values, dict) or key not in values:
            return False
        values = values[key]
    return True
