import numpy as np
import pandas as pd
import pytest
from scipy.stats import gamma, norm, quantile_test

from lenspipe.columns import QUANTILE_LEVELS, QUANTILES
from lenspipe.diagnostics.completeness_vs_arc_snr import ARC_SNR
from lenspipe.diagnostics.regression_calibration import regression_calibration
from lenspipe.diagnostics.regression_residuals import regression_residuals

EDGES = [0.5, 1.0, 2.0, 3.0]


@pytest.fixture
def lenses(objects):
    return objects[objects["is_lens"]].copy()


def test_true_standard_deviations_give_flat_transforms_and_nominal_coverage(lenses):
    table = regression_calibration(lenses, 0.99, edges=EDGES)
    inside = (table["low"] <= table["expected"]) & (table["expected"] <= table["high"])
    of_all = table["what"].isin(["pit", "coverage", "z"])
    assert inside.mean() > 0.93 and (table.loc[of_all, "lenses"] == len(lenses)).all()


def test_halved_standard_deviations_cover_what_the_gaussian_says(lenses):
    lenses["theta_E_sigma"] /= 2
    cover = regression_calibration(lenses, 0.68, edges=EDGES).query("what == 'coverage'")
    z = norm.ppf(0.5 + cover["from"] / 2)
    np.testing.assert_allclose(cover["share"], 2 * norm.cdf(z / 2) - 1, atol=0.035)


def test_every_lens_is_in_one_bin_of_each_histogram_however_far_off(lenses):
    lenses.loc[lenses.index[0], "theta_E_pred"] = 90.0
    table = regression_calibration(lenses, 0.68, edges=EDGES)
    for what in ("pit", "z"):
        rows = table[table["what"] == what]
        assert rows["share"].sum() == pytest.approx(1) and rows["expected"].sum() == pytest.approx(1)


def test_a_predicted_radius_that_is_too_large_has_a_small_transform_and_a_positive_z(lenses):
    table = regression_calibration(lenses.assign(theta_E_pred=lenses["theta_E"] + 0.42), 0.68, edges=EDGES)
    pit, z = (table[(table["what"] == what) & (table["share"] == 1)] for what in ("pit", "z"))
    assert pit["from"].item() <= norm.cdf(-2.1) <= pit["to"].item()
    assert z["from"].item() <= 2.1 <= z["to"].item()


@pytest.mark.parametrize("against", ["theta_E", "theta_E_pred"])
def test_coverage_in_bins_is_counted_and_the_bins_hold_all_lenses(lenses, against):
    table = regression_calibration(lenses, 0.68, edges=EDGES)
    within = (lenses["theta_E_pred"] - lenses["theta_E"]).abs() <= lenses["theta_E_sigma"]
    for row in table[table["what"] == against].itertuples():
        inside = (lenses[against] >= row[3]) & (lenses[against] < row[4])
        assert row.share == pytest.approx(within[inside].mean()) and row.lenses == inside.sum()
        assert row.expected == pytest.approx(0.6827, abs=1e-4) and row.low <= row.share <= row.high
    drawn = lenses["arc_snr"].between(ARC_SNR[0], ARC_SNR[-1])
    assert table.loc[table["what"] == "arc S/N", "lenses"].sum() == drawn.sum()


def test_posteriors_that_are_right_cover_what_they_say_in_bins_of_the_answer_and_not_in_bins_of_the_truth():
    """Of a normal prior and a normal measurement of the same width, by their formulas."""
    rng, n, width = np.random.default_rng(3), 40_000, 0.4
    true = rng.normal(1.75, width, n)
    mean = (1.75 + true + rng.normal(0, width, n)) / 2
    lenses = pd.DataFrame({"theta_E": true, "theta_E_pred": mean, "theta_E_sigma": width / 2**0.5, "kind": "lens"})
    table = regression_calibration(lenses, 0.997, edges=np.arange(0.75, 3, 0.5))
    answers, truths = (table[table["what"] == what] for what in ("theta_E_pred", "theta_E"))
    assert ((answers["low"] < answers["expected"]) & (answers["expected"] < answers["high"])).all()
    assert truths["share"].min() < 0.5 and truths["share"].max() > 0.75


def test_quantiles_of_the_normal_laws_give_the_same_table(lenses):
    """A posterior is one interface: what made it does not matter."""
    law = norm(lenses["theta_E_pred"], lenses["theta_E_sigma"])
    quantiles = {column.name: law.ppf(level) for column, level in zip(QUANTILES, QUANTILE_LEVELS, strict=True)}
    one, other = (regression_calibration(rows, 0.68, edges=EDGES) for rows in (lenses, lenses.assign(**quantiles)))
    pd.testing.assert_frame_equal(one, other, rtol=1e-9)


def test_skew_posteriors_that_are_right_are_seen_to_be_right():
    rng, n = np.random.default_rng(7), 4000
    scale = rng.uniform(0.2, 0.6, n)
    law = gamma(4.0, scale=scale[:, None])
    rows = {column.name: values for column, values in zip(QUANTILES, law.ppf(QUANTILE_LEVELS).T, strict=True)}
    true = gamma(4.0, scale=scale).rvs(random_state=rng)
    rows |= {"theta_E": true, "theta_E_pred": 4 * scale, "theta_E_sigma": 2 * scale}
    table = regression_calibration(pd.DataFrame(rows).assign(kind="lens", arc_snr=30.0), 0.99, edges=[0, 10])
    inside = (table["low"] <= table["expected"] + 0.005) & (table["expected"] - 0.005 <= table["high"])
    assert inside.mean() > 0.93


def test_running_quantiles_are_numpy_s_and_the_median_s_interval_scipy_s(lenses):
    table = regression_residuals(lenses, EDGES, 0.68)
    assert set(table["against"]) == {"theta_E", "arc S/N"}
    residual = lenses["theta_E_pred"] - lenses["theta_E"]
    for row in table[(table["against"] == "theta_E")].itertuples():
        inside = residual[(lenses["theta_E"] >= row[3]) & (lenses["theta_E"] < row[4])]
        assert row.lenses == len(inside) == round(row.effective)
        expected = np.quantile(inside, [0.15865, 0.5, 0.84135], method="hazen")
        np.testing.assert_allclose([row.p16, row.median, row.p84], expected)
        interval = quantile_test(inside, q=np.median(inside)).confidence_interval(0.68)
        assert (row.low, row.high) == pytest.approx(tuple(interval), abs=0.004)


def test_residuals_against_seeing_need_the_seeing(lenses):
    table = regression_residuals(lenses.assign(seeing_best=1.0), EDGES, 0.68).query("against == 'theta_E / seeing'")
    assert table["lenses"].sum() == lenses["theta_E"].between(0.25, 4).sum()


def test_the_survey_s_bins_are_left_open_below_a_hundred_effective_lenses(lenses):
    lenses["weight"] = np.where(lenses["theta_E"] < 1, 1.0, np.where(lenses.index % 100 == 0, 1e3, 1.0))
    lenses["weight"] = np.where(lenses["theta_E"] < 1, 1e3, lenses["weight"])
    table = regression_residuals(lenses, EDGES, 0.68).query("prior == 'survey prior' and against == 'theta_E'")
    assert ((table["effective"] >= 100) == table["median"].notna()).all() and table["median"].isna().any()
