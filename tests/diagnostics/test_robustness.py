import numpy as np
import pandas as pd
import pytest

from lenspipe.diagnostics.robustness import pick_changed, robustness_table, usable_threshold
from lenspipe.stats.rates import binomial_interval


def objects(lenses, non_lenses, arc_snr=50.0):
    n = lenses + non_lenses
    is_lens = np.arange(n) < lenses
    score = np.linspace(0, 1, n, endpoint=False)
    return pd.DataFrame({"is_lens": is_lens, "theta_E": 1.5, "arc_snr": arc_snr, "score": score})


@pytest.mark.parametrize(
    ("lenses", "non_lenses", "changed"),
    [
        (6000, 24_000, [400, 600]),
        (60_000, 1_000_000, [400, 600]),
        (3000, 12_000, [200, 300]),
        (500, 500, [50, 50]),
        (20, 30, [20, 30]),
    ],
)
def test_as_many_are_picked_for_each_test_object_as_in_the_default_experiment(lenses, non_lenses, changed):
    picked = pick_changed(objects(lenses, non_lenses), np.random.default_rng(1))
    assert [len(rows) for rows in picked.values()] == changed
    first, second = picked.values()
    assert first["is_lens"].all() and not second["is_lens"].any()
    assert all(rows.index.is_monotonic_increasing and rows.index.is_unique for rows in picked.values())


def test_where_no_lens_is_discoverable_all_are_taken_and_a_class_may_lack():
    assert list(pick_changed(objects(30, 0, arc_snr=3.0), np.random.default_rng(1))) == ["all lenses"]


def test_the_threshold_is_the_strictest_that_enough_non_lenses_pass():
    named = {"score 0.5": 0.5, "FPR 0.1 on validation": 0.9, "FPR 0.001 on validation": 0.999}
    assert usable_threshold(objects(0, 5000), named) == "FPR 0.1 on validation"
    assert usable_threshold(objects(0, 5), named) == "FPR 0.001 on validation"


def test_rates_are_counted_with_their_intervals():
    scores = [({"change": "as they are"}, np.array([0.1, 0.6, 0.7, 0.9])), ({"change": "shift"}, np.array([0.1, 0.2]))]
    table = robustness_table(scores, 0.6, confidence=0.9)
    assert table["events"].tolist() == [2, 0] and table["trials"].tolist() == [4, 2]
    assert table["rate"].tolist() == [0.5, 0.0]
    np.testing.assert_allclose(table[["low", "high"]].to_numpy().T, binomial_interval([2, 0], [4, 2], 0.9))
