"""Tables of several methods about the same objects."""

import numpy as np
import pandas as pd
import pytest

from lenspipe.diagnostics.tables import method_tables

SETTINGS = {
    "rates": [0.1],
    "completeness": [0.5],
    "prevalence": 0.01,
    "edges": [0.5, 1.0, 2.0, 3.0],
    "confidence": 0.68,
    "seed": 1,
}
ANSWERS = ["score", "theta_E_pred", "theta_E_sigma"]


@pytest.fixture
def truth(objects):
    return {
        split: objects[objects.index % 4 // 2 == k].drop(columns=ANSWERS) for k, split in enumerate(("val", "test"))
    }


@pytest.fixture
def methods(objects):
    """The headline, and one that scores in the same order but measures nothing."""
    halves = {split: objects.loc[objects.index % 4 // 2 == k, ANSWERS] for k, split in enumerate(("val", "test"))}
    return {"network": halves, "same": {split: half[["score"]] ** 3 for split, half in halves.items()}}


def test_a_method_that_is_added_changes_nothing_of_the_others(truth, methods):
    both = method_tables(truth, methods, **SETTINGS)
    alone = method_tables(truth, {"network": methods["network"]}, **SETTINGS)
    for name, table in alone.items():
        of_network = both[name]
        if "method" in table:
            of_network = of_network[of_network["method"] == "network"]
        pd.testing.assert_frame_equal(of_network.reset_index(drop=True), table.reset_index(drop=True))


def test_thresholds_of_each_method_are_set_on_its_own_scores_of_validation(truth, methods):
    summary = method_tables(truth, methods, **SETTINGS)["summary.csv"]
    assert not summary.duplicated(["metric", "population", "method"]).any()
    rows = summary[summary["metric"] == "completeness at FPR 0.1 on validation"].set_index(["population", "method"])
    scores, is_lens = methods["same"]["test"]["score"], truth["test"]["is_lens"]
    val = methods["same"]["val"]["score"][~truth["val"]["is_lens"]]
    threshold = np.sort(val)[::-1][len(val) // 10]
    assert rows.loc[("all lenses", "same"), "value"] == (scores[is_lens] > threshold).mean()
    gain = summary[summary["metric"] == "gain in auroc"].set_index(["population", "method"])["value"]
    assert gain["all lenses against all non-lenses", "same"] == 0


def test_without_validation_a_method_lacks_what_needs_its_thresholds_and_nothing_else(truth, methods):
    del methods["same"]["val"]
    tables = method_tables(truth, methods, **SETTINGS)
    metrics = set(tables["summary.csv"].query("method == 'same'")["metric"])
    assert {"auroc", "TPR at FPR 0.1", "gain in auroc"} <= metrics
    assert not any("validation" in metric or "at completeness" in metric for metric in metrics)
    assert set(tables["false_positives_by_kind.csv"]["method"]) == {"network"}
    assert set(tables["roc.csv"]["method"]) == {"network", "same"}


def test_a_method_without_scores_is_compared_by_its_radii(truth, methods):
    methods["ruler"] = {split: table[["theta_E_pred"]] for split, table in methods["network"].items()}
    tables = method_tables(truth, methods, **SETTINGS)
    assert set(tables["einstein_radius.csv"]["method"]) == {"network", "ruler"}
    assert "ruler" not in set(tables["roc.csv"]["method"])
    gains = tables["summary.csv"].query("method == 'ruler' and metric == 'gain in theta_E rmse'")
    assert len(gains) and (gains["value"] == 0).all()
