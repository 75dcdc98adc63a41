"""Noise: depth, Poisson statistics, streams."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from lenspipe.population import draw_catalog
from lenspipe.simulate.observing import observe
from lenspipe.surveys import SURVEYS

DES = SURVEYS["des_y3"]
BANDS = ["g", "r", "i", "z"]


@pytest.fixture(scope="module")
def rows(default_priors):
    return draw_catalog("test", 600, 0.5, {"deflector": 1}, 5, default_priors).to_dict("records")


def blank(side=45):
    return np.zeros((4, side, side))


def test_sky_noise_is_that_of_real_des_coadds(rows):
    """Per pixel at zero point 30, medians measured on 56 real DES Y3 coadd stamps."""
    measured = dict(zip(BANDS, (2.64, 3.72, 6.25, 11.19), strict=True))
    images = np.array([observe(blank(), blank(), row, BANDS, DES, seed=1)[0] for row in rows[:200]])
    for b, band in enumerate(BANDS):
        sigma = np.median(images[:, b].std(axis=(1, 2)))
        assert sigma == pytest.approx(measured[band], rel=0.1), band


def test_sky_noise_is_that_of_the_stamps_at_hand(rows, realdata):
    table = pd.read_csv(realdata / "des_coadd_sky.csv")
    images = np.array([observe(blank(), blank(), row, BANDS, DES, seed=1)[0] for row in rows[:200]])
    for b, band in enumerate(BANDS):
        column = next(name for name in table if name.startswith(("sky_sigma", "sigma")) or name == band)
        values = table.loc[table["band"] == band, column] if "band" in table else table[band]
        assert np.median(images[:, b].std(axis=(1, 2))) == pytest.approx(values.median(), rel=0.1), band


def test_sky_sigma_is_what_a_blank_image_shows(rows):
    for row in rows[:20]:
        image, sky_sigma, arc_snr = observe(blank(90), blank(90), row | {"is_lens": False}, BANDS, DES, seed=1)
        np.testing.assert_allclose(image.std(axis=(1, 2)), sky_sigma, rtol=0.04)
        np.testing.assert_array_less(np.abs(image.mean(axis=(1, 2))), 5 * sky_sigma / 90)
        assert arc_snr == 0


def test_variance_is_the_ccd_equation(rows):
    """Many draws of one bright pixel: variance = light + sky + read noise, in electrons."""
    row = rows[0]
    light = np.full((1, 120, 120), 500.0)
    image = observe(light, 0 * light, row, ["r"], DES, seed=2)[0][0]
    exposures = row["num_exposures_r"]
    unit = 10 ** (0.4 * (30 - 26.78)) / (90 * exposures)
    sky = 10 ** (-0.4 * (row["sky_brightness_r"] - 26.78)) * 0.263**2 * 90 * exposures
    variance = (500 / unit + sky + 49 * exposures) * unit**2
    assert image.var() == pytest.approx(variance, rel=0.05)
    assert image.mean() == pytest.approx(500, abs=5 * np.sqrt(variance) / 120)


def test_a_twin_shares_all_noise_but_its_arc_s(rows):
    row = next(row for row in rows if row["is_lens"])
    lens_light, source_light = np.full((4, 45, 45), 30.0), np.full((4, 45, 45), 8.0)
    image = observe(lens_light, source_light, row, BANDS, DES, seed=3)[0]
    twin = row | {"is_lens": False, "id": row["id"] + 1}  # noise_id stays
    without = observe(lens_light, 0 * source_light, twin, BANDS, DES, seed=3)[0]
    arc = image - without
    units = [DES.counts_per_electron(band, row[f"num_exposures_{band}"]) for band in BANDS]
    electrons = arc / np.array(units)[:, None, None]
    np.testing.assert_allclose(electrons, np.rint(electrons), atol=1e-2)  # photons of the arc alone
    assert np.all(np.rint(electrons) >= 0)
    for plane, unit in zip(np.rint(electrons), units, strict=True):
        assert plane.var() == pytest.approx(8 / unit, rel=0.15)


def test_objects_and_seeds_have_their_own_noise(rows):
    one, other = (observe(blank(), blank(), row, BANDS, DES, seed=3)[0].ravel() for row in rows[:2])
    again = observe(blank(), blank(), rows[0], BANDS, DES, seed=4)[0].ravel()
    for a, b in ((one, other), (one, again)):
        assert abs(stats.pearsonr(a, b).statistic) < 0.05


def test_arc_snr_is_its_definition(rows):
    row = next(row for row in rows if row["is_lens"])
    lens_light, source_light = np.full((4, 20, 20), 40.0), np.full((4, 20, 20), 5.0)
    snr = observe(lens_light, source_light, row, BANDS, DES, seed=3)[2]
    total = 0.0
    for band in BANDS:
        n, zero_point = row[f"num_exposures_{band}"], DES.bands[band].zero_point
        unit = 10 ** (0.4 * (30 - zero_point)) / (90 * n)
        sky = 10 ** (-0.4 * (row[f"sky_brightness_{band}"] - zero_point)) * 0.263**2 * 90 * n
        total += 400 * (5 / unit) ** 2 / (45 / unit + sky + 49 * n)
    assert snr == pytest.approx(np.sqrt(total))


def test_depth_is_that_of_the_survey():
    """10 sigma in a 1.95 arcsec aperture, DES DR1: g 24.33, r 24.08, i 23.44, z 22.69, with 4 exposures as then."""
    for band, depth in zip(BANDS, (24.33, 24.08, 23.44, 22.69), strict=True):
        sigma = DES.sky_sigma(band, DES.bands[band].sky_brightness, 4)
        pixels = np.pi * (1.95 / 2 / DES.pixel_scale) ** 2
        assert 30 - 2.5 * np.log10(10 * sigma * np.sqrt(pixels)) == pytest.approx(depth, abs=0.1), band
