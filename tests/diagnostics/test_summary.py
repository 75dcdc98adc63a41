import numpy as np
import pytest

from lenspipe.diagnostics.roc import roc
from lenspipe.diagnostics.scores_by_kind import scores_by_kind
from lenspipe.diagnostics.summary import (
    finding_summary,
    measuring_summary,
    of_method,
    populations_of,
    summary_table,
)

THRESHOLDS = {"score 0.5": 0.5}


def summary_of(objects):
    populations = populations_of(objects)
    curves = roc(objects, populations, 0.683)
    rows = finding_summary(objects, populations, curves, thresholds=THRESHOLDS, prevalence=0.01, confidence=0.683)
    rows += measuring_summary(populations, confidence=0.683, rng=np.random.default_rng(0))
    return summary_table(of_method(rows, "network"))


def test_every_number_lies_in_its_interval_and_says_of_whom(objects):
    table = summary_of(objects)
    assert (table["low"] <= table["value"]).all() and (table["value"] <= table["high"]).all()
    assert (table["n"] > 0).all() and table["population"].str.len().min() > 3
    assert not table.duplicated(["metric", "population"]).any()


def test_discoverable_lenses_are_the_large_and_bright_ones(objects):
    named = populations_of(objects)
    assert len(named) == 2
    _, bright = named.values()
    assert (bright["theta_E"] > 0.8).all() and (bright["arc_snr"] > 20).all() and bright["is_lens"].all()
    assert list(populations_of(objects.drop(columns="arc_snr"))) == ["all lenses"]


def test_purity_is_bayes_rule_at_the_stated_prevalence(objects):
    table = summary_of(objects).set_index(["metric", "population"])
    tpr = (objects.loc[objects["is_lens"], "score"] > 0.5).mean()
    fpr = (objects.loc[~objects["is_lens"], "score"] > 0.5).mean()
    expected = 0.01 * tpr / (0.01 * tpr + 0.99 * fpr)
    assert table.loc[("purity at score 0.5", "prevalence 0.01"), "value"] == pytest.approx(expected)


def test_weighted_completeness_is_quoted_only_with_enough_effective_objects(objects):
    metric = ("completeness at score 0.5", "lenses weighted to the survey's (n: effective)")
    objects["weight"] = objects["radius"]  # of lenses theta_E
    table = summary_of(objects).set_index(["metric", "population"])
    lenses = objects[objects["is_lens"]]
    expected = np.average(lenses["score"] > 0.5, weights=lenses["weight"])
    assert table.loc[metric, "value"] == pytest.approx(expected)
    assert table.loc[metric, "n"] == int(lenses["weight"].sum() ** 2 / (lenses["weight"] ** 2).sum())
    error = lenses["theta_E_pred"] - lenses["theta_E"]
    expected = np.sqrt(np.average(error**2, weights=lenses["weight"]))
    assert table.loc[("theta_E rmse", metric[1]), "value"] == pytest.approx(expected)
    weighted = [p for metric, p in table.index if metric == "auroc" and "with the same weights" in p]
    assert len(weighted) == 1 and table.loc[("auroc", weighted[0]), "low"] > 0.5
    objects["weight"] = np.where(objects.index < 20, 1e6, 1.0)  # ten lenses outweigh all others
    assert metric not in summary_of(objects).set_index(["metric", "population"]).index


def test_score_histograms_hold_every_object_once(objects):
    objects.loc[0, "score"], objects.loc[1, "score"] = 1.0, 0.0  # logits without end
    table = scores_by_kind(objects, THRESHOLDS, 0.683)
    counts = table[table["what"] == "bin"].groupby("kind")["events"].sum()
    assert counts.to_dict() == objects["kind"].value_counts().to_dict()
    above = table[table["what"] == "score 0.5"].set_index("kind")["rate"]
    assert above["star"] == (objects.loc[objects["kind"] == "star", "score"] > 0.5).mean()
