"""Baselines on made-up features of which one tells the class and another the radius."""

import numpy as np
import pandas as pd
import pytest

from lenspipe.learning.trees import arc_score, baseline_answers
from lenspipe.stats.auroc import auroc


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
    train, _, test = splits
    (answers,) = baseline_answers(train, [test], ["g", "r"])
    is_lens = test["is_lens"]
    scores = {name: table["score"] for name, table in answers.items() if "score" in table}
    assert all(score.between(0, 1).all() for score in scores.values()) and set(scores) == set(answers) - {"true_light"}
    areas = {name: auroc(score[is_lens], score[~is_lens], 0.68)[0] for name, score in scores.items()}
    assert areas["hand_made"] > 0.97 > areas["colours"] > 0.75
    radii = {name: table["theta_E_pred"] for name, table in answers.items() if "theta_E_pred" in table}
    errors = {name: (radius - test["theta_E"])[is_lens].std() for name, radius in radii.items()}
    assert errors["hand_made"] < 0.1 < errors["colours"] < 0.45 < errors["true_light"]
    assert radii["true_light"][~is_lens].isna().all()
    assert all((table["id"] == test["id"]).all() for table in answers.values())


def test_a_core_bluer_than_the_training_lenses_is_no_candidate_of_the_arc_feature(splits):
    train, _, test = splits
    (answers,) = baseline_answers(train, [test], ["g", "r"])
    limit = train.loc[train["is_lens"], "core_ratio"].quantile(0.95)
    assert ((answers["arc_feature"]["score"] == 0) == (test["core_ratio"] >= limit)).all()


def test_the_score_of_the_arc_feature_keeps_the_order_of_its_signal_to_noise_without_ties():
    signal = np.unique(np.random.default_rng(1).standard_cauchy(20_000) * 30)
    table = pd.DataFrame({"pair_snr": signal, "core_ratio": 0.0})
    score = arc_score(table, pd.Series([0.5, 1.0]))
    assert (np.diff(score) > 0).all() and score.between(0, 1, inclusive="neither").all()
    assert arc_score(table.assign(core_ratio=2.0), pd.Series([0.5, 1.0])).eq(0).all()


def test_answers_come_from_the_training_split_alone(splits):
    train, _, test = splits
    (answers,) = baseline_answers(train, [test], ["g", "r"])
    other = test.iloc[:300].assign(theta_E=1.0, is_lens=True)  # another truth, and fewer objects
    (others,) = baseline_answers(train, [other], ["g", "r"])
    for name in set(answers) - {"true_light"}:
        pd.testing.assert_frame_equal(answers[name].iloc[:300], others[name])


def test_without_arc_features_only_colours_and_the_true_light_are_left(splits):
    train, _, test = (s.drop(columns=["pair_snr", "pair_radius", "core_ratio"]) for s in splits)
    (answers,) = baseline_answers(train, [test], ["g", "r"])
    assert set(answers) == {"colours", "true_light"}
