import numpy as np
import pytest

from lenspipe.diagnostics.false_positives_by_kind import false_positives_by_kind, kinds_summary
from lenspipe.stats.rates import binomial_interval, threshold_keeping


def halves(objects):
    """Validation and test."""
    return objects[objects.index % 4 < 2], objects[objects.index % 4 >= 2]


def of_network(val, test, completeness):
    return false_positives_by_kind({"network": (val, test)}, completeness=completeness, confidence=0.68)


def test_the_threshold_is_the_greatest_that_keeps_the_share():
    scores, weight = np.array([0.1, 0.4, 0.4, 0.8, 0.9]), np.array([1.0, 1.0, 1.0, 1.0, 6.0])
    for share in (0.3, 0.6, 0.65, 0.7, 0.9, 1.0):
        threshold = threshold_keeping(scores, weight, share)
        kept = weight[scores > threshold].sum() / 10
        assert kept >= share - 1e-9
        next_one = scores[scores > threshold].min()
        assert weight[scores > next_one].sum() / 10 < share


def test_rates_are_those_of_a_count_at_the_quantile_of_validation_s_lenses(objects):
    val, test = halves(objects)
    table = of_network(val, test, [0.5, 0.9])
    assert set(table["kind"]) == {"lens", "all non-lenses", "ring", "star"} and set(table["method"]) == {"network"}
    for row in table.itertuples():
        lenses = np.sort(val.loc[val["is_lens"], "score"])
        cut = lenses[len(lenses) - int(np.ceil(row.completeness * len(lenses)))]
        group = test[~test["is_lens"]] if row.kind == "all non-lenses" else test[test["kind"] == row.kind]
        assert (row.events, row.trials) == (pytest.approx((group["score"] >= cut).sum()), pytest.approx(len(group)))
        low, high = binomial_interval(row.events, row.trials, 0.68)
        assert (row.low, row.high) == pytest.approx((low[0], high[0]))


def test_under_the_survey_s_weights_lenses_are_kept_and_non_lenses_counted_by_weight(objects):
    objects["weight"] = objects["radius"] ** 2
    objects.loc[objects["kind"] == "star", "weight"] = np.nan  # no survey law
    table = of_network(objects, objects, [0.7]).query("prior == 'survey prior'").set_index("kind")
    lenses = objects[objects["is_lens"]]
    threshold = table["threshold"].iloc[0]
    assert table.loc["lens", "rate"] == pytest.approx(0.7, abs=2e-3)
    assert np.average(lenses["score"] > threshold, weights=lenses["weight"]) == pytest.approx(table.loc["lens", "rate"])
    rings, stars = (objects[objects["kind"] == kind] for kind in ("ring", "star"))
    assert table.loc["ring", "rate"] == pytest.approx(np.average(rings["score"] > threshold, weights=rings["weight"]))
    assert table.loc["star", "rate"] == pytest.approx((stars["score"] > threshold).mean())


def test_a_kind_that_few_effective_objects_carry_has_no_weighted_rate(objects):
    objects["weight"] = 1.0
    rings = objects.index[objects["kind"] == "ring"]
    objects.loc[rings[:50], "weight"] = 1e4
    table = of_network(objects, objects, [0.5])
    weighted = table[table["prior"] == "survey prior"]
    assert set(weighted["kind"]) == {"lens", "all non-lenses", "star"}
    assert set(table.loc[table["prior"] == "training prior", "kind"]) == {"lens", "all non-lenses", "ring", "star"}


def test_every_method_has_its_own_threshold_and_its_name_in_the_summary(objects):
    trees = objects.assign(score=objects["score"] ** 3)  # the same order
    methods = {"network": (objects, objects), "trees": (trees, trees)}
    table = false_positives_by_kind(methods, completeness=[0.5], confidence=0.68)
    network, trees = (table[table["method"] == method] for method in methods)
    assert trees["rate"].tolist() == network["rate"].tolist()
    assert trees["threshold"].iloc[0] == pytest.approx(network["threshold"].iloc[0] ** 3)
    rows = kinds_summary(table)
    expected = {(kind, method) for kind in ("all non-lenses", "ring", "star") for method in methods}
    assert {row[-2:] for row in rows} == expected
    assert all(row[0] == "false_positive_rate at completeness 0.5" and row[2] <= row[1] <= row[3] for row in rows)
