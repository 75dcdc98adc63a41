"""Grids for tests: members that all predict what a small run's own networks do."""

import shutil

from lenspipe.config.grid import grid_runs
from lenspipe.stages.compare import compare

SETTINGS = {"radius_bins": [0.3, 1.0, 2.0, 3.0], "confidence": 0.68, "seed": 1}


def write(small_run, run, networks, train_counts, seeds):
    """Catalogue and predictions of a grid."""
    shutil.copytree(small_run / "catalog", run / "catalog")
    for grid_run in grid_runs(networks, train_counts, seeds):
        predictions = run / "grid" / grid_run.name / "predictions"
        shutil.copytree(small_run / "predictions" / "network", predictions / "network")


def compared(run, networks, train_counts, seeds):
    """The folder of its tables."""
    compare(run, run / "tables", grid_runs(networks, train_counts, seeds), **SETTINGS)
    return run / "tables"
