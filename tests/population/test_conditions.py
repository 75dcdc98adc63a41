"""Exposures follow the laws of the survey, and the properties of coadds follow from their exposures."""

import numpy as np
import pytest
from scipy import stats

from lenspipe.population import conditions
from lenspipe.surveys import SURVEYS, effective_fwhm

DES = SURVEYS["des_y3"]
BANDS = ["g", "i"]
N, UNLIKELY = 2000, 1e-3


@pytest.fixture(scope="module")
def drawn():
    return conditions.draw_conditions(np.random.default_rng(9), N, DES, BANDS)


def of_visit(drawn, name, band, k):
    """Values of the k-th exposure, for objects with that many exposures in both bands."""
    enough = np.logical_and.reduce([drawn[f"num_exposures_{b}"] > k for b in BANDS])
    return np.array([values[k] for values in drawn[f"exposure_{name}_{band}"][enough]])


@pytest.mark.parametrize("band", BANDS)
def test_each_exposure_follows_the_survey_s_laws(drawn, band):
    numbers = DES.bands[band]
    every = {name: np.concatenate(drawn[f"exposure_{name}_{band}"]) for name in ("seeing", "sky_brightness")}
    scatter = np.sqrt(np.log1p((numbers.seeing_sd / numbers.seeing) ** 2))
    assert stats.kstest(np.log(every["seeing"] / numbers.seeing) / scatter, "norm").pvalue > UNLIKELY
    assert every["seeing"].std() == pytest.approx(numbers.seeing_sd, rel=0.05)
    sky = (every["sky_brightness"] - numbers.sky_brightness) / numbers.sky_brightness_sd
    assert stats.kstest(sky, "norm").pvalue > UNLIKELY
    extinction = -2.5 * np.log10(np.concatenate(drawn[f"exposure_transparency_{band}"]))
    assert stats.kstest(extinction, "expon", args=(0, DES.extinction)).pvalue > UNLIKELY
    for axis in "xy":
        assert stats.kstest(np.concatenate(drawn[f"exposure_dither_{axis}_{band}"]), "uniform").pvalue > UNLIKELY
    ellipticity = np.hypot(drawn[f"psf_e1_{band}"], drawn[f"psf_e2_{band}"])
    assert np.sqrt(np.mean(ellipticity**2)) == pytest.approx(DES.psf_ellipticity, rel=0.05)


def test_numbers_of_exposures_are_equally_likely_and_the_lists_have_them(drawn):
    assert np.mean(DES.bands["g"].num_exposures) == 4.5
    for band in BANDS:
        _, counts = np.unique(drawn[f"num_exposures_{band}"], return_counts=True)
        assert stats.chisquare(counts).pvalue > UNLIKELY
        for name in ("seeing", "sky_brightness", "transparency", "dither_x", "dither_y"):
            lengths = [len(values) for values in drawn[f"exposure_{name}_{band}"]]
            np.testing.assert_array_equal(lengths, drawn[f"num_exposures_{band}"])


def test_bands_of_a_visit_are_correlated_and_visits_are_not(drawn):
    for name, change in (("seeing", np.log), ("sky_brightness", np.asarray)):
        g, i = (change(of_visit(drawn, name, band, 0)) for band in BANDS)
        assert np.corrcoef(g, i)[0, 1] == pytest.approx(DES.shared, abs=0.07), name
        assert np.corrcoef(g, change(of_visit(drawn, name, "g", 1)))[0, 1] == pytest.approx(0, abs=0.09), name
        assert np.corrcoef(g, change(of_visit(drawn, name, "i", 1)))[0, 1] == pytest.approx(0, abs=0.09), name


def test_the_properties_of_a_coadd_follow_from_its_exposures(drawn):
    """Weights are inverse variances of an empty pixel, computed independently here."""
    numbers = DES.bands["g"]
    for k in range(50):
        seeing, sky, transparency = (
            drawn[f"exposure_{name}_g"][k] for name in ("seeing", "sky_brightness", "transparency")
        )
        electrons = 10 ** (-0.4 * (sky - numbers.zero_point)) * 0.263**2 * 90 + 7**2
        weights = transparency**2 / electrons
        expected = effective_fwhm(seeing, weights / weights.sum(), 3.0)
        assert drawn["seeing_g"][k] == pytest.approx(expected)
        assert drawn["sky_brightness_g"][k] == pytest.approx(sky.mean())


def test_the_seeing_of_a_coadd_lies_between_those_of_its_exposures(drawn):
    for k in range(N):
        assert (
            drawn["exposure_seeing_g"][k].min() <= drawn["seeing_g"][k] <= drawn["exposure_seeing_g"][k].max() * 1.001
        )
