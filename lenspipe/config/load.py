"""Read settings from files: merge them, check them, and select those of a stage."""

from pathlib import Path
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError, create_model

from lenspipe.config.messages import DEFAULTS, explain_problem, nearest
from lenspipe.config.schema import TRAIN, Settings, stage_keys
from lenspipe.config.section import Section
from lenspipe.config.survey import survey_of
from lenspipe.config.trainings import Learning, members_of
from lenspipe.config.yamlfile import read_yaml
from lenspipe.errors import InputError
from lenspipe.methods import member_names
from lenspipe.surveys import Survey


def defaults_path():
    """The path of config/config.yaml: here, or else in the checkout that this package is installed from."""
    in_checkout = Path(__file__).parents[2] / DEFAULTS
    return Path(DEFAULTS) if Path(DEFAULTS).exists() or not in_checkout.exists() else in_checkout


def merge(*layers):
    """Merge ``layers`` (dict), later ones over earlier ones, section by section: dict."""
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
        Files that the values came from, later over earlier, for messages.

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
        raise InputError(_message(problems[0], sources) + more) from None


def load(files):
    """Read and check ``files`` (sequence of path), later ones over earlier ones.

    Returns
    -------
    Settings
        Frozen; ``model_dump`` gives a dict.

    Raises
    ------
    InputError
        As ``check``; also if a file cannot be read.
    """
    sources = [(str(path), read_yaml(path)) for path in files]
    return check(merge(*(values for _, values in sources)), sources)


def stage_settings(settings, stage):
    """What the results of a stage depend on: shared keys, the section of the stage, the numbers of the survey.

    Parameters
    ----------
    settings : Settings
    stage : str
        One of ``stage_names``.

    Returns
    -------
    dict
        For the report, the survey's name instead of its numbers.
    """
    values = settings.model_dump(mode="json")
    if stage.startswith(TRAIN):  # another number of members trains none of them again
        values["train"] = {
            name: learning.model_dump(mode="json") for name, learning in members_of(settings.train).items()
        }
    selected = {}
    for key in stage_keys(stage):
        value = values
        for part in key.split("."):
            value = value[part]
        selected[key.rpartition(".")[2]] = value
    if "survey" in selected and stage != "report":
        selected["survey"] = survey_of(settings.survey).numbers()
    if stage == "population":  # a kind with share 0 changes nothing
        shares = selected["population"]["non_lenses"]
        selected["population"]["non_lenses"] = {kind: share for kind, share in shares.items() if share}
    return selected


def read_stage(path, stage):
    """Read the settings of one stage.

    Parameters
    ----------
    path : path
        The stage's file in results/<run>/settings/, or a complete settings file.
    stage : str
        One of ``stage_names``.

    Returns
    -------
    dict
        As ``stage_settings``.

    Raises
    ------
    InputError
        With the key, the file, what is wrong and what to do.
    """
    values = read_yaml(path)
    if stage.startswith(TRAIN):
        _check_training(values, stage.removeprefix(TRAIN), path)
    if "run" in values and stage != "report":
        return stage_settings(check(values, [(str(path), values)]), stage)
    fields = {key.rpartition(".")[2]: (_annotation_at(key), ...) for key in stage_keys(stage)}
    if stage.startswith(TRAIN):
        fields[stage.removeprefix(TRAIN)] = (Learning, ...)
    if "survey" in fields and stage != "report":
        fields["survey"] = (Survey, ...)
    model = create_model(stage, __base__=Section, **fields)
    try:
        settings = model.model_validate(values)
        survey = getattr(settings, "survey", None)
        numbers = {"survey": survey.numbers()} if isinstance(survey, Survey) else {}
        return settings.model_dump(mode="json") | numbers
    except ValidationError as error:
        raise InputError(_message(error.errors()[0], [(str(path), values)])) from None


def _check_training(values, name, path):
    """InputError if a file has trainings, but not the one with this name."""
    trainings = _members_in(values.get("train")) if "run" in values else [key for key in values if key != "seed"]
    if isinstance(trainings, dict | list) and trainings and name not in trainings:
        names = [str(training) for training in trainings]
        choices = f"{nearest(name, names)}; choose from {', '.join(names)}"
        raise InputError(f"train: there is no training {name!r} in {path}{choices}")


def _members_in(trainings):
    """Names of all members in a section ``train`` that has not been checked; what it is instead of a section."""
    if not isinstance(trainings, dict):
        return trainings
    numbers = {name: values.get("members") if isinstance(values, dict) else None for name, values in trainings.items()}
    return [
        member
        for name, number in numbers.items()
        for member in member_names(name, number if isinstance(number, int) else 1)
    ]


def _message(problem, sources):
    keys = [str(key) for key in problem["loc"]]
    names = _fields_at(keys[:-1])
    if keys[:1] == ["train"] and problem["type"] == "missing":  # a misspelt name looks like a new, empty training
        names = [name for name in (sources[0][1].get("train") or {} if sources else {}) if name != keys[1]]
    return explain_problem(problem, sources, names)


def _annotation_at(key):
    annotation: Any = Settings
    for part in key.split("."):
        inner = _value_type(annotation)
        if inner:
            annotation = inner
            continue
        field = annotation.model_fields[part]
        annotation = field.annotation if _value_type(field.annotation) else field.rebuild_annotation()
    return annotation


def _value_type(annotation):
    """X for the type dict[str, X]; None for other types."""
    return get_args(annotation)[1] if get_origin(annotation) is dict else None


def _fields_at(keys):
    """Names of the settings in a section."""
    section: Any = Settings
    for key in keys:
        field = None if _value_type(section) else section.model_fields.get(key)
        section = _value_type(section) or (field.annotation if field else None)
        if _value_type(section):
            continue
        if not (isinstance(section, type) and issubclass(section, BaseModel)):
            return []
    return [] if _value_type(section) else list(section.model_fields)
