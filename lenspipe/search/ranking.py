"""The ranked list of candidates: scores, radii and the catalogue's columns, best first."""

from pathlib import Path

import numpy as np
import pandas as pd

from lenspipe import store
from lenspipe.columns import PREDICTIONS
from lenspipe.errors import InputError

RESERVED = {"rank", *(column.name for column in PREDICTIONS)}
FIRST = ["rank", "id", "name", "ra", "dec", "score", "kind_pred", "theta_E_pred", "theta_E_sigma", "missing"]


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
        ``rank`` from 1, ``id``, ``score``, ``theta_E_pred`` (arcsec) and every column of the catalogue except ``wcs``;
        those that have our names, or are in both tables, are called ``<name>_catalog``.
        ``ra`` and ``dec`` (deg) are the catalogue's, or else the cutouts' centres. Equal scores are sorted by id.
    notes : list of str
        Which columns were renamed or left out.

    Raises
    ------
    InputError
        If a file cannot be read, a scored object is not in the catalogue, or a score is not a number.
    """
    predictions, catalog = _read(predictions_path, ("id", "score")), _read(catalog_path, ("id",))
    if len(unknown := np.setdiff1d(predictions["id"], catalog["id"])):
        raise InputError(
            f"{predictions_path}: id {unknown[0]} and {len(unknown) - 1} others are not in {catalog_path}; "
            "give the catalogue of these objects"
        )
    scores = pd.to_numeric(predictions["score"], errors="coerce").astype(float)
    if not np.isfinite(scores).all():
        raise InputError(f"{predictions_path}: has scores that are not numbers; rerun predict")
    predictions["score"] = scores
    columns, notes = store.carry_columns(catalog, RESERVED.union(predictions.columns) - {"id"}, catalog_path)
    table = predictions.merge(columns, on="id", validate="one_to_one")
    table = table.sort_values(["score", "id"], ascending=[False, True], ignore_index=True)[:top]
    table.insert(0, "rank", np.arange(1, len(table) + 1))
    return _in_order(table), notes


def _read(path, needed):
    """The table at ``path`` with exact and distinct ids; InputError without one of the columns ``needed``."""
    table, _ = store.read_user_table(path)
    for name in needed:
        if name not in table:
            raise InputError(f"{path}: has no column {name!r}, only {', '.join(table.columns[:8])}; add it")
    table["id"] = store.whole_ids(table["id"], f"{path}: column 'id'")
    store.check_distinct(table["id"], path)
    return table


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
    table, _ = store.read_user_table(path)
    for name in ("rank", "id"):
        if name not in table:
            raise InputError(f"{path}: has no column {name!r}; write the table with `lenspipe candidates`")
        remedy = "write the table with `lenspipe candidates`"
        table[name] = store.whole_ids(table[name], f"{path}: column {name!r}", remedy)
    return table.sort_values("rank", ignore_index=True)[:top]
