import numpy as np
import pytest
from scipy.integrate import trapezoid
from sklearn.metrics import roc_auc_score

from lenspipe.diagnostics.roc import auroc, roc_table, weighted_auroc


@pytest.fixture
def scores():
    rng = np.random.default_rng(5)
    return rng.normal(1, 1, 300).round(1), rng.normal(0, 1, 900).round(1)  # with ties


def test_the_area_is_scikit_learn_s(scores):
    lenses, others = scores
    expected = roc_auc_score(np.repeat([1, 0], [len(lenses), len(others)]), np.concatenate(scores))
    assert auroc(lenses, others, 0.683)[0] == pytest.approx(expected, rel=1e-12)


def test_delong_s_interval_is_as_wide_as_a_bootstrap_s(scores):
    lenses, others = scores
    rng = np.random.default_rng(0)
    resampled = [auroc(rng.choice(lenses, len(lenses)), rng.choice(others, len(others)), 0.683)[0] for _ in range(600)]
    value, low, high = auroc(lenses, others, 0.6827)
    assert (high - low) / 2 == pytest.approx(np.std(resampled), rel=0.12)
    assert low < value < high


def test_a_perfect_finder_has_area_one():
    assert auroc([0.9, 0.8], [0.1, 0.2, 0.3], 0.683) == (1.0, 1.0, 1.0)


def test_quoted_points_are_those_of_a_loop_over_thresholds():
    rng = np.random.default_rng(6)
    lenses, others = rng.normal(1.5, 1, 500), rng.normal(0, 1, 20_000)
    table = roc_table(lenses, others, "all", 0.683).set_index("what")
    ordered = np.sort(others)[::-1]
    for name, allowed in {"TPR at FPR 0.1": 2000, "TPR at FPR 0.01": 200, "TPR at FPR 0.001": 20}.items():
        assert table.loc[name, "false_positives"] == allowed
        assert table.loc[name, "completeness"] == np.mean(lenses > ordered[allowed])
    assert table.loc["TPR0", "false_positives"] == 0
    assert table.loc["TPR10", "false_positives"] == 9
    assert table.loc["TPR0", "completeness"] == np.mean(lenses > others.max())
    assert (table["lenses"] == 500).all() and (table["non_lenses"] == 20_000).all()


def test_a_curve_never_falls_and_its_area_is_the_auroc():
    rng = np.random.default_rng(7)
    lenses, others = rng.normal(1, 1, 3000), rng.normal(0, 1, 390)
    table = roc_table(lenses, others, "all", 0.683)
    curve = table[table["what"] == "curve"].sort_values("false_positive_rate")
    assert curve["completeness"].is_monotonic_increasing
    # A point for (nearly) each possible number of false positives: the trapezium's error is 1 / 390 at most.
    x, y = np.append(curve["false_positive_rate"], 1), np.append(curve["completeness"], 1)
    assert trapezoid(y, x) == pytest.approx(auroc(lenses, others, 0.683)[0], abs=4e-3)


def test_a_weighted_area_is_scikit_learn_s_and_with_equal_weights_delong_s():
    rng = np.random.default_rng(9)
    lenses, others = rng.normal(1, 1, 300).round(1), rng.normal(0, 1, 500).round(1)  # with ties
    equal = weighted_auroc(lenses, others, (np.ones(300), np.ones(500)), 0.683)
    assert equal == pytest.approx(auroc(lenses, others, 0.683), abs=3e-4)
    weights = rng.lognormal(size=300), rng.lognormal(size=500)
    value, low, high = weighted_auroc(lenses, others, weights, 0.683)
    truth, scores = np.arange(800) < 300, np.concatenate([lenses, others])
    assert value == pytest.approx(roc_auc_score(truth, scores, sample_weight=np.concatenate(weights)))
    drawn = [
        weighted_auroc(lenses[i], others[j], (weights[0][i], weights[1][j]), 0.683)[0]
        for i, j in ((rng.integers(0, 300, 300), rng.integers(0, 500, 500)) for _ in range(400))
    ]
    assert (high - low) / 2 == pytest.approx(np.std(drawn), rel=0.15)
