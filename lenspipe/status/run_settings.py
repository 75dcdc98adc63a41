"""Splits, trainings and baselines of a run, and what its figures need, from the settings in its folder."""

from pathlib import Path

from lenspipe.columns import splits_of_run
from lenspipe.figures import PREDICTED_KINDS, TWINS
from lenspipe.methods import BASELINES, HEADLINE, baselines_of, member_names, tells_kinds
from lenspipe.stages.registry import DEFAULT_TRAININGS
from lenspipe.store import read_json


def splits_of(run):
    """Splits of a run, from its settings; from its catalogues if the settings do not name them.

    Parameters
    ----------
    run : path
        results/<run>

    Returns
    -------
    sequence of str
    """
    try:
        twins = _settings(run, "population")["population"]["counts"].get("twins", 0)
    except (LookupError, TypeError, AttributeError):
        twins = (Path(run) / "catalog" / "twins.parquet").exists()
    return splits_of_run(twins)


def trainings_of(run):
    """Names of the networks of the run in the folder ``run`` (path), every member of a committee: tuple of str."""
    try:
        trainings = _settings(run, "report")["train"]
        names = [member for name, one in trainings.items() for member in member_names(name, one.get("members", 1))]
        return tuple(names) or DEFAULT_TRAININGS
    except (LookupError, TypeError, AttributeError):
        return DEFAULT_TRAININGS


def baselines_of_run(run):
    """Names of the baselines of the run in the folder ``run`` (path): tuple of str."""
    try:
        return baselines_of(_settings(run, "baselines")["bands"])
    except (LookupError, TypeError):
        return BASELINES


def available_of(run):
    """Optional data of the run in the folder ``run`` (path) that figures may need, as in ``figures``: list of str."""
    try:
        trainings = _settings(run, "report")["train"].values()
        predicts_kinds = any(tells_kinds(one["task"]) and one["method"] == HEADLINE for one in trainings)
    except (LookupError, TypeError, AttributeError):
        predicts_kinds = False
    return [TWINS] * (TWINS in splits_of(run)) + [PREDICTED_KINDS] * predicts_kinds


def _settings(run, stage):
    """Settings of a stage as read from JSON; None if they cannot be."""
    try:
        return read_json(Path(run) / "settings" / f"{stage}.json")
    except (OSError, ValueError):
        return None
