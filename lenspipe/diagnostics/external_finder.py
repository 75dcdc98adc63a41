"""Anybody's table of scores, checked before anything is computed from it."""

import numpy as np
import pandas as pd

from lenspipe import store
from lenspipe.errors import InputError

NEEDED = {"score": "numbers", "is_lens": "true or false", "theta_E": "arcsec, empty for non-lenses"}


def read_objects(path):
    """A foreign table, checked: ``is_lens`` bool, ``kind`` and ``radius`` filled in."""
    objects = store.read_table(path).copy()
    for name, meaning in NEEDED.items():
        if name not in objects:
            raise InputError(f"{path}: has no column {name!r} ({meaning}); add it")
    truth = objects["is_lens"].map(lambda v: {"true": True, "1": True, "false": False, "0": False}.get(_word(v)))
    if truth.isna().any():
        row = int(np.argmax(truth.isna()))
        raise InputError(f"{path}: is_lens is {objects['is_lens'].iloc[row]!r} in row {row + 1}; write true or false")
    objects["is_lens"] = truth.astype(bool)
    for name in ("score", "theta_E", "radius", "theta_E_pred", "theta_E_sigma", "arc_snr", "weight"):
        if name in objects:
            objects[name] = _numbers(objects[name], name, path)
    _refuse(objects["score"].isna(), path, "score is empty", "give every object a score")
    _refuse(objects["is_lens"] & ~(objects["theta_E"] > 0), path, "theta_E of a lens is not positive", "give arcsec")
    if "weight" in objects:
        _refuse(objects["weight"] < 0, path, "weight is negative", "give 0 or more")
    if "theta_E_pred" in objects:
        _refuse(
            objects["theta_E_pred"].isna(), path, "theta_E_pred is empty", "give every object one or drop the column"
        )
    for truth, meaning in ((True, "lens"), (False, "non-lens")):
        if not (objects["is_lens"] == truth).any():
            raise InputError(f"{path}: holds no {meaning}; rates need both")
    low, high = objects["score"].min(), objects["score"].max()
    if low < 0 or high > 1:
        raise InputError(f"{path}: score runs from {low:g} to {high:g}; scale it to 0 to 1")
    if "kind_pred" in objects and objects["kind_pred"].notna().any():
        _refuse(objects["kind_pred"].isna(), path, "kind_pred is empty", "give every object one or drop the column")
        objects["kind_pred"] = objects["kind_pred"].astype(str)
    if "kind" not in objects:
        objects["kind"] = np.where(objects["is_lens"], "lens", "non-lens")
    objects["kind"] = np.where(objects["is_lens"], "lens", objects["kind"].astype(str))
    if "radius" not in objects:
        objects["radius"] = np.nan
    objects["radius"] = objects["radius"].where(~objects["is_lens"], objects["theta_E"])
    return objects


def _word(value):
    return str(value).strip().lower().removesuffix(".0")


def _numbers(column, name, path):
    numbers = pd.to_numeric(column, errors="coerce").astype(float)
    wrong = column.notna() & ~np.isfinite(numbers)
    _refuse(wrong, path, f"{name} is no number", "write a number or leave it empty")
    return numbers


def _refuse(wrong, path, what, remedy):
    if wrong.any():
        raise InputError(f"{path}: {what} in row {int(np.argmax(wrong)) + 1} ({int(wrong.sum())} such rows); {remedy}")
