import numpy as np
import pandas as pd
import pytest

from lenspipe.diagnostics.population import population_summary, population_table
from lenspipe.stats.weights import quantiles_with_intervals
from lenspipe.validation.forecast import MEDIANS, QUANTILES, SHARES, detectable


def made(n, weight):
    """Lenses whose weighted quantiles are known: each quantity flat, weights as given."""
    rng = np.random.default_rng(8)
    lenses = pd.DataFrame({name: rng.uniform(0.5, 2.5, n) for name in [*QUANTILES, *MEDIANS]})
    lenses = lenses.drop(columns="axis_ratio").assign(e1=rng.uniform(0, 0.3, n), e2=0.0)
    return lenses.assign(
        source_R_sersic=rng.uniform(0.2, 0.4, n),
        kind="lens",
        magnification=6.0,
        forecast_snr_i=50.0,
        seeing_i=0.6,
        weight=weight(lenses),
    )


@pytest.fixture
def lenses():
    return made(4000, lambda lenses: lenses["theta_E"])


def test_quantiles_are_those_of_the_law(lenses):
    table = population_table(lenses, 0.68).query("what == 'quantile' and quantity == 'theta_E'")
    found = {name: rows.set_index("from")["value"] for name, rows in table.groupby("sample")}
    for share in SHARES:  # density ~ x on 0.5 to 2.5: its distribution function is (x^2 - 0.25) / 6
        assert found["training prior"][share] == pytest.approx(0.5 + 2 * share, abs=0.05)
        assert found["survey prior"][share] == pytest.approx(np.sqrt(0.25 + 6 * share), abs=0.06)
    assert found["forecast"].to_dict() == dict(zip(SHARES, QUANTILES["theta_E"], strict=True))


def test_intervals_of_the_median_hold_the_truth_as_often_as_they_say():
    rng = np.random.default_rng(1)
    held = 0
    for _ in range(300):
        x = rng.uniform(0, 1, 400)
        _, low, high = quantiles_with_intervals(x, np.ones(400), [0.5], 0.68)
        held += low[0] <= 0.5 <= high[0]
    assert held / 300 == pytest.approx(0.68, abs=0.08)


def test_bins_hold_all_lenses_those_beyond_the_ends_too(lenses):
    bins = population_table(lenses, 0.68).query("what == 'bin'")
    sums = bins.groupby(["quantity", "sample"])["value"].sum()
    assert sums.to_numpy() == pytest.approx(1) and len(bins) == 24 * len(sums)


def test_detectable_are_the_lenses_that_the_forecast_would_count():
    """One that it counts, and others that each fail at one thing: blurred, faint, large, unmagnified, small."""
    lenses = pd.DataFrame(
        {
            "theta_E": [0.7, 0.6, 1.0, 1.0, 1.0, 1.0],
            "source_R_sersic": [0.2, 0.2, 0.2, 0.6, 0.4, 0.1],
            "magnification": [6.0, 6.0, 6.0, 6.0, 2.9, 6.0],
            "seeing_g": 1.4,
            "seeing_i": 0.9,
            "forecast_snr_g": 0.0,
            "forecast_snr_i": [30.0, 30.0, 10.0, 30.0, 30.0, 30.0],
        }
    )
    assert detectable(lenses).tolist() == [True, False, False, False, False, False]


def test_the_best_band_is_the_one_of_highest_signal_among_those_that_resolve_the_source():
    lenses = pd.DataFrame(
        {
            "theta_E": 1.0,
            "source_R_sersic": 0.2,
            "magnification": [6.0, 8.0],  # times R_source 1.2 and 1.6 arcsec, against 1.3 and 0.9
            "seeing_g": 1.3,
            "seeing_i": 0.9,
            "forecast_snr_g": 40.0,
            "forecast_snr_i": [30.0, 10.0],
        }
    )
    assert detectable(lenses).tolist() == [True, True]
    assert detectable(lenses.assign(seeing_g=1.5)).tolist() == [True, False]  # g resolves the second, but not its ring


def test_the_summary_says_half_where_catalogue_and_forecast_agree(lenses):
    middle = QUANTILES["theta_E"][2]
    lenses["theta_E"] = np.where(lenses.index % 2 == 0, middle - 0.1, middle + 0.1)
    lenses["weight"] = 1.0
    rows = {row[0]: row for row in population_summary(lenses, 0.68)}
    assert rows["share below the forecast's median theta_E"][1] == pytest.approx(0.5, abs=0.01)
    assert rows["share below the forecast's median sigma_v"][1] == 1
    assert len(rows) == len(QUANTILES) + len(MEDIANS)


def test_too_few_effective_lenses_are_not_weighted_and_other_bands_left_out():
    lenses = made(90, lambda lenses: 1.0).drop(columns=["lens_magnitude_g", "source_magnitude_g"])
    table = population_table(lenses, 0.68)
    assert set(table["sample"]) == {"training prior", "forecast"} and not population_summary(lenses, 0.68)
    assert set(table["quantity"]) == {*QUANTILES, *MEDIANS} - {"lens_magnitude_g", "source_magnitude_g"}
