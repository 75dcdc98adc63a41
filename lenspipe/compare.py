"""The comparison of a grid: predictions of many trainings on one sky in, two tables out."""

import logging
from pathlib import Path

import numpy as np
import pandas as pd

from lenspipe import diagnostics, store
from lenspipe.grid import members_of

log = logging.getLogger("lenspipe")


def compare(run, tables_dir, networks, train_counts, seeds, radius_bins, confidence, seed):
    """Write grid.csv, a row for each metric of each training, and grid_spread.csv, their mean and spread over seeds.

    Parameters
    ----------
    run : path
        results/<run>, with catalog and grid/<member>/predictions.
    tables_dir : path
    networks : sequence of str
    train_counts, seeds : sequence of int
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
    for member in members_of(networks, train_counts, seeds):
        folders = (run / "catalog", run / "grid" / member.name / "predictions")
        objects = [diagnostics.join_objects(*folders, split) for split in ("val", "test")]
        rng = np.random.default_rng(seed)
        found = diagnostics.member_table(*objects, radius_bins, confidence, rng)
        said = {"network": member.network, "train_count": member.train_count, "seed": member.seed}
        parts.append(pd.DataFrame(said, index=found.index).join(found))
        log.info("%s: AUROC %.4f", member.name, found["value"].iloc[0])
    members = pd.concat(parts, ignore_index=True)
    tables = {"grid.csv": members, "grid_spread.csv": diagnostics.spread_table(members)}
    store.write_tables(tables.values(), [tables_dir / name for name in tables])
