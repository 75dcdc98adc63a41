"""Settings from files: merged, checked, and each stage's share of them."""

from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError, create_model

from lenspipe.config.declared import STAGES, Section, Settings
from lenspipe.config.messages import DEFAULTS, explain_problem
from lenspipe.errors import InputError


def defaults_path():
    """config/config.yaml here, or else in the checkout that this package is installed from."""
    beside = Path(__file__).parents[2] / DEFAULTS
    return Path(DEFAULTS) if Path(DEFAULTS).exists() or not beside.exists() else beside


def read_yaml(path):
    """One settings file as a dict."""
    try:
        values = yaml.safe_load(Path(path).read_text())
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); give an existing settings file") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:  # impossible dates, endless nesting
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark else ""
        raise InputError(f"{path}{where}: is not valid YAML; check colons, indentation and brackets there") from None
    if values is None:
        return {}
    if not isinstance(values, dict):
        raise InputError(f"{path}: holds {type(values).__name__} instead of key: value lines; see {DEFAULTS}")
    return values


def merge(*layers):
    """Later dicts over earlier ones, section by section."""
    merged = {}
    for layer in layers:
        for key, value in layer.items():
            both = isinstance(value, dict) and isinstance(merged.get(key), dict)
            merged[key] = merge(merged[key], value) if both else value
    return merged


def check(values, sources=()):
    """Settings from a merged dict.

    Parameters
    ----------
    values : dict
    sources : sequence of (str, dict)
        Where the values came from, later over earlier: named in messages.

    Raises
    ------
    InputError
        With the key, the file, what is wrong and what to do.
    """
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        problems = error.errors()
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        raise InputError(_told(problems[0], sources) + more) from None


def load(files):
    """Settings from files, later ones over earlier ones."""
    sources = [(str(path), read_yaml(path)) for path in files]
    return check(merge(*(values for _, values in sources)), sources)


def stage_settings(settings, stage):
    """What a stage's results depend on, as a dict: shared keys and its own section."""
    values = settings.model_dump(mode="json")
    picked = {}
    for key in STAGES[stage]:
        value = values
        for part in key.split("."):
            value = value[part]
        picked[key.rpartition(".")[2]] = value
    return picked


def read_stage(path, stage):
    """Settings of one stage, from its file in results/<run>/settings/ or from a complete settings file.

    Returns
    -------
    dict
        As ``stage_settings``.
    """
    values = read_yaml(path)
    if "run" in values and stage != "report":
        return stage_settings(check(values, [(str(path), values)]), stage)
    fields = {key.rpartition(".")[2]: (_field_at(key).rebuild_annotation(), ...) for key in STAGES[stage]}
    model = create_model(stage, __base__=Section, **fields)
    try:
        return model.model_validate(values).model_dump(mode="json")
    except ValidationError as error:
        raise InputError(_told(error.errors()[0], [(str(path), values)])) from None


def _told(problem, sources):
    return explain_problem(problem, sources, _fields_at([str(key) for key in problem["loc"]][:-1]))


def _field_at(key):
    section: Any = Settings
    for part in key.split("."):
        field = section.model_fields[part]
        section = field.annotation
    return field


def _fields_at(keys):
    """Names of the settings in a section."""
    section: Any = Settings
    for key in keys:
        field = section.model_fields.get(key)
        section = field.annotation if field else None
        if not (isinstance(section, type) and issubclass(section, BaseModel)):
            return []
    return list(section.model_fields)
