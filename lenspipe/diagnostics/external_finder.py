"""Anybody's table of scores, checked before anything is computed from it."""

import numpy as np
import pandas as pd

from lenspipe import store
from lenspipe.errors import InputError

NEEDED = {"score": "numbers", "is_lens": "true or false", "theta_E": "arcsec, empty for non-lenses"}
ANSWERS = ("score", "theta_E_pred", "theta_E_sigma")
SMALLEST = 0.01  # arcsec, below which no lens of a galaxy lies
TRUTH_VALUES = {"true": True, "1": True, "false": False, "0": False}


def read_objects(path):
    """A table that holds truth and answers, checked.

    Parameters
    ----------
    path : path
        Any table that ``store.read_user_table`` reads.

    Returns
    -------
    DataFrame
        ``is_lens`` bool; ``kind`` and ``radius`` filled in.

    Raises
    ------
    InputError
        With file, place, what is wrong and what to do.
    """
    objects, _ = store.read_user_table(path)
    for name, meaning in NEEDED.items():
        if name not in objects:
            raise InputError(f"{path}: has no column {name!r} ({meaning}); add it")
    truth = objects["is_lens"].map(lambda value: TRUTH_VALUES.get(_word(value)))
    if truth.isna().any():
        row = int(np.argmax(truth.isna()))
        raise InputError(f"{path}: is_lens is {objects['is_lens'].iloc[row]!r} in row {row + 1}; write true or false")
    objects["is_lens"] = truth.astype(bool)
    for name in (*ANSWERS, "theta_E", "radius", "arc_snr", "weight"):
        if name in objects:
            objects[name] = _numbers(objects[name], name, path)
    _check_score(objects, path)
    _refuse(objects["is_lens"] & ~(objects["theta_E"] > 0), path, "theta_E of a lens is not positive", "give arcsec")
    if (largest := objects["theta_E"].max()) < SMALLEST:
        raise InputError(
            f"{path}: theta_E of the lenses is at most {largest:.3g}, as in radians or degrees; give arcsec"
        )
    if "weight" in objects:
        _refuse(objects["weight"] < 0, path, "weight is negative", "give 0 or more")
    if "theta_E_pred" in objects:
        _refuse(
            objects["theta_E_pred"].isna(), path, "theta_E_pred is empty", "give every object one or drop the column"
        )
    if "kind_pred" in objects and objects["kind_pred"].notna().any():
        _refuse(objects["kind_pred"].isna(), path, "kind_pred is empty", "give every object one or drop the column")
        objects["kind_pred"] = objects["kind_pred"].astype(str)
    return _completed(objects)


def read_added(path, truth):
    """A finder's table about the objects of a run, checked.

    Parameters
    ----------
    path : path
        Any table that ``store.read_user_table`` reads: ``id``, ``score``; ``theta_E_pred`` and ``theta_E_sigma``,
        arcsec, if it has them.
    truth : dict of str to DataFrame
        By split, ``val`` and ``test``: ``id``, ``is_lens``.

    Returns
    -------
    dict of str to DataFrame
        By split: ``ANSWERS``, rows as in the truth. Without ``val`` if the table holds none of its objects.

    Raises
    ------
    InputError
        If ids are unknown, missing or twice there, or an answer makes no sense.
    """
    table, _ = store.read_user_table(path)
    for name in ("id", "score"):
        if name not in table:
            raise InputError(f"{path}: has no column {name!r}; add it")
    numbers = {name: _numbers(table[name], name, path) for name in ANSWERS if name in table}
    table = pd.DataFrame({"id": store.whole_ids(table["id"], f"{path}: column 'id'"), **numbers})
    ids = {split: set(objects["id"]) for split, objects in truth.items()}
    _refuse(table["id"].duplicated(), path, "an id stands there before", "give every object one row")
    _refuse(~table["id"].isin(set.union(*ids.values())), path, "the id is not of this run's val or test", "remove it")
    _check_score(table, path)
    table = table.set_index("id")
    answers = {}
    for split, objects in truth.items():
        missing = ~objects["id"].isin(table.index)
        if split == "val" and missing.all():
            continue
        if missing.any():
            number = objects["id"][missing].iloc[0]
            raise InputError(f"{path}: {missing.sum()} objects of {split} are missing, the first is {number}; add them")
        answers[split] = table.loc[objects["id"]].set_index(objects.index)
        if "theta_E_pred" in table and (empty := objects["is_lens"] & answers[split]["theta_E_pred"].isna()).any():
            number = objects["id"][empty].iloc[0]
            raise InputError(f"{path}: theta_E_pred of lens {number} is empty; give every lens one or drop the column")
    return answers


def _completed(objects):
    """With the columns ``kind`` and ``radius``."""
    if "kind" not in objects:
        objects["kind"] = np.where(objects["is_lens"], "lens", "non-lens")
    objects["kind"] = np.where(objects["is_lens"], "lens", objects["kind"].astype(str))
    if "radius" not in objects:
        objects["radius"] = np.nan
    objects["radius"] = objects["radius"].where(~objects["is_lens"], objects["theta_E"])
    return objects


def _check_score(table, path):
    _refuse(table["score"].isna(), path, "score is empty", "give every object a score")
    low, high = table["score"].min(), table["score"].max()
    if low < 0 or high > 1:
        raise InputError(f"{path}: score runs from {low:g} to {high:g}; scale it to 0 to 1")


def _word(value):
    return str(value).strip().lower().removesuffix(".0")


def _numbers(column, name, path):
    numbers = pd.to_numeric(column, errors="coerce").astype(float)
    wrong = column.notna() & ~np.isfinite(numbers)
    _refuse(wrong, path, f"{name} is no number", "write a number or leave it empty")
    return numbers


def _refuse(wrong, path, fault, remedy):
    if wrong.any():
        raise InputError(f"{path}: {fault} in row {int(np.argmax(wrong)) + 1} ({int(wrong.sum())} such rows); {remedy}")
