"""The survey prior after the forecast's detection cut, beside the forecast. Nothing in lenspipe is fitted to it."""

import pandas as pd
import pytest

from lenspipe.check_sky import forecast_lenses
from lenspipe.diagnostics.forecast import detectable
from lenspipe.diagnostics.sky_check import population_check
from lenspipe.diagnostics.weighting import effective_size

# What the forecast has otherwise than this sky, and why: docs/science.md, "Beside the forecast".
SHARPER_SEEING = "small radii depend on the seeing, and DES's is sharper than was known when the forecast was made"
NO_SMALL_SOURCES = "sources end at 0.05 arcsec and at i = 25.5"
NO_HUGE_SOURCES = "the law of sizes is not followed to discs beyond 10 kpc"
EXPLAINED = {
    "median of theta_E": SHARPER_SEEING,
    "p16 of source_R_sersic": NO_SMALL_SOURCES,
    "median of source_R_sersic": NO_HUGE_SOURCES,
    "p84 of source_R_sersic": NO_HUGE_SOURCES,
}


@pytest.fixture(scope="module")
def lenses(default_priors):
    return forecast_lenses(default_priors, seed=5, count=14_000)


def test_the_survey_s_lenses_are_the_forecast_s_but_for_what_is_explained(lenses):
    found = lenses[detectable(lenses)]
    assert effective_size(found["per_5000_deg2"]) > 100
    table = population_check(lenses, 0.68).set_index("quantity")
    missed = set(table.index[table["verdict"] == "missed"])
    assert missed <= set(EXPLAINED), table.loc[sorted(missed - set(EXPLAINED))].to_string()


def test_what_is_missed_is_missed_by_no_more_than_its_reason_can_do(lenses):
    table = population_check(lenses, 0.68).set_index("quantity").loc[list(EXPLAINED)]
    ratio = table["ours"] / table["reference"]
    assert ratio.between(0.65, 1.5).all(), table.to_string()


def test_a_sky_that_differs_is_found_out(lenses):
    """The same lenses at other redshifts, and three times as many: the verdicts tell."""
    table = population_check(lenses, 0.68).set_index("quantity")["verdict"]
    changed = lenses.assign(z_lens=1.35 * lenses["z_lens"], per_5000_deg2=3 * lenses["per_5000_deg2"])
    found = population_check(changed, 0.68).set_index("quantity")["verdict"]
    for quantity in ("median of z_lens", "lenses per 5,000 deg^2"):
        assert (table[quantity], found[quantity]) == ("met", "missed")
    pd.testing.assert_series_equal(found.filter(like="sigma_v"), table.filter(like="sigma_v"))
