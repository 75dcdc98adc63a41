"""The comparison of a grid: predictions of many trainings on one sky in, two tables out."""

import logging
from pathlib import Path

import numpy as np
import pandas as pd

from lenspipe import store
from lenspipe.diagnostics.grid import metrics_of_training, spread_over_seeds
from lenspipe.diagnostics.joining import join_objects
from lenspipe.methods import HEADLINE

log = logging.getLogger("lenspipe")


def compare(run, tables_dir, trainings, *, radius_bins, confidence, seed):
    """Write grid.csv, a row for each metric of each training, and grid_spread.csv, their mean and spread over seeds.

    Parameters
    ----------
    run : path
        results/<run>, with catalog and grid/<training>/predictions/network.
    tables_dir : path
    trainings : sequence of config.grid.GridRun
    radius_bins : sequence, arcsec
        Edges.
    confidence : float
        Of the intervals of one training.
    seed : int
        Of the bootstrap: every training's radii are resampled with the same numbers.

    Raises
    ------
    InputError
        If predictions are missing, or are not about the catalogue's objects.
    """
    run, tables_dir = Path(run), Path(tables_dir)
    parts = []
    for training in trainings:
        folders = run / "catalog", run / "grid" / training.name / "predictions" / HEADLINE
        val, test = (join_objects(*folders, split) for split in ("val", "test"))
        rng = np.random.default_rng(seed)
        table = metrics_of_training(val, test, edges=radius_bins, confidence=confidence, rng=rng)
        labels = {"network": training.network, "train_count": training.train_count, "seed": training.seed}
        parts.append(pd.DataFrame(labels, index=table.index).join(table))
        log.info("%s: AUROC %.4f", training.name, table["value"].iloc[0])
    metrics = pd.concat(parts, ignore_index=True)
    tables = {"grid.csv": metrics, "grid_spread.csv": spread_over_seeds(metrics)}
    store.write_tables(tables.values(), [tables_dir / name for name in tables])
