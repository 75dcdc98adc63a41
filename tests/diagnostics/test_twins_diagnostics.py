import numpy as np
import pandas as pd
import pytest
from scipy.special import expit
from scipy.stats import norm

from lenspipe import store
from lenspipe.columns import PREDICTIONS, TWINS, catalog_columns
from lenspipe.diagnostics.twins import join_twins, twin_ranking, twin_summary, twin_table
from lenspipe.errors import InputError

EDGES = [0.5, 1.0, 2.0]
THRESHOLDS = {"score 0.5": 0.5, "FPR 0.01 on validation": 0.9}


@pytest.fixture
def lenses():
    """Logits of lenses 2 to 4; the bare twin loses 4, the other 1 where the radius is small and 3 where it is large."""
    rng = np.random.default_rng(1)
    theta_E = rng.uniform(0.5, 2.0, 600)
    own = rng.uniform(2, 4, 600)
    loss = {"twin_without_source": np.full(600, 4.0), "twin_unlensed": np.where(theta_E < 1, 1.0, 3.0)}
    scores = {f"score_{twin}": expit(own - loss[twin]) for twin in TWINS}
    return pd.DataFrame({"theta_E": theta_E, "arc_snr": rng.uniform(1, 99, 600), "score": expit(own)} | scores)


def of(table, twin, what, against):
    return table[(table["twin"] == twin) & (table["what"] == what) & (table["against"] == against)]


def test_losses_are_the_medians_that_were_put_in(lenses):
    table = twin_table(lenses, THRESHOLDS, edges=EDGES, confidence=0.68)
    np.testing.assert_allclose(of(table, "twin_without_source", "logit", "theta_E")["value"], 4)
    unlensed = of(table, "twin_unlensed", "logit", "theta_E")
    np.testing.assert_allclose(unlensed[["value", "p16", "p84"]], [[1, 1, 1], [3, 3, 3]])
    small = lenses[lenses["theta_E"] < 1]
    expected = np.quantile(small["score"] - small["score_twin_unlensed"], [0.15865, 0.5, 0.84135], method="hazen")
    row = of(table, "twin_unlensed", "score", "theta_E").iloc[0]
    assert row[["p16", "value", "p84"]].tolist() == pytest.approx(expected.tolist())
    assert row["low"] < row["value"] < row["high"] and row["trials"] == len(small)
    for against in ("theta_E", "arc S/N", "all"):
        assert of(table, "twin_unlensed", "score", against)["trials"].sum() == 600


def test_the_share_still_found_counts_the_found_lenses_alone(lenses):
    table = twin_table(lenses, THRESHOLDS, edges=EDGES, confidence=0.68)
    for name, threshold in THRESHOLDS.items():
        found = lenses["score"] > threshold
        still = found & (lenses["score_twin_unlensed"] > threshold)
        rows = of(table, "twin_unlensed", "still", "all")
        row = rows[rows["threshold_name"] == name].iloc[0]
        assert (row["events"], row["trials"]) == (still.sum(), found.sum())
        assert row["low"] < row["value"] == still.sum() / found.sum() < row["high"]
    bare = of(table, "twin_without_source", "still", "theta_E")
    assert (bare["events"] == 0).all() and (bare["low"] == 0).all() and (bare["high"] > 0).all()


def test_scores_that_are_one_to_the_last_digit_lose_a_finite_logit(lenses):
    table = twin_table(lenses.assign(score=1.0, score_twin_unlensed=0.0), THRESHOLDS, edges=EDGES, confidence=0.68)
    assert np.isfinite(of(table, "twin_unlensed", "logit", "all")["value"]).all()


def test_the_summary_has_all_lenses_with_twins_together(lenses):
    rows = twin_summary(twin_table(lenses, THRESHOLDS, edges=EDGES, confidence=0.68))
    assert len(rows) == 2 * (2 + len(THRESHOLDS)) and len({(row[0], row[-1]) for row in rows}) == len(rows)
    loss = {row[-1]: row[1] for row in rows if row[0] == "median loss of logit"}
    assert loss["lenses, as twin_without_source"] == pytest.approx(4)


@pytest.mark.parametrize("shift", [1.0, 3.0])
def test_lenses_are_told_from_their_twins_as_often_as_two_normal_laws_say(shift):
    """Logits N(shift, 1) and N(0, 1): completeness at a false-positive rate f is Phi(shift - z(1 - f))."""
    rng, n = np.random.default_rng(4), 40_000
    scores = {f"score_{twin}": expit(rng.normal(0, 1, n)) for twin in TWINS}
    lenses = {"is_lens": True, "theta_E": np.where(np.arange(n) % 2, 2.0, 0.6), "arc_snr": 50.0}
    table = pd.DataFrame(lenses | {"score": expit(rng.normal(shift, 1, n))} | scores)
    rows = {(metric, population): values for metric, *values, _, population in twin_ranking(table, 0.68)}
    for rate in (0.1, 0.01, 0.001):
        expected = norm.cdf(shift - norm.isf(rate))
        for lenses in ("all lenses", 'discoverable (theta_E > 0.8", arc S/N > 20)'):
            value, low, high = rows[f"TPR at FPR {rate:g}", f"{lenses} against their twin_without_source"]
            assert low < value < high and abs(value - expected) < 3 * (high - low)
    assert len(rows) == 3 * 2 * len(TWINS)


def test_a_rate_that_no_twin_may_pass_is_not_quoted(lenses):
    few = lenses.head(40).assign(is_lens=True)
    assert {row[0] for row in twin_ranking(few, 0.68)} == {"TPR at FPR 0.1"}


def test_twins_are_joined_to_their_lens_by_noise_id_in_any_order(small_run, tmp_path):
    catalog, predictions = (
        store.read_table(small_run / name / "twins.parquet") for name in ("catalog", "predictions/network")
    )
    test = store.read_table(small_run / "catalog" / "test.parquet").merge(
        store.read_table(small_run / "predictions" / "network" / "test.parquet"), on="id"
    )
    joined = join_twins(
        small_run / "catalog", small_run / "predictions" / "network", test.sample(frac=1, random_state=1)
    )
    assert len(joined) == 64 and set(joined["id"]) == set(catalog["noise_id"])
    score = predictions.set_index("id")["score"]
    for row in joined.sample(5, random_state=2).itertuples():
        own = catalog[catalog["noise_id"] == row.id].set_index("kind")["id"]
        assert row.score_twin_unlensed == score[own["twin_unlensed"]]
        assert row.score_twin_without_source == score[own["twin_without_source"]]


def test_twins_of_another_sky_are_refused(small_run, tmp_path):
    bands = ["g", "r", "i", "z"]
    catalog = store.read_table(small_run / "catalog" / "twins.parquet", catalog_columns(bands))
    store.write_table(catalog.assign(noise_id=catalog["noise_id"] + 10**6), tmp_path / "twins.parquet")
    answers = store.read_table(small_run / "predictions" / "network" / "twins.parquet", PREDICTIONS)
    (tmp_path / "scored").mkdir()
    store.write_table(answers, tmp_path / "scored" / "twins.parquet")
    test = store.read_table(small_run / "catalog" / "test.parquet").assign(score=0.5)
    with pytest.raises(InputError, match=r"twins\.parquet: 64 twins are of no lens of the test split"):
        join_twins(tmp_path, tmp_path / "scored", test)
