"""The explain stage: which objects are explained, and by what."""

import numpy as np
import pandas as pd
import pytest

from lenspipe import store
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


def test_scores_of_explained_objects_are_those_of_predict(small_run, test_objects):
    from lenspipe.explain import integrated_gradients
    from lenspipe.learning import checkpoint

    images = store.open_images(small_run / "images" / "test.zarr")["image"][:32].to_numpy()
    found = integrated_gradients.scores(checkpoint.load(small_run / "models" / "classifier"), images)
    np.testing.assert_allclose(found, test_objects["score"][:32], rtol=1e-4)


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
