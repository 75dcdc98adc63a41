"""The survey of the settings: one of our own by name, or a user's by the path of a file with the same numbers."""

from pathlib import Path

from pydantic import ValidationError

from lenspipe.config.messages import explain_problem, nearest
from lenspipe.config.yamlfile import read_yaml
from lenspipe.errors import InputError
from lenspipe.surveys import SURVEYS, Band, Published, Survey

SUFFIXES = (".yaml", ".yml")
EXAMPLE = "lenspipe/surveys/des_y3.yaml"
PARTS = {"bands": Band, "published": Published}  # sections within a survey's file


def survey_of(said):
    """A survey by its name, by its file's path, or by its numbers.

    Parameters
    ----------
    said : str or dict

    Returns
    -------
    Survey

    Raises
    ------
    InputError
        If there is no survey of this name, or with key, file, what is wrong and what to do if the file is wrong.
    """
    if isinstance(said, dict):
        return Survey.model_validate(said)
    if said in SURVEYS:
        return read_survey(SURVEYS.paths[said])
    if Path(said).suffix not in SUFFIXES:
        raise InputError(
            f"survey: {said!r} is not known{nearest(said, SURVEYS)}; there are {', '.join(SURVEYS)}, or give the "
            "path of a file of your own, x.yaml"
        )
    return read_survey(said)


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
        raise InputError(f"name: a survey is called by its file's name; remove the line ({path})")
    try:
        return Survey.model_validate(values | {"name": Path(path).stem})
    except ValidationError as error:
        problems = error.errors()
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        section = PARTS.get(str(problems[0]["loc"][0])) if len(problems[0]["loc"]) > 1 else Survey
        names = list(section.model_fields) if section else []
        raise InputError(explain_problem(problems[0], [(str(path), values)], names, EXAMPLE) + more) from None
