import numpy as np
import pytest
from sklearn.metrics import precision_score, recall_score

from lenspipe.diagnostics.purity_vs_completeness import purity, purity_vs_completeness
from lenspipe.stats.rates import binomial_interval


@pytest.mark.parametrize("prior", ["training prior", "survey prior"])
def test_purity_and_completeness_are_scikit_learn_s_with_the_classes_weighted_to_the_prevalence(objects, prior):
    objects["weight"] = objects["radius"]
    table = purity_vs_completeness(objects, 0.68).query("prior == @prior")
    weight = np.ones(len(objects))
    if prior == "survey prior":
        weight = (objects["weight"] / objects.groupby("kind")["weight"].transform("mean")).to_numpy()
    is_lens = objects["is_lens"].to_numpy()
    for row in table.iloc[::37].itertuples():
        share = np.where(is_lens, row.prevalence / weight[is_lens].sum(), (1 - row.prevalence) / weight[~is_lens].sum())
        arguments = {"y_true": is_lens, "y_pred": objects["score"] > row.threshold, "sample_weight": weight * share}
        assert row.purity == pytest.approx(precision_score(**arguments))
        assert row.completeness == pytest.approx(recall_score(**arguments))


def test_the_interval_is_that_of_the_false_positive_rate(objects):
    table = purity_vs_completeness(objects, 0.68).query("prevalence == 1e-3")
    row = table.iloc[(table["false_positives"] - 40).abs().argmin()]
    low, high = binomial_interval(int(row["false_positives"]), 2000, 0.68)
    assert row["high"] == pytest.approx(purity(1e-3, row["completeness"], low[0]))
    assert row["low"] == pytest.approx(purity(1e-3, row["completeness"], high[0]))


def test_where_no_false_positive_is_left_purity_is_known_from_below_only(objects):
    objects.loc[objects["is_lens"].idxmax(), "score"] = 0.999999
    none = purity_vs_completeness(objects, 0.68).query("false_positives == 0")
    assert len(none) and (none["purity"] == 1).all() and (none["high"] == 1).all() and (none["low"] < 0.9).all()


def test_curves_end_where_all_is_selected_at_the_prevalence(objects):
    table = purity_vs_completeness(objects, 0.68)
    for prevalence, rows in table.groupby("prevalence"):
        last = rows.loc[rows["threshold"].idxmin()]
        assert last["completeness"] == 1 and last["purity"] == pytest.approx(prevalence)


def test_without_enough_effective_objects_there_is_no_survey_prior(objects):
    objects["weight"] = np.where(objects.index < 30, 1e9, 1.0)
    assert set(purity_vs_completeness(objects, 0.68)["prior"]) == {"training prior"}
