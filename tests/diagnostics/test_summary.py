import numpy as np
import pandas as pd
import pytest

from lenspipe import columns
from lenspipe.diagnostics.roc import roc_table
from lenspipe.diagnostics.scores_by_kind import score_table
from lenspipe.diagnostics.summary import finding_summary, measuring_summary, populations_of

THRESHOLDS = {"score 0.5": 0.5}


def summary_of(objects):
    populations = populations_of(objects)
    others = objects.loc[~objects["is_lens"], "score"].to_numpy()
    curves = pd.concat(roc_table(p["score"].to_numpy(), others, name, 0.683) for name, p in populations.items())
    rows = finding_summary(objects, populations, curves, THRESHOLDS, 0.01, 0.683)
    rows += measuring_summary(populations, 0.683, np.random.default_rng(0))
    return pd.DataFrame(rows, columns=[column.name for column in columns.SUMMARY])


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
    weighted = [said for what, said in table.index if what == "auroc" and "weighted likewise" in said]
    assert len(weighted) == 1 and table.loc[("auroc", weighted[0]), "low"] > 0.5
    objects["weight"] = np.where(objects.index < 20, 1e6, 1.0)  # ten lenses outweigh all others
    assert metric not in summary_of(objects).set_index(["metric", "population"]).index


def test_score_histograms_hold_every_object_once(objects):
    objects.loc[0, "score"], objects.loc[1, "score"] = 1.0, 0.0  # logits without end
    table = score_table(objects, THRESHOLDS, 0.683)
    counts = table[table["what"] == "bin"].groupby("kind")["events"].sum()
    assert counts.to_dict() == objects["kind"].value_counts().to_dict()
    above = table[table["what"] == "score 0.5"].set_index("kind")["rate"]
    assert above["star"] == (objects.loc[objects["kind"] == "star", "score"] > 0.5).mean()
