"""The forecast's signal-to-noise ratio and optimal coadds, against the forecast's own list."""

import numpy as np
import pytest

from lenspipe.population.catalog import draw_catalog
from lenspipe.population.magnification import magnification
from lenspipe.simulate.forecast import forecast_snr, optimal_coadd
from lenspipe.simulate.noise import coadds_of
from lenspipe.simulate.pipeline import render_row
from lenspipe.surveys import Coadd
from lenspipe.validation.forecast import BANDS

# Four lenses of ``lenses_DESc.txt`` (Collett 2015, github.com/tcollett/LensPop), by its columns: theta_E; the
# deflector's axis ratio, half-light radius, g, r, i; the source's x, y, axis ratio, position angle (deg), half-light
# radius, g, r, i; its magnification; its S/N in g, r, i.
LISTED = [
    (1.33, 0.804, 0.53, 21.31, 19.39, 18.59, 0.59, 0.35, 0.838, 29.3, 0.39, 23.36, 23.30, 23.44, 4.34, 59, 36, 20),
    (1.41, 0.882, 0.70, 20.93, 19.02, 18.14, 0.04, 0.40, 0.795, 67.1, 0.27, 24.07, 24.11, 23.93, 8.45, 56, 31, 20),
    (1.81, 0.709, 0.94, 21.03, 19.19, 18.02, -0.39, 0.63, 0.698, 22.2, 0.94, 22.51, 22.82, 22.79, 4.15, 81, 40, 23),
    (1.44, 0.789, 1.33, 18.68, 17.15, 16.60, -0.18, 0.49, 0.924, 78.9, 0.38, 23.85, 23.82, 23.43, 6.16, 40, 23, 22),
]  # fmt: skip
OFF = ("center_x", "center_y", "gamma1", "gamma2", "e2", "lens_e2")


@pytest.fixture(scope="module")
def ten_exposures(default_priors):
    """The survey with as many exposures as the forecast has, and a row of it."""
    from dataclasses import replace

    bands = {
        name: band.model_copy(update={"num_exposures": (10,)}) for name, band in default_priors.survey.bands.items()
    }
    survey = default_priors.survey.model_copy(update={"bands": bands})
    rows = draw_catalog(
        "test", 1, lens_fraction=1.0, non_lenses={}, seed=3, priors=replace(default_priors, survey=survey)
    )
    return survey, rows.to_dict("records")[0]


def placed(row, theta_E, q, R, g, r, i, x, y, q_s, angle, R_s, g_s, r_s, i_s):
    """A row of ours with a listed lens's numbers; the list has the deflector's long axis along y."""
    e, e_s = (1 - q) / (1 + q), (1 - q_s) / (1 + q_s)
    two = 2 * np.radians(angle)
    row = row | dict.fromkeys(OFF, 0.0) | {"theta_E": theta_E, "theta_E_halo": theta_E, "e1": -e, "lens_e1": -e}
    row |= {"lens_R_sersic": R, "source_R_sersic": R_s, "source_center_x": x, "source_center_y": y, "gamma": 2.0}
    row |= {name: [] for name in row if name.startswith("part_")}  # the list's sources are smooth
    row |= {"source_e1": e_s * np.cos(two), "source_e2": e_s * np.sin(two)}
    row |= {f"lens_magnitude_{b}": m for b, m in zip("gri", (g, r, i), strict=True)}
    row |= {f"source_magnitude_{b}": m for b, m in zip("gri", (g_s, r_s, i_s), strict=True)}
    numbers = {name: np.array([value]) for name, value in row.items() if isinstance(value, float)}
    light = {name.removeprefix("source_"): value for name, value in numbers.items() if name.startswith("source_")}
    return row | {"magnification": float(magnification(numbers, light)[0])}


@pytest.mark.parametrize("listed", LISTED)
def test_magnification_and_signal_are_those_of_the_forecast_s_list(listed, ten_exposures):
    """The S/N of theirs is of other draws of seeing and sky: within a third in each band."""
    survey, row = ten_exposures
    row = optimal_coadd(placed(row, *listed[:14]), BANDS)
    assert row["magnification"] == pytest.approx(listed[14], rel=0.03)
    ours = forecast_snr(*render_row(row, BANDS, 45, survey), coadds_of(row, BANDS, survey))
    np.testing.assert_allclose(ours, listed[15:], rtol=0.33)


def test_it_is_the_highest_of_all_sets_of_best_pixels(ten_exposures):
    """Against every prefix of the sorted pixels, on light whose shape nobody chose."""
    survey, row = ten_exposures
    rng = np.random.default_rng(2)
    coadds = coadds_of(row, ["g"], survey)
    assert isinstance(coadds[0], Coadd)
    for steepness in (0.5, 2.0, 6.0):
        source = np.exp(-steepness * rng.gamma(2.0, size=(1, 45, 45))) * 30
        lens = rng.uniform(0, 300, (1, 45, 45))
        signal = source.ravel() * coadds[0].gain
        variance = signal + lens.ravel() * coadds[0].gain + coadds[0].sky + coadds[0].read_noise ** 2
        order = np.argsort(-signal / np.sqrt(variance))
        best = max(signal[order[:k]].sum() / np.sqrt(variance[order[:k]].sum()) for k in range(1, 2026))
        assert forecast_snr(lens, source, coadds)[0] == pytest.approx(best, rel=1e-5)
        matched = np.sqrt(np.sum(signal**2 / variance))
        assert best <= matched


def test_there_is_no_signal_without_a_source(ten_exposures):
    survey, row = ten_exposures
    assert forecast_snr(np.ones((1, 9, 9)), np.zeros((1, 9, 9)), coadds_of(row, ["g"], survey))[0] == 0


def test_the_optimal_coadd_has_the_exposures_that_resolve_the_lens_and_the_worst_one_s_seeing(ten_exposures):
    _, row = ten_exposures
    row = row | {"theta_E": 1.0, "source_R_sersic": 0.2, "magnification": 5.0}
    row["exposure_seeing_g"] = np.linspace(0.8, 1.7, 10)
    made = optimal_coadd(row, ["g"])  # below 1.0, which is less than sqrt(2 (1 - 0.04))
    assert made["num_exposures_g"] == 2 and made["seeing_g"] == pytest.approx(0.9)
    np.testing.assert_allclose(made["exposure_seeing_g"], [0.9, 0.9])
    np.testing.assert_array_equal(made["exposure_sky_brightness_g"], row["exposure_sky_brightness_g"][:2])
    assert optimal_coadd(row | {"theta_E": 0.5}, ["g"])["num_exposures_g"] == 0
