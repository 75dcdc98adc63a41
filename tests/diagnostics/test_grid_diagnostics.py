"""Metrics of a training against scikit-learn and counts by hand, their spread against closed forms."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from lenspipe.diagnostics.grid import metrics_of_training, spread_over_seeds

EDGES = [0.5, 1.0, 2.0, 3.0]
BRIGHT = 'discoverable (theta_E > 0.8", arc S/N > 20)'


def made(val, test, edges=EDGES):
    return metrics_of_training(val, test, edges=edges, confidence=0.683, rng=np.random.default_rng(0))


@pytest.fixture
def values(objects):
    return made(objects, objects).set_index(["metric", "population"])["value"]


def trainings(*values):
    """One metric, by seed."""
    labels = {"network": "cnn", "train_count": 100, "metric": "auroc", "population": "all lenses"}
    rows = pd.DataFrame({"seed": range(len(values)), "value": values}).assign(**labels)
    rows["low"], rows["high"] = rows["value"] - 0.25, rows["value"] + 0.5
    return rows.assign(radius_low=np.nan, radius_high=np.nan)


def test_the_area_and_the_scatter_are_those_of_the_objects_themselves(objects, values):
    lenses = objects[objects["is_lens"]]
    assert values["auroc", "all lenses"] == pytest.approx(roc_auc_score(objects["is_lens"], objects["score"]))
    error = lenses["theta_E_pred"] - lenses["theta_E"]
    assert values["theta_E rmse", "all lenses"] == pytest.approx(np.sqrt((error**2).mean()))
    assert values["theta_E bias", "all lenses"] == pytest.approx(error.median())
    assert values["theta_E sigma68", "all lenses"] == pytest.approx(0.2, rel=0.05)  # as the objects were made


def test_completeness_is_that_above_the_share_of_non_lenses(objects, values):
    bright = objects.query("is_lens and theta_E > 0.8 and arc_snr > 20")["score"]
    non_lenses = objects.loc[~objects["is_lens"], "score"].sort_values(ascending=False).to_numpy()
    for rate in (0.1, 0.01, 0.001):
        threshold = non_lenses[int(rate * len(non_lenses))]
        assert values[f"TPR at FPR {rate:g}", BRIGHT] == (bright > threshold).mean()


def test_false_positives_against_radius_are_counted_above_a_threshold_of_validation(objects):
    val = objects.assign(score=np.where(objects["is_lens"], 1.0, objects.index / 4000))
    non_lenses = objects[~objects["is_lens"]]
    threshold = val.loc[~val["is_lens"], "score"].nlargest(21).min()  # 20 of 2,000 lie above it
    table = made(val, objects).query("metric == 'false_positive_rate'")
    assert table["radius_low"].tolist() == EDGES[:-1] and table["radius_high"].tolist() == EDGES[1:]
    for row in table.itertuples():
        inside = non_lenses[non_lenses["radius"].between(row.radius_low, row.radius_high)]
        assert (row.value, row.n) == ((inside["score"] > threshold).mean(), len(inside))


def test_every_value_lies_in_its_interval(objects):
    table = made(objects, objects)
    assert len(table) == 2 * 7 + 3 and table["value"].notna().all()
    assert (table["low"] <= table["value"]).all() and (table["value"] <= table["high"]).all()


def test_the_spread_is_the_sample_standard_deviation_over_seeds():
    row = spread_over_seeds(trainings(1.0, 2.0, 6.0)).iloc[0]
    assert (row["seeds"], row["mean"]) == (3, 3.0)
    assert row["sd"] == pytest.approx(np.sqrt((4 + 1 + 9) / 2))
    assert (row["below"], row["above"]) == (0.25, 0.5)


def test_of_one_seed_no_spread_is_known():
    row = spread_over_seeds(trainings(0.9)).iloc[0]
    assert (row["seeds"], row["mean"]) == (1, 0.9) and np.isnan(row["sd"])


def test_the_spread_over_seeds_is_that_of_the_numbers_drawn():
    drawn = np.random.default_rng(3).normal(0.8, 0.05, (4000, 3))
    tables = pd.concat(trainings(*row).assign(train_count=k) for k, row in enumerate(drawn))
    assert np.sqrt((spread_over_seeds(tables)["sd"] ** 2).mean()) == pytest.approx(0.05, rel=0.03)


def test_networks_sizes_and_bins_of_radius_are_kept_apart(objects):
    rows = made(objects, objects)
    tables = [
        rows.assign(network=n, train_count=c, seed=s) for n in ("cnn", "resnet") for c in (10, 20) for s in (1, 2)
    ]
    spread = spread_over_seeds(pd.concat(tables))
    assert len(spread) == 4 * len(rows) and (spread["seeds"] == 2).all() and (spread["sd"] == 0).all()
    assert spread["mean"].tolist() == pytest.approx(4 * rows["value"].tolist())
