import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from lenspipe.stats.auroc import auroc, weighted_auroc


@pytest.fixture
def scores():
    rng = np.random.default_rng(5)
    return rng.normal(1, 1, 300).round(1), rng.normal(0, 1, 900).round(1)  # with ties


def test_the_area_is_scikit_learn_s(scores):
    lenses, non_lenses = scores
    expected = roc_auc_score(np.repeat([1, 0], [len(lenses), len(non_lenses)]), np.concatenate(scores))
    assert auroc(lenses, non_lenses, 0.683)[0] == pytest.approx(expected, rel=1e-12)


def test_delong_s_interval_is_as_wide_as_a_bootstrap_s(scores):
    lenses, non_lenses = scores
    rng = np.random.default_rng(0)
    resampled = [
        auroc(rng.choice(lenses, len(lenses)), rng.choice(non_lenses, len(non_lenses)), 0.683)[0] for _ in range(600)
    ]
    value, low, high = auroc(lenses, non_lenses, 0.6827)
    assert (high - low) / 2 == pytest.approx(np.std(resampled), rel=0.12)
    assert low < value < high


def test_a_perfect_finder_has_area_one():
    assert auroc([0.9, 0.8], [0.1, 0.2, 0.3], 0.683) == (1.0, 1.0, 1.0)


def test_a_weighted_area_is_scikit_learn_s_and_with_equal_weights_delong_s():
    rng = np.random.default_rng(9)
    lenses, non_lenses = rng.normal(1, 1, 300).round(1), rng.normal(0, 1, 500).round(1)  # with ties
    equal = weighted_auroc(lenses, non_lenses, (np.ones(300), np.ones(500)), 0.683)
    assert equal == pytest.approx(auroc(lenses, non_lenses, 0.683), abs=3e-4)
    weights = rng.lognormal(size=300), rng.lognormal(size=500)
    value, low, high = weighted_auroc(lenses, non_lenses, weights, 0.683)
    truth, scores = np.arange(800) < 300, np.concatenate([lenses, non_lenses])
    assert value == pytest.approx(roc_auc_score(truth, scores, sample_weight=np.concatenate(weights)))
    drawn = [
        weighted_auroc(lenses[i], non_lenses[j], (weights[0][i], weights[1][j]), 0.683)[0]
        for i, j in ((rng.integers(0, 300, 300), rng.integers(0, 500, 500)) for _ in range(400))
    ]
    assert (high - low) / 2 == pytest.approx(np.std(drawn), rel=0.15)
