"""Calibration of scores against scikit-learn, the published formula, and scores whose calibration is known."""

import numpy as np
import pandas as pd
import pytest
from sklearn.calibration import calibration_curve
from sklearn.metrics import brier_score_loss

from lenspipe.diagnostics.reliability import BINS, calibration_summary, reliability
from lenspipe.stats.calibration import class_weights, shifted, squared_calibration_error
from lenspipe.stats.weights import effective_size, priors_of_both


def calibrated(n, rng, distort=lambda p: p):
    """Objects whose scores are their probabilities, or distorted ones."""
    probability = rng.beta(0.8, 0.8, n)
    return pd.DataFrame({"is_lens": rng.random(n) < probability, "score": distort(probability)})


def test_the_brier_score_is_scikit_learn_s(objects):
    objects = objects.iloc[:3000]
    (metric, value, low, high, n, _), *_ = calibration_summary(objects, 0.68, np.random.default_rng(0))
    weight = class_weights(objects["is_lens"], 0.5)
    assert (metric, n) == ("Brier score", 3000)
    assert value == pytest.approx(brier_score_loss(objects["is_lens"], objects["score"], sample_weight=weight))
    assert low < value < high


def test_bins_of_the_diagram_are_scikit_learn_s_at_the_mix_as_it_is(objects):
    few = objects.drop(objects[objects["is_lens"]].index[::2])
    table = reliability(few, 0.68).query("trials > 0")
    share, _ = calibration_curve(few["is_lens"], few["score"], n_bins=20)
    np.testing.assert_allclose(shifted(table["rate"], 0.5, few["is_lens"].mean()), share)


def test_the_share_in_a_bin_is_that_of_weighted_objects(objects):
    few = objects.drop(objects[objects["is_lens"]].index[::2])
    weight = class_weights(few["is_lens"], 0.5)
    assert weight[few["is_lens"]].sum() == pytest.approx(weight.sum() / 2)
    for row in reliability(few, 0.68).query("trials > 0").itertuples():
        inside = ((few["score"] >= row.score_low) & (few["score"] < row.score_high)).to_numpy()
        assert row.rate == pytest.approx(np.average(few["is_lens"][inside], weights=weight[inside]))
        assert row.score == pytest.approx(np.average(few["score"][inside], weights=weight[inside]))
        assert row.low <= row.rate <= row.high


def test_a_probability_moved_to_another_share_is_bayes_rule_and_back_again():
    p = np.linspace(0, 1, 11)
    np.testing.assert_allclose(shifted(shifted(p, 0.5, 0.2), 0.2, 0.5), p)
    assert shifted(0.5, 0.5, 0.2) == pytest.approx(0.2)


def test_scores_moved_to_the_test_s_share_of_lenses_are_calibrated_there():
    rng = np.random.default_rng(3)
    balanced = calibrated(40_000, rng)
    lenses, others = balanced[balanced["is_lens"]], balanced[~balanced["is_lens"]]
    rows = calibration_summary(pd.concat([lenses.iloc[:5000], others.iloc[:15_000]]), 0.68, rng)
    weighted, raw, moved = (row[1] for row in rows if row[0].startswith("calibration"))
    assert max(weighted, moved) < 0.015 and raw > 0.1


def test_with_one_score_a_bin_the_error_is_kumar_s_formula():
    rng = np.random.default_rng(4)
    levels = np.array([0.1, 0.35, 0.6, 0.9])
    place = rng.integers(0, 4, 500)
    is_lens = rng.random(500) < levels[place] + 0.05
    plug_in, debiased = squared_calibration_error(levels[place], is_lens, np.ones(500), place)
    expected = 0.0
    for k, score in enumerate(levels):
        y, n = is_lens[place == k].mean(), (place == k).sum()
        expected += n / 500 * ((score - y) ** 2 - y * (1 - y) / (n - 1))
    assert debiased == pytest.approx(expected) and plug_in > debiased


@pytest.mark.parametrize("share", [0.5, 0.15])
def test_calibrated_scores_have_an_error_of_zero_on_average_also_when_weighted(share):
    rng = np.random.default_rng(5)
    found = []
    for _ in range(400):
        objects = calibrated(600, rng)
        place = (objects["score"].to_numpy() * BINS).astype(int)
        weight = np.where(objects["is_lens"], share, 1 - share)
        score = shifted(objects["score"].to_numpy(), 0.5, share)
        found.append(squared_calibration_error(score, objects["is_lens"].to_numpy(), weight, place))
    plug_in, debiased = np.mean(found, axis=0)
    error = np.std(found, axis=0)[1] / 20
    assert abs(debiased) < 3 * error + 0.02 * plug_in and plug_in > 8 * abs(debiased)


def test_the_interval_holds_the_true_error_about_as_often_as_it_says():
    """Scores that are too extreme by a known law; truth from a very large sample."""
    rng = np.random.default_rng(6)

    def extreme(p):
        return p**2 / (p**2 + (1 - p) ** 2)

    large = calibrated(400_000, rng, extreme)
    place = np.argsort(np.argsort(large["score"])) * BINS // len(large)
    weight = class_weights(large["is_lens"], 0.5)
    truth = squared_calibration_error(large["score"].to_numpy(), large["is_lens"].to_numpy(), weight, place)[1] ** 0.5
    hits = []
    for _ in range(25):
        _, _, low, high, *_ = calibration_summary(calibrated(800, rng, extreme), 0.68, rng)[1]
        hits.append(low <= truth <= high)
    assert 0.45 < np.mean(hits) < 0.9


def test_the_same_generator_gives_the_same_numbers(objects):
    one, two = (calibration_summary(objects, 0.68, np.random.default_rng(7)) for _ in range(2))
    assert one == two


def test_of_the_survey_s_prior_shares_and_brier_score_are_weighted(objects):
    objects["weight"] = objects["radius"] ** -2
    (_, weight) = list(priors_of_both(objects))[1]
    is_lens = objects["is_lens"].to_numpy()
    balanced = weight / np.where(is_lens, weight[is_lens].sum(), weight[~is_lens].sum())
    table = reliability(objects, 0.68)
    assert table[table["prior"] == "training prior"].equals(reliability(objects.drop(columns="weight"), 0.68))
    for row in table.query("prior == 'survey prior' and trials > 0").itertuples():
        inside = ((objects["score"] >= row.score_low) & (objects["score"] < row.score_high)).to_numpy()
        assert row.rate == pytest.approx(np.average(is_lens[inside], weights=balanced[inside]))
        assert row.score == pytest.approx(np.average(objects["score"][inside], weights=balanced[inside]))
    rows = calibration_summary(objects, 0.68, np.random.default_rng(0))
    (found,) = [row for row in rows if row[0] == "Brier score" and "survey" in row[-1]]
    assert found[1] == pytest.approx(brier_score_loss(is_lens, objects["score"], sample_weight=balanced))
    assert found[2] < found[1] < found[3] and found[4] == int(effective_size(balanced))
