"""The explain stage: which objects are explained, and by what."""

import numpy as np
import pandas as pd
import pytest

from lenspipe import store
from lenspipe.diagnostics.joining import join_objects
from lenspipe.diagnostics.robustness import pick_changed
from lenspipe.diagnostics.thresholds import headline_thresholds
from lenspipe.plots.robustness import AXES
from lenspipe.stats.strictest import strictest_threshold


@pytest.fixture(scope="module")
def test_objects(small_run):
    """Catalogue and predictions of the test split."""
    catalog, predictions = (
        store.read_table(small_run / name / "test.parquet") for name in ("catalog", "predictions/network")
    )
    return catalog.merge(predictions, on="id")


@pytest.fixture(scope="module")
def explained(small_run):
    """Objects of the attribution figure."""
    with np.load(small_run / "tables" / "attribution.npz", allow_pickle=False) as arrays:
        return dict(arrays)


def test_images_as_they_are_are_found_as_often_as_predict_finds_them(small_run, test_objects, settings):
    table = pd.read_csv(small_run / "tables" / "robustness.csv")
    table = table[table["change"] == "as they are"].set_index("population")
    val = join_objects(small_run / "catalog", small_run / "predictions" / "network", "val")
    named = headline_thresholds(val, [0.1, 0.01])
    picked = pick_changed(test_objects, np.random.default_rng([settings["seed"], 1]))
    assert set(picked) == set(table.index)
    for population, objects in picked.items():
        row = table.loc[population]
        assert row["trials"] == len(objects)
        assert abs(row["events"] - (objects["score"] > named[row["threshold_name"]]).sum()) <= 1  # one at the threshold


def test_every_change_of_the_images_is_in_the_table(small_run):
    table = pd.read_csv(small_run / "tables" / "robustness.csv")
    assert set(table["change"]) == {"as they are", *AXES} and table["population"].nunique() == 2
    assert not table.duplicated(["population", "change", "label"]).any()
    assert table["rate"].between(table["low"], table["high"]).all()


def test_arcs_of_explained_objects_lie_where_the_store_s_noise_free_source_is_bright(small_run, explained, settings):
    from lenspipe.simulate.pipeline import simulate_objects
    from lenspipe.surveys import SURVEYS

    catalog = store.read_table(small_run / "catalog" / "test.parquet").set_index("id", drop=False)
    pixels = {"bands": settings["bands"], "num_pix": settings["num_pix"], "seed": settings["seed"]}
    for number, kind, arc in zip(explained["id"], explained["kind"], explained["arc"], strict=True):
        made = simulate_objects(catalog.loc[[number]], **pixels, survey=SURVEYS["des_y3"], keep_planes=True)
        if kind == "lens":
            light = made["source_light"][0].sum(axis=0)
            assert light[arc].mean() > 2 * light[~arc].mean()
    assert explained["arc"].any(axis=(1, 2)).all() and (explained["kind"] == "lens").any()


def test_attribution_s_summary_counts_objects_above_the_strictest_threshold(small_run, test_objects):
    shares = pd.read_csv(small_run / "tables" / "attribution.csv")
    threshold = shares["threshold"].iloc[0]
    rates = pd.read_csv(small_run / "tables" / "false_positives_vs_radius.csv")
    strictest = strictest_threshold(rates["threshold_name"].unique())
    assert shares["threshold_name"].unique().tolist() == [strictest]
    assert threshold == pytest.approx(rates.loc[rates["threshold_name"] == strictest, "threshold"].iloc[0])
    found = (test_objects["is_lens"] & (test_objects["score"] > threshold)).sum()
    assert shares.loc[shares["population"] == "true positives", "n"].unique().tolist() == [min(found, 100)]
    summary = pd.read_csv(small_run / "tables" / "summary.csv")
    assert "true positives at FPR 0.01 on validation" in set(summary["population"])
