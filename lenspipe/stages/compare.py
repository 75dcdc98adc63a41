"""The comparison of a grid: predictions of many trainings on one sky in, two tables out."""

import logging
from pathlib import Path

import numpy as np
import pandas as pd

from lenspipe import store
from lenspipe.diagnostics.grid import member_table, spread_table
from lenspipe.diagnostics.joining import join_objects

log = logging.getLogger("lenspipe")


def compare(run, tables_dir, members, radius_bins, confidence, seed):
    """Write grid.csv, a row for each metric of each training, and grid_spread.csv, their mean and spread over seeds.

    Parameters
    ----------
    run : path
        results/<run>, with catalog and grid/<member>/predictions.
    tables_dir : path
    members : sequence of config.grid.Member
        The trainings.
    radius_bins : sequence, arcsec
    confidence : float
        Of the intervals of one training.
    seed : int
        Of the bootstrap: every training's radii are drawn again with the same numbers.

    Raises
    ------
    InputError
        If predictions are missing, or are not about the catalogue's objects.
    """
    run, tables_dir = Path(run), Path(tables_dir)
    parts = []
    for member in members:
        folders = (run / "catalog", run / "grid" / member.name / "predictions")
        objects = [join_objects(*folders, split) for split in ("val", "test")]
        rng = np.random.default_rng(seed)
        found = member_table(*objects, radius_bins, confidence, rng)
        said = {"network": member.network, "train_count": member.train_count, "seed": member.seed}
        parts.append(pd.DataFrame(said, index=found.index).join(found))
        log.info("%s: AUROC %.4f", member.name, found["value"].iloc[0])
    metrics = pd.concat(parts, ignore_index=True)
    tables = {"grid.csv": metrics, "grid_spread.csv": spread_table(metrics)}
    store.write_tables(tables.values(), [tables_dir / name for name in tables])
