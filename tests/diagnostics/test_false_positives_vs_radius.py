import numpy as np
import pytest

from lenspipe.diagnostics.false_positives_vs_radius import false_positives_vs_radius

EDGES = [0.5, 1.0, 1.5, 2.0, 3.0]


def made(objects, **change):
    arguments = {"thresholds": {"score 0.5": 0.5, "strict": 0.8}, "prevalence": 0.01, "edges": EDGES}
    arguments |= {"confidence": 0.683, "rng": np.random.default_rng(0)} | change
    return false_positives_vs_radius(objects, **arguments)


def test_all_three_forms_at_every_threshold(objects):
    table = made(objects)
    forms = {"false_positive_rate", "completeness", "contamination"}
    assert set(zip(table["form"], table["threshold_name"], strict=True)) == {
        (form, name) for form in forms for name in ("score 0.5", "strict")
    }
    assert set(table.loc[table["form"] == "false_positive_rate", "kind"]) == {"pooled", "ring", "star"}


def test_pooled_counts_are_the_kinds_added_up_and_the_shares_are_stated(objects):
    table = made(objects)
    rates = table[(table["form"] == "false_positive_rate") & (table["threshold_name"] == "score 0.5")]
    counts = rates.pivot(index="radius_low", columns="kind", values=["events", "trials"])
    for what in ("events", "trials"):
        assert (counts[what]["pooled"] == counts[what]["ring"] + counts[what]["star"]).all()
    shares = rates.groupby("kind")["share"].first()
    assert shares["ring"] + shares["star"] == pytest.approx(1) and shares["ring"] == pytest.approx(0.25, abs=0.03)


def test_rates_are_those_of_a_count_by_hand(objects):
    table = made(objects).query("form == 'false_positive_rate' and kind == 'ring' and threshold_name == 'strict'")
    rings = objects[(objects["kind"] == "ring") & objects["radius"].between(0.5, 1.0, inclusive="left")]
    assert table["rate"].iloc[0] == (rings["score"] > 0.8).mean()
    assert table["rate"].is_monotonic_decreasing  # as the objects were made


def test_completeness_goes_by_true_radius_and_contamination_by_predicted(objects):
    table = made(objects)
    lenses = objects[objects["is_lens"]]
    complete = table.query("form == 'completeness' and threshold_name == 'score 0.5'")
    assert complete["trials"].sum() == lenses["theta_E"].between(0.5, 3.0).sum()
    impure = table.query("form == 'contamination' and threshold_name == 'score 0.5'")
    chosen = objects[objects["score"] > 0.5]
    assert impure["trials"].sum() == chosen["theta_E_pred"].between(0.5, 3.0).sum()


def test_contamination_grows_as_lenses_get_rarer(objects):
    common, rare = (made(objects, prevalence=p).query("form == 'contamination' and events > 0") for p in (0.1, 0.001))
    assert len(common) >= 6 and (rare["rate"] > common["rate"]).all()


def test_without_predicted_radii_or_radii_of_non_lenses_the_other_forms_remain(objects):
    bare = objects.drop(columns="theta_E_pred")
    bare.loc[~bare["is_lens"], "radius"] = np.nan
    assert set(made(bare)["form"]) == {"completeness"}
