"""The comparison of a grid, on the predictions of a run of our own."""

import grids
import numpy as np
import pandas as pd
import pytest

from lenspipe import store
from lenspipe.errors import InputError


@pytest.fixture
def grid(small_run, tmp_path):
    """A run whose members all predict what its own networks do, but for one that scores at random."""
    grids.write(small_run, tmp_path, ["cnn", "resnet"], [256], [1, 2])
    path = tmp_path / "grid" / "resnet-n256-seed2" / "predictions" / "network" / "test.parquet"
    table = store.read_table(path)
    store.write_table(table.assign(score=np.random.default_rng(0).random(len(table))), path)
    return tmp_path


def compared(run, networks=("cnn", "resnet"), seeds=(1, 2)):
    tables = grids.compared(run, networks, [256], seeds)
    return [pd.read_csv(tables / f"{name}.csv") for name in ("grid", "grid_spread")]


def test_the_same_predictions_have_the_summary_s_numbers_and_no_spread(grid, small_run):
    members, spread = compared(grid)
    summary = pd.read_csv(small_run / "tables" / "summary.csv")
    network = summary[(summary["population"] == "all lenses against all non-lenses") & (summary["method"] == "network")]
    known = network.set_index("metric")["value"]
    shown = members.query("network == 'cnn' and population == 'all lenses'").set_index(["metric", "seed"])["value"]
    for metric in ("auroc", "TPR at FPR 0.1", "TPR at FPR 0.01", "TPR at FPR 0.001"):
        assert shown[metric, 1] == shown[metric, 2] == pytest.approx(known[metric], abs=1e-6)
    assert (spread.loc[spread["network"] == "cnn", "sd"].dropna() == 0).all()


def test_a_member_that_guesses_shows_as_spread(grid):
    members, spread = compared(grid)
    rows = spread.query("network == 'resnet' and metric == 'auroc' and population == 'all lenses'")
    one, two = members.query("network == 'resnet' and metric == 'auroc' and population == 'all lenses'")["value"]
    assert two == pytest.approx(0.5, abs=0.1)
    assert rows["sd"].item() == pytest.approx(abs(one - two) / np.sqrt(2))


def test_one_seed_is_compared_without_a_spread(grid):
    members, spread = compared(grid, seeds=[1])
    assert set(members["seed"]) == {1} and spread["sd"].isna().all() and (spread["seeds"] == 1).all()


def test_a_member_without_predictions_is_named_and_no_table_is_touched(grid):
    compared(grid)
    before = (grid / "tables" / "grid.csv").read_bytes()
    with pytest.raises(InputError, match=r"cnn-n256-seed3/predictions/network/val\.parquet: no such file"):
        compared(grid, seeds=[1, 3])
    assert (grid / "tables" / "grid.csv").read_bytes() == before
