"""The ranked list of candidates: scores, radii and the catalogue's columns, best first."""

from pathlib import Path

import numpy as np
import pandas as pd

from lenspipe import store
from lenspipe.columns import PREDICTIONS
from lenspipe.errors import InputError

FIRST = ["rank", "id", "name", "ra", "dec", "score", "kind_pred", "theta_E_pred", "theta_E_sigma", "missing"]
REQUIRED = [column for column in PREDICTIONS if column.name in ("id", "score")]


def rank(predictions_path, catalog_path, top=None):
    """Rank candidates by their score, best first.

    Parameters
    ----------
    predictions_path, catalog_path : path
        Tables with a column ``id``: predictions, and the catalogue of an ingested store, of a run, or any other.
    top : int, optional
        Number of candidates to keep; all if not given.

    Returns
    -------
    DataFrame
        ``rank`` from 1, ``id``, ``score``, ``theta_E_pred`` (arcsec) and every column of the catalogue except ``wcs``.
        ``ra`` and ``dec`` (deg) are the catalogue's, or else the cutouts' centres. Equal scores are sorted by id.

    Raises
    ------
    InputError
        If a file cannot be read, a scored object is not in the catalogue, or a score is not a number.
    """
    predictions, catalog = store.read_table(predictions_path), store.read_table(catalog_path)
    for path, frame, columns in ((predictions_path, predictions, REQUIRED), (catalog_path, catalog, REQUIRED[:1])):
        store.read_table(path, columns)
        if frame["id"].duplicated().any():
            raise InputError(
                f"{path}: holds id {frame['id'][frame['id'].duplicated()].iloc[0]} twice; recreate the table"
            )
    if len(unknown := np.setdiff1d(predictions["id"], catalog["id"])):
        raise InputError(
            f"{predictions_path}: id {unknown[0]} and {len(unknown) - 1} others are not in {catalog_path}; "
            "give the catalogue of these objects"
        )
    if not np.isfinite(predictions["score"]).all():
        raise InputError(f"{predictions_path}: has scores that are not numbers; rerun predict")
    columns = catalog.drop(columns=[name for name in catalog if name in predictions and name != "id"])
    table = predictions.merge(columns, on="id", validate="one_to_one")
    table = table.sort_values(["score", "id"], ascending=[False, True], ignore_index=True)[:top]
    table.insert(0, "rank", np.arange(1, len(table) + 1))
    return _in_order(table)


def _in_order(table):
    """Put the most useful columns first, and drop those that are only for writing files."""
    for axis in ("ra", "dec"):
        if axis not in table and f"cutout_{axis}" in table:
            table[axis] = table[f"cutout_{axis}"]
    empty = [name for name in ("ra", "dec", "arc_snr") if name in table and table[name].isna().all()]
    table = table.drop(columns=["wcs", "cutout_ra", "cutout_dec", *empty], errors="ignore")
    first = [name for name in FIRST if name in table]
    return table[first + [name for name in table if name not in first]]


def ingested_catalog_path(path):
    """Path of the catalogue that `lenspipe ingest` wrote for the store ``path``; InputError if there is none."""
    catalog = store.store_path(path).with_suffix(".catalog.parquet")
    if not catalog.exists():
        raise InputError(f"{catalog}: the store has no catalogue; give one with --catalog")
    return Path(catalog)


def read_candidates(path, top):
    """DataFrame of the ``top`` (int) best candidates of the table ``path``; InputError without ``id`` or ``rank``."""
    table = store.read_table(path)
    for name in ("rank", "id"):
        if name not in table or not pd.api.types.is_integer_dtype(table[name]):
            raise InputError(
                f"{path}: has no column {name!r} of whole numbers; write the table with `lenspipe candidates`"
            )
    return table.sort_values("rank", ignore_index=True)[:top]
