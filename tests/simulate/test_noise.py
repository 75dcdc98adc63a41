"""Noise: depth, Poisson statistics, streams, resampled pixels."""

import numpy as np
import pandas as pd
import pytest
import reference
from scipy import stats

from lenspipe.population.conditions import draw_conditions
from lenspipe.simulate.noise import coadds_of, observe
from lenspipe.surveys import SURVEYS, Coadd, Survey

DES = SURVEYS["des_y3"]
BANDS = ["g", "r", "i", "z"]


def conditions(survey, count, seed=5):
    """Rows of nothing but observing, as a catalogue has them; with a source, whose light is the test's."""
    drawn = draw_conditions(np.random.default_rng(seed), count, survey, list(survey.bands))
    told = {"source_R_sersic": np.full(count, 0.3), "noise_id": np.arange(count), "id": np.arange(count)}
    return pd.DataFrame(drawn | told).to_dict("records")


@pytest.fixture(scope="module")
def rows():
    return conditions(DES, 300)


@pytest.fixture(scope="module")
def empty(rows):
    """Empty images of DES and what they say of themselves."""
    return [observe(blank(), blank(), row, BANDS, DES, seed=1) for row in rows[:200]]


def blank(side=45, bands=4):
    return np.zeros((bands, side, side))


def test_sky_noise_is_that_of_real_des_coadds(empty):
    """Per pixel at zero point 30, medians measured on 56 stamps of real DES Y3 coadds; and their 5 to 95 %."""
    measured = {"g": (2.2, 2.64, 3.3), "r": (3.2, 3.72, 4.5), "i": (5.0, 6.25, 8.3), "z": (9.0, 11.19, 16.0)}
    for b, band in enumerate(BANDS):
        sigma = [one.image[b].std() for one in empty]
        low, median, high = measured[band]
        assert np.median(sigma) == pytest.approx(median, rel=0.1), band
        assert np.percentile(sigma, [5, 95]) == pytest.approx([low, high], rel=0.15), band


def test_sky_noise_is_that_of_the_stamps_at_hand(empty, realdata):
    table = pd.read_csv(realdata / "des_coadd_sky.csv")
    for b, band in enumerate(BANDS):
        real = table.loc[table["band"] == band, "sky_sigma_zp30"].median()
        assert np.median([one.image[b].std() for one in empty]) == pytest.approx(real, rel=0.1), band


def test_sky_sigma_is_what_a_blank_image_shows(rows):
    for row in rows[:20]:
        seen = observe(blank(90), blank(90), row | {"source_R_sersic": np.nan}, BANDS, DES, seed=1)
        np.testing.assert_allclose(seen.image.std(axis=(1, 2)), seen.sky_sigma, rtol=0.04)
        np.testing.assert_array_less(np.abs(seen.image.mean(axis=(1, 2))), 6 * seen.sky_sigma / 90)
        assert seen.arc_snr == 0


def test_mean_and_variance_are_those_of_the_exposures_added_up(rows):
    """Every exposure drawn by itself and coadded, against one draw of each kind; before resampling, which is undone."""
    row, band = rows[0], "r"
    nearest = Survey.model_validate(DES.numbers() | {"lanczos": 0})
    weights, electrons, variance = reference.exposures(row, band, DES)
    light, side = 500.0, 200
    rng, coadd = np.random.default_rng(1), 0.0
    for w, gain, empty_variance in zip(weights, electrons, variance, strict=True):
        sky = empty_variance * gain**2 - 49
        pixels = rng.poisson(light * gain + sky, (side, side)) - sky + rng.normal(0, 7, (side, side))
        coadd = coadd + w * pixels / gain
    expected = np.sum(weights**2 * (light / electrons + variance))
    seen = observe(np.full((1, side, side), light), blank(side, 1), row, [band], nearest, seed=2).image
    for image in (coadd, seen):
        assert image.mean() == pytest.approx(light, abs=5 * np.sqrt(expected) / side)
        assert image.var() == pytest.approx(expected, rel=0.03)


def test_one_exposure_has_the_noise_of_the_ccd_equation_and_of_real_decam_exposures(realdata):
    """Each exposure of the table through our own functions, its sky, gain and read noise given, in ADU."""
    ratios = []
    for seen in pd.read_csv(realdata / "decam_ccd_noise.csv").to_dict("records"):
        gain, time = seen["gain_e_per_adu"], seen["exptime_s"]
        said = DES.bands[seen["band"]].model_dump() | {"exposure_time": time}
        one = DES.numbers() | {"read_noise": seen["read_noise_e"], "bands": {seen["band"]: said}, "lanczos": 0}
        survey = Survey.model_validate(one)
        per_second = seen["sky_adu"] * gain / time / survey.pixel_scale**2
        sky_brightness = said["zero_point"] - 2.5 * np.log10(per_second)
        coadd = survey.coadd(
            seen["band"],
            sky_brightness=np.array([sky_brightness]),
            transparency=np.array([1.0]),
            dither_x=np.array([0.3]),
            dither_y=np.array([0.6]),
        )
        sigma = coadd.sky_sigma() * coadd.gain / gain
        assert sigma == pytest.approx(seen["sigma_ccd_equation_adu"], rel=1e-3)
        ratios.append(seen["sigma_weightmap_adu"] / sigma)
    assert len(ratios) == 27 and np.median(ratios) == pytest.approx(1, abs=0.02)
    assert 0.92 < min(ratios) and max(ratios) < 1.1


def test_a_twin_shares_all_noise_but_its_arc_s(rows):
    lens_light, source_light = np.full((4, 45, 45), 30.0), np.full((4, 45, 45), 8.0)
    row = rows[3]
    image = observe(lens_light, source_light, row, BANDS, DES, seed=3).image
    twin = row | {"source_R_sersic": np.nan, "id": row["id"] + 1000}  # noise_id stays
    without = observe(lens_light, 0 * source_light, twin, BANDS, DES, seed=3).image
    brighter = observe(lens_light + 100, source_light, row, BANDS, DES, seed=3).image
    plain = observe(lens_light + 100, 0 * source_light, twin, BANDS, DES, seed=3).image
    arc = image - without
    np.testing.assert_allclose(arc, brighter - plain, atol=2e-4)  # photons of the arc alone, whatever it lies on
    for plane, coadd in zip(arc, coadds_of(row, BANDS, DES), strict=True):
        kept = coadd.covariance[0, 0]
        assert plane.mean() == pytest.approx(8, abs=5 * np.sqrt(8 / coadd.gain) / 45)
        assert plane.var() == pytest.approx(8 / coadd.gain * kept, rel=0.2)


def test_objects_and_seeds_have_their_own_noise(rows):
    one, other = (observe(blank(), blank(), row, BANDS, DES, seed=3).image.ravel() for row in rows[:2])
    again = observe(blank(), blank(), rows[0], BANDS, DES, seed=4).image.ravel()
    for a, b in ((one, other), (one, again)):
        assert abs(stats.pearsonr(a, b).statistic) < 0.05


def test_arc_snr_is_its_definition(rows):
    """source^2 / variance, summed over pixels and bands, the variance from the exposures by hand."""
    row = rows[5]
    lens_light, source_light = np.full((4, 20, 20), 40.0), np.full((4, 20, 20), 5.0)
    total = 0.0
    for band in BANDS:
        weights, electrons, variance = reference.exposures(row, band, DES)
        total += 400 * 5**2 / np.sum(weights**2 * (45 / electrons + variance))
    assert observe(lens_light, source_light, row, BANDS, DES, seed=3).arc_snr == pytest.approx(np.sqrt(total))


def correlation(images, dy, dx):
    """Of pixels of empty images that lie so far apart."""
    size = images.shape[-1]
    a, b = images[..., : size - dy, : size - dx], images[..., dy:, dx:]
    return np.mean(a * b) / np.mean(images**2)


@pytest.mark.parametrize("order", [2, 3, 5])
def test_pixels_are_correlated_as_if_each_exposure_had_been_interpolated(order):
    """Exposures drawn one by one and interpolated at their dithers by a Lanczos sum, against ours filtered."""
    survey = Survey.model_validate(DES.numbers() | {"lanczos": order})
    row = conditions(survey, 1, seed=8)[0]
    weights, _, variance = reference.exposures(row, "i", survey)
    rng, side = np.random.default_rng(2), 300
    coadd = np.zeros((side - 2 * order, side - 2 * order))
    for w, v, x, y in zip(weights, variance, row["exposure_dither_x_i"], row["exposure_dither_y_i"], strict=True):
        pixels = rng.normal(0, np.sqrt(v), (side, side))
        for axis, phase in ((0, y), (1, x)):
            steps = np.arange(1 - order, order + 1)
            taps = np.sinc(steps - phase) * np.sinc((steps - phase) / order)
            shifted = [np.roll(pixels, -step, axis) for step in steps]
            pixels = sum(tap * one for tap, one in zip(taps / taps.sum(), shifted, strict=True))
        coadd += w * pixels[order:-order, order:-order]
    ours = observe(blank(side, 1), blank(side, 1), row, ["i"], survey, seed=1).image[0]
    assert ours.std() == pytest.approx(coadd.std(), rel=0.02)
    for lag in ((0, 1), (1, 0), (1, 1), (0, 2), (2, 0), (0, 3), (3, 0), (0, 7)):
        assert correlation(ours, *lag) == pytest.approx(correlation(coadd, *lag), abs=0.015), lag
    edges = np.mean(ours[:, 0] * ours[:, -1]) / ours.var()
    assert abs(edges) < 4 / np.sqrt(side), "opposite edges are no neighbours"


def test_pixels_are_correlated_as_those_of_real_coadds(empty, realdata):
    """Of the 30 real stamps where a smoothed image shows no source; ours through the same masks."""
    from astropy.io import fits
    from scipy.ndimage import binary_dilation, gaussian_filter

    def measured(image):
        dark = np.ones(image.shape, bool)
        for _ in range(4):
            level = np.median(image[dark])
            smooth = gaussian_filter(image - level, 2.0)
            dark = ~binary_dilation(smooth > 2 * 1.4826 * np.median(np.abs(smooth[dark])), iterations=3)
        values = np.where(dark, image - np.median(image[dark]), 0)
        dark &= np.abs(values) < 4 * 1.4826 * np.median(np.abs(values[dark]))
        values = np.where(dark, values, 0)
        found = []
        for dy, dx in ((0, 1), (1, 0), (1, 1), (0, 2), (2, 0), (0, 3), (3, 0)):
            here, there = (slice(None, -dy or None), slice(None, -dx or None)), (slice(dy, None), slice(dx, None))
            pairs = np.mean((values[here] * values[there])[dark[here] & dark[there]])
            found.append(pairs / np.mean(values[dark] ** 2))
        return found

    for b, band in enumerate(BANDS):
        stamps = fits.getdata(realdata / "des_galaxies" / f"{band}.fits").astype(float)
        real = np.median([measured(stamp) for stamp in stamps], axis=0)
        simulated = np.median([measured(one.image[b].astype(float)) for one in empty[:100]], axis=0)
        np.testing.assert_allclose(simulated, real, atol=0.035, err_msg=band)
        assert real[0] > 0.07 and simulated[0] > 0.07 and real[3] < -0.05 and simulated[3] < -0.05


def test_the_kernel_hardly_widens_a_star():
    """The published seeing is taken as the coadd's: interpolating a DES star at half a pixel changes it by 1 %."""
    from lenspipe.surveys._resampling import taps

    steps, weights = np.arange(-2, 4), taps(0.5, 3)
    x = np.linspace(-2, 2, 20001)
    star = (1 + (x / 0.263 / (0.9 / 0.263 / 2 / np.sqrt(2 ** (1 / 3) - 1))) ** 2) ** -3.0
    moved = sum(w * np.interp(x + 0.263 * (step - 0.5), x, star) for w, step in zip(weights, steps, strict=True))
    widths = [np.ptp(x[profile > profile.max() / 2]) for profile in (star, moved)]
    assert widths[1] == pytest.approx(widths[0], rel=0.01)


def test_noise_of_a_lone_exposure_without_resampling_is_white():
    coadd = Coadd(2.0, 100.0, 5.0, np.ones(1), 0, np.zeros(1, int), np.zeros(1, int), np.ones(1))
    assert coadd.margin == 0 and coadd.sky_sigma() == pytest.approx(np.sqrt(125) / 2)
    np.testing.assert_allclose(coadd.noise_power(9), 1)
