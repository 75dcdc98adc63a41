"""The survey of the settings: one of ``lenspipe.surveys`` by name, or a user's by the path of its file."""

from pathlib import Path

from pydantic import ValidationError

from lenspipe.config.messages import explain_problem, nearest
from lenspipe.config.yamlfile import read_yaml
from lenspipe.errors import InputError
from lenspipe.surveys import SURVEYS, Band, Published, Survey

SUFFIXES = (".yaml", ".yml")
EXAMPLE = "lenspipe/surveys/des_y3.yaml"
PARTS = {"bands": Band, "published": Published}  # sections of a survey's file


def survey_of(survey):
    """Find a survey by its name, by the path of its file, or from its numbers.

    Parameters
    ----------
    survey : str or dict

    Returns
    -------
    Survey

    Raises
    ------
    InputError
        If no survey has this name, or if the file is wrong: with key, file, what is wrong and what to do.
    """
    if isinstance(survey, dict):
        return Survey.model_validate(survey)
    if survey in SURVEYS:
        return read_survey(SURVEYS.paths[survey])
    if Path(survey).suffix not in SUFFIXES:
        raise InputError(
            f"survey: {survey!r} is unknown{nearest(survey, SURVEYS)}; choose from {', '.join(SURVEYS)}, or give the "
            "path of your survey's file, x.yaml"
        )
    return read_survey(survey)


def read_survey(path):
    """Read a survey from its file; the file's name is the survey's.

    Parameters
    ----------
    path : path

    Returns
    -------
    Survey

    Raises
    ------
    InputError
        With the key, the file, what is wrong and what to do.
    """
    values = read_yaml(path)
    if "name" in values:
        raise InputError(f"name: the file's name is the survey's name; remove this line ({path})")
    try:
        return Survey.model_validate(values | {"name": Path(path).stem})
    except ValidationError as error:
        problems = error.errors()
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        section = PARTS.get(str(problems[0]["loc"][0])) if len(problems[0]["loc"]) > 1 else Survey
        names = list(section.model_fields) if section else []
        raise InputError(explain_problem(problems[0], [(str(path), values)], names, EXAMPLE) + more) from None
