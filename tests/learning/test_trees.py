"""Baselines on made-up features of which one tells the class and another the radius."""

import numpy as np
import pandas as pd
import pytest

from lenspipe.learning.trees import baseline_answers, baseline_summary, baselines_of, gains
from lenspipe.diagnostics.roc import auroc


def made(n, seed, bands="gr"):
    rng = np.random.default_rng(seed)
    is_lens = np.arange(n) % 2 == 0
    theta_E = np.where(is_lens, rng.uniform(0.5, 3.0, n), np.nan)
    features = {f"total_{band}": rng.normal(20, 1, n) + is_lens for band in bands}
    features |= {"total_g-r": np.where(is_lens, theta_E, 1.5) + rng.normal(0, 0.3, n)}
    features |= {"core_ratio": rng.uniform(0, 1, n), "pair_radius": np.nan_to_num(theta_E, nan=1.5)}
    features |= {"pair_snr": rng.normal(3.0 * is_lens, 1)}
    light = {f"lens_magnitude_{band}": rng.normal(20, 1, n) for band in bands} | {"lens_R_sersic": rng.uniform(1, 2, n)}
    truth = {"id": np.arange(n), "is_lens": is_lens, "theta_E": theta_E, "arc_snr": 30.0 * is_lens}
    return pd.DataFrame(truth | {"kind": np.where(is_lens, "lens", "ring")} | light | features)


@pytest.fixture(scope="module")
def splits():
    return made(1500, 1), made(600, 2), made(800, 3)


def test_what_is_measured_by_hand_tells_more_than_colours(splits):
    train, *others = splits
    _, found = baseline_answers(train, others, ["g", "r"])
    is_lens = others[1]["is_lens"]
    areas = {
        name: auroc(found.loc[is_lens, name], found.loc[~is_lens, name], 0.68)[0] for name in found.filter(like="score")
    }
    assert areas["score_hand"] > 0.97 > areas["score_colours"] > 0.75
    true = others[1].loc[is_lens, "theta_E"]
    errors = {name: (found.loc[is_lens, name] - true).std() for name in found.filter(like="theta_E")}
    assert errors["theta_E_hand"] < 0.1 < errors["theta_E_colours"] < 0.45 < errors["theta_E_light"]
    assert found.loc[~is_lens, "theta_E_light"].isna().all()


def test_a_core_bluer_than_the_training_lenses_is_no_candidate_of_the_arc_feature(splits):
    train, _, test = splits
    (found,) = baseline_answers(train, [test], ["g", "r"])
    limit = train.loc[train["is_lens"], "core_ratio"].quantile(0.95)
    assert ((found["score_arc"] == -np.inf) == (test["core_ratio"] >= limit)).all()


def test_answers_come_from_the_training_split_alone(splits):
    train, _, test = splits
    (found,) = baseline_answers(train, [test], ["g", "r"])
    other = test.iloc[:300].assign(theta_E=1.0, is_lens=True)  # another truth, and fewer objects
    (again,) = baseline_answers(train, [other], ["g", "r"])
    names = [name for name in found if name != "theta_E_light"]
    pd.testing.assert_frame_equal(found.loc[:299, names], again[names])


def test_without_arc_features_only_colours_are_left(splits):
    train, _, test = (s.drop(columns=["pair_snr", "pair_radius", "core_ratio"]) for s in splits)
    (found,) = baseline_answers(train, [test], ["g", "r"])
    assert set(found) == {"score_colours", "theta_E_colours", "theta_E_light"}


def test_the_summary_of_a_baseline_says_whose_it_is_and_uses_thresholds_of_validation(splits):
    train, val, test = splits
    val, test = (s.join(a) for s, a in zip((val, test), baseline_answers(train, (val, test), ["g", "r"]), strict=True))
    curves, rows = baseline_summary(baselines_of(val, test, [0.1]), 0.01, 0.68)
    assert [curve["method"].iloc[0] for curve in curves] == list(
        dict.fromkeys(row[-1].partition("; ")[2] for row in rows)
    )
    assert len({(row[0], row[-1]) for row in rows}) == len(rows)
    values = {(row[0], row[-1]): row[1] for row in rows}
    threshold = np.sort(val.loc[~val["is_lens"], "score_arc"])[::-1][30]
    expected = (test.loc[test["is_lens"], "score_arc"] > threshold).mean()
    assert values["completeness at FPR 0.1 on validation", "all lenses; arc feature alone"] == pytest.approx(expected)


def test_a_gain_is_sure_if_the_intervals_are_apart():
    network = [("auroc", 0.9, 0.89, 0.91, 5, "all"), ("theta_E rmse", 0.20, 0.19, 0.21, 5, "all")]
    apart = [("auroc", 0.8, 0.79, 0.81, 5, "all; trees"), ("theta_E rmse", 0.30, 0.29, 0.31, 5, "all; trees")]
    near = [("auroc", 0.9, 0.88, 0.92, 5, "all; trees"), ("theta_E bias", 0.1, 0.0, 0.2, 5, "all; trees")]
    sure = gains(network + apart)
    assert [row[0] for row in sure] == ["gain in auroc", "gain in theta_E rmse"]
    for row in sure:
        assert row[1:4] == pytest.approx((0.1, 0.08, 0.12)) and row[-1] == "all; over trees"
    (unsure,) = gains(network + near)
    assert unsure[2] < 0 < unsure[3]
