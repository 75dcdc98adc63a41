"""Detection of sources in stamps with planted sources and in real stamps."""

import numpy as np
import pandas as pd
import pytest
from scipy.ndimage import gaussian_filter

from lenspipe.measure.detection import aperture_magnitudes, counts_per_stamp, detect, sky_and_noise
from lenspipe.validation.field import check_field, match_galaxies

SCALE, ZERO_POINT = 0.263, 30.0
PLACES = ((-8.0, 5.0), (6.0, 7.0), (3.0, -8.0))  # arcsec from the middle
MAGNITUDES = (20.0, 21.0, 22.0)


def planted(rng, num_pix=91, correlated=False):
    """A galaxy in the middle and three round sources of a Gaussian profile, FWHM 0.9 arcsec, on noise of 5 counts."""
    y, x = (np.mgrid[:num_pix, :num_pix] - (num_pix - 1) / 2) * SCALE
    noise = rng.normal(size=(num_pix, num_pix))
    if correlated:
        noise = gaussian_filter(noise, 0.45)
    image = noise / noise.std() * 5.0
    for (x0, y0), magnitude, sigma in (*zip(PLACES, MAGNITUDES, (0.38,) * 3, strict=True), ((0, 0), 19.0, 0.8)):
        profile = np.exp(-((x - x0) ** 2 + (y - y0) ** 2) / 2 / sigma**2) / (2 * np.pi * sigma**2) * SCALE**2
        image += 10 ** (0.4 * (ZERO_POINT - magnitude)) * profile
    return image


@pytest.mark.parametrize("correlated", [False, True])
def test_planted_sources_are_detected_and_the_central_galaxy_is_excluded(correlated):
    rng = np.random.default_rng(2)
    images = np.stack([planted(rng, correlated=correlated) for _ in range(40)])[:, None]
    sources = detect(images, ["i"], pixel_scale=SCALE, zero_point=ZERO_POINT)
    numbers = counts_per_stamp(sources, len(images), ["i"])
    assert (numbers >= 3).all() and numbers.mean() < 3.1  # few false detections, whether the noise is correlated or not
    for (x, y), magnitude in zip(PLACES, MAGNITUDES, strict=True):
        matched = sources[np.hypot(sources["x"] - x, sources["y"] - y) < 0.5]
        assert len(matched) == 40
        assert matched["magnitude"].median() == pytest.approx(magnitude, abs=0.06)
        # half of a round Gaussian's light lies within 1.177 sigma
        assert matched["radius"].median() == pytest.approx(1.177 * 0.38, rel=0.08)
        assert matched["ellipticity"].median() < 0.1


def test_colours_of_planted_sources_are_recovered():
    rng = np.random.default_rng(3)
    images = np.stack([planted(rng), 2 * planted(rng)])[None]
    sources = detect(images, ["g", "i"], pixel_scale=SCALE, zero_point=ZERO_POINT)
    magnitudes = aperture_magnitudes(
        images, sources[sources["band"] == "i"], ["g", "i"], pixel_scale=SCALE, zero_point=ZERO_POINT
    )
    bright = magnitudes[magnitudes["i"] < 22]
    assert len(bright) == 3
    assert np.allclose(bright["g"] - bright["i"], 2.5 * np.log10(2), atol=0.1)


def test_stamps_without_sources_are_counted():
    images = np.random.default_rng(4).normal(size=(2, 1, 61, 61))
    assert counts_per_stamp(detect(images, ["g"], pixel_scale=SCALE, zero_point=ZERO_POINT), 2, ["g"]).shape == (2, 1)


@pytest.fixture(scope="module")
def fields(realdata, default_priors):
    """Real stamps of 24 arcsec around red galaxies, and simulated ones around galaxies as bright and red."""
    from dataclasses import replace

    from astropy.io import fits

    from lenspipe.population.catalog import draw_catalog
    from lenspipe.simulate.pipeline import simulate_objects

    bands = list(default_priors.bands)
    cubes = [fits.getdata(realdata / "des_galaxies" / f"{band}.fits") for band in bands]
    real = np.stack(cubes, axis=1).astype(np.float32)
    catalog = draw_catalog(
        "test",
        3000,
        lens_fraction=0.001,
        non_lenses={"deflector": 1},
        seed=5,
        priors=replace(default_priors, num_pix=91),
    )
    catalog = catalog[catalog["kind"] == "deflector"].reset_index(drop=True)
    matched = match_galaxies(real, catalog, bands, pixel_scale=SCALE, zero_point=ZERO_POINT, matches=3)
    rows = catalog.iloc[matched].reset_index(drop=True)
    return real, simulate_objects(rows, bands, 91, default_priors.survey, 7)["image"], bands


def test_simulated_fields_have_as_many_sources_as_real_ones_in_each_band(fields):
    """Means agree within two standard errors, which include the counting errors of both."""
    real, simulated, bands = fields
    table = check_field(real, simulated, bands, pixel_scale=SCALE, zero_point=ZERO_POINT).set_index("quantity")
    for band in bands:
        assert table.loc[f"sources per stamp, {band}", "verdict"] == "met", table.loc[f"sources per stamp, {band}"]
        assert table.loc[f"magnitude of sources, {band}", "verdict"] == "met"
    # The test is sensitive: with half of the fields removed the counts disagree.
    emptied = simulated.copy()
    emptied[::2] = np.random.default_rng(1).normal(0, 1, emptied[::2].shape)
    table = check_field(real, emptied, bands, pixel_scale=SCALE, zero_point=ZERO_POINT)
    assert (table.loc[table["quantity"].str.startswith("sources"), "verdict"] == "missed").all()


def test_a_sample_agrees_with_itself(fields):
    real, _, bands = fields
    table = check_field(real, real, bands, pixel_scale=SCALE, zero_point=ZERO_POINT)
    assert (table["verdict"] == "met").all() and isinstance(table, pd.DataFrame)


@pytest.mark.parametrize(
    "plane", [np.full((45, 45), 3.0), np.where(np.arange(2025) % 4, 3.0, np.arange(2025)).reshape(45, 45)]
)
def test_a_plane_whose_pixels_are_mostly_equal_has_this_level_and_no_noise(plane):
    assert sky_and_noise(plane) == (3.0, 0.0)


def test_planes_without_noise_have_no_sources():
    planes = np.stack([np.full((45, 45), 3.0), np.zeros((45, 45))])
    assert len(detect(planes[None], ["g", "r"], pixel_scale=0.263, zero_point=30.0)) == 0
