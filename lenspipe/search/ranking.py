"""The list that a search ends with: scores, radii and the catalogue's columns, best first."""

from pathlib import Path

import numpy as np
import pandas as pd

from lenspipe import store
from lenspipe.columns import PREDICTIONS
from lenspipe.errors import InputError

FIRST = ["rank", "id", "name", "ra", "dec", "score", "kind_pred", "theta_E_pred", "theta_E_sigma", "missing"]
NEEDED = [column for column in PREDICTIONS if column.name in ("id", "score")]


def rank(predictions_path, catalog_path, top=None):
    """Candidates, best first.

    Parameters
    ----------
    predictions_path, catalog_path : path
        Tables with ``id``; the catalogue's is that of an ingested store, of a run, or any.
    top : int, optional
        How many to keep; all if not given.

    Returns
    -------
    DataFrame
        ``rank`` from 1, ``id``, score and radius, and every column of the catalogue but the text of its WCS. ``ra`` and
        ``dec`` are the catalogue's own, or else the cutouts' centres. Equal scores stand in the order of their ids.

    Raises
    ------
    InputError
        If a file cannot be read, an object is in one of them only, or a score is no number.
    """
    predictions, catalog = store.read_table(predictions_path), store.read_table(catalog_path)
    for path, frame, columns in ((predictions_path, predictions, NEEDED), (catalog_path, catalog, NEEDED[:1])):
        store.read_table(path, columns)
        if frame["id"].duplicated().any():
            raise InputError(f"{path}: holds id {frame['id'][frame['id'].duplicated()].iloc[0]} twice; make it again")
    if len(strange := np.setdiff1d(predictions["id"], catalog["id"])):
        raise InputError(
            f"{predictions_path}: id {strange[0]} and {len(strange) - 1} others are not in {catalog_path}; "
            "name the catalogue that belongs to it"
        )
    if not np.isfinite(predictions["score"]).all():
        raise InputError(f"{predictions_path}: has scores that are no numbers; predict again")
    known = catalog.drop(columns=[name for name in catalog if name in predictions and name != "id"])
    table = predictions.merge(known, on="id", validate="one_to_one")
    table = table.sort_values(["score", "id"], ascending=[False, True], ignore_index=True)[:top]
    table.insert(0, "rank", np.arange(1, len(table) + 1))
    return _in_order(table)


def _in_order(table):
    """What is read first stands first; what only files are made from is left out."""
    for axis in ("ra", "dec"):
        if axis not in table and f"cutout_{axis}" in table:
            table[axis] = table[f"cutout_{axis}"]
    unknown = [name for name in ("ra", "dec", "arc_snr") if name in table and table[name].isna().all()]
    table = table.drop(columns=["wcs", "cutout_ra", "cutout_dec", *unknown], errors="ignore")
    first = [name for name in FIRST if name in table]
    return table[first + [name for name in table if name not in first]]


def catalog_beside(path):
    """The catalogue that an ingested store has beside it; InputError if there is none."""
    beside = store.store_path(path).with_suffix(".catalog.parquet")
    if not beside.exists():
        raise InputError(f"{beside}: no catalogue beside the store; name one with --catalog")
    return Path(beside)


def read_candidates(path, top):
    """The first rows of a table of candidates; InputError if it has no ``id`` or ``rank``."""
    table = store.read_table(path)
    for name in ("rank", "id"):
        if name not in table or not pd.api.types.is_integer_dtype(table[name]):
            raise InputError(f"{path}: has no whole numbers in a column {name!r}; make it by `lenspipe candidates`")
    return table.sort_values("rank", ignore_index=True)[:top]
