"""Checks of zero points, units, pixel scales, sky levels and missing pixels."""

import numpy as np
import pandas as pd
import pytest
from astropy.io import fits
from made import BANDS, NOISE, write

from lenspipe import ingest, store
from lenspipe.errors import InputError
from lenspipe.ingest import headers, pixels
from lenspipe.ingest.errors import CutoutError
from lenspipe.ingest.files import Plane
from lenspipe.surveys import SURVEYS

NAMES = ["{name}_{band}.fits"]
ONE = pd.DataFrame({"id": [1]})


def change(files, name, pixels=lambda image: image, **cards):
    """Write one of the files again with other pixels or cards; None removes a card."""
    with fits.open(files / name) as file:
        image, header = pixels(file[0].data.copy()), file[0].header.copy()
    for key, value in cards.items():
        header.remove(key) if value is None else header.set(key, value)
    fits.PrimaryHDU(image, header=header).writeto(files / name, overwrite=True)


def all_of(files, **cards):
    for path in files.glob("*.fits"):
        change(files, path.name, **cards)


@pytest.mark.parametrize(
    ("cards", "zero_point", "source"),
    [
        ({"MAGZERO": 27.5}, 27.5, "MAGZERO"),
        ({"PHOTZP": 25}, 25, "PHOTZP"),
        ({"FLUXMAG0": 10**10.8}, 27.0, "FLUXMAG0"),
        ({"BUNIT": "nanomaggies"}, 22.5, "BUNIT nanomaggies"),
        ({"BUNIT": "nmgy", "MAGZERO": 22.5}, 22.5, "MAGZERO"),
        ({"BUNIT": "Jy"}, 8.9, "BUNIT Jy"),
        ({"BUNIT": "nJy"}, 31.4, "BUNIT nJy"),
        ({"BUNIT": "electron/s", "ZP": 26.0}, 26.0, "ZP"),
    ],
)
def test_the_zero_point_comes_from_keywords_and_units(cards, zero_point, source):
    value, keyword = headers.zero_point(cards, "a.fits")
    assert value == pytest.approx(zero_point, abs=1e-4) and keyword == source


@pytest.mark.parametrize(
    ("cards", "message"),
    [
        ({}, "no zero point in its header"),
        ({"MAGZERO": 0.0}, "MAGZERO 0 cannot be a zero point"),
        ({"MAGZERO": "unknown"}, "not a number"),
        ({"MAGZERO": 30.0, "MAGZPT": 25.0}, "MAGZPT 25"),
        ({"BUNIT": "nmgy", "MAGZERO": 30.0}, "BUNIT nmgy 22.5"),
        ({"BUNIT": "mag/arcsec2", "MAGZERO": 30.0}, "neither counts nor a flux density"),
    ],
)
def test_an_impossible_zero_point_is_refused(cards, message):
    with pytest.raises(CutoutError, match=message):
        headers.zero_point(cards, "a.fits")


def test_a_value_from_the_user_replaces_the_header_s_and_is_reported():
    assert headers.zero_point({"MAGZERO": 25.0}, "a.fits", 30.0) == (30.0, "--zero-point over MAGZERO 25")
    assert headers.pixel_scale(Plane("a.fits", None, {"PIXSCALE": 0.2}, None), override=0.263) == (
        0.263,
        "--pixel-scale",
    )


def test_an_object_keeps_its_flux_at_another_zero_point(files, make, sky):
    """Its magnitude is the same: the store's counts do not depend on the files' zero point."""
    make(NAMES)
    for band in BANDS:
        for k in range(3):
            change(files, f"obj{k}_{band}.fits", lambda image: image * 10 ** (0.4 * (22.5 - 30)), MAGZERO=22.5)
    made = make(NAMES, output="scaled.zarr")
    one, two = (store.open_images(name) for name in ("cutouts.zarr", "scaled.zarr"))
    for name in ("image", "sky_sigma"):
        np.testing.assert_allclose(one[name], two[name], rtol=1e-5, atol=1e-4)
    assert (made.planes["zero_point"] == 22.5).all()


def test_a_wrong_or_missing_pixel_scale_is_refused(files, make):
    with pytest.raises(InputError, match=r"its pixels are 0\.263 arcsec, the survey's 0\.2"):
        make(NAMES, survey_scale=0.2)
    all_of(files, CTYPE1="X", CTYPE2="Y")
    with pytest.raises(InputError, match="no pixel scale in its header"):
        make(NAMES)
    make(NAMES, pixel_scale=0.263)


def test_a_sky_level_is_subtracted_and_reported(files, make, sky):
    change(files, "obj1_r.fits", lambda image: image + 500)
    made = make(NAMES)
    image = store.open_images("cutouts.zarr")["image"].values
    np.testing.assert_allclose(image[1, 1], sky[1, 1, 8:53, 8:53], atol=0.5)
    removed = made.planes[made.planes["sky"] != 0]
    assert removed[["id", "band"]].to_numpy().tolist() == [[8, "r"]]
    assert removed["sky"].iloc[0] == pytest.approx(500, abs=0.5)


def test_keep_sky_keeps_the_light_of_a_galaxy_that_fills_its_stamp(files, make, sky):
    halo = np.full((61, 61), 40.0)
    change(files, "obj1_r.fits", lambda image: image + halo)
    assert make(NAMES).planes["sky"].max() == pytest.approx(40, abs=1)
    kept = make(NAMES, output="kept.zarr", keep_sky=True).planes
    np.testing.assert_array_equal(
        store.open_images("kept.zarr")["image"].values[1, 1], (sky[1, 1] + halo).astype(np.float32)[8:53, 8:53]
    )
    assert (kept["sky"] == 0).all() and set(kept["sky_from"]) == {"--keep-sky"}
    assert "sky: not subtracted (--keep-sky)" in ingest.summarise(kept, 45, SURVEYS["des_y3"])


def test_noise_comes_from_the_border_or_the_weights(files, make):
    measured = make(NAMES).planes["sky_sigma"].to_numpy().reshape(3, 4)
    np.testing.assert_allclose(measured, np.tile(NOISE, (3, 1)), rtol=0.12)
    for b, band in enumerate(BANDS):
        for k in range(3):
            write(files / f"obj{k}_{band}_wht.fits", np.full((61, 61), (2 * NOISE[b]) ** -2))
    weighed = make(NAMES, weights=["{name}_{band}_wht.fits"], output="weighed.zarr").planes
    np.testing.assert_allclose(weighed["sky_sigma"].to_numpy().reshape(3, 4), 2 * np.tile(NOISE, (3, 1)), rtol=1e-6)
    assert set(weighed["sky_sigma_from"]) == {"weights"}


def test_narrow_holes_are_filled_and_wide_ones_stay_missing():
    rng = np.random.default_rng(2)
    image = rng.normal(0, 1, (45, 45))
    empty = np.zeros_like(image, bool)
    empty[:, 10] = empty[20, 20:22] = empty[30:36, 30:40] = True
    filled, count = pixels.fill(np.where(empty, 1e9, image), empty)
    assert count == 47
    assert np.isnan(filled[30:36, 30:40]).all() and np.isfinite(filled).sum() == image.size - 60
    assert np.abs(filled[:, 10]).max() < 3
    np.testing.assert_array_equal(filled[~empty], image[~empty])


def test_zeros_in_a_block_are_missing_and_a_single_zero_is_not():
    image = np.random.default_rng(3).normal(0, 1, (45, 45))
    image[3, 3] = 0
    image[10:14, 10:20] = 0
    assert pixels.missing(image).sum() == 40
    weights = np.ones_like(image)
    weights[0, :5] = [0, -1, np.nan, np.inf, 0]
    assert pixels.missing(image, weights).sum() == 45


def test_too_many_missing_pixels_refuse_one_object_and_keep_the_rest(files, make):
    def dead(image):
        image[:, :40] = np.nan
        return image

    change(files, "obj1_z.fits", dead)
    made = make(NAMES)
    assert made.catalog["id"].tolist() == [7, 9] and made.refused["id"].tolist() == [8]
    assert "of the cutout's z pixels are missing" in made.refused["reason"][0]
    assert pd.read_csv("cutouts.refused.csv")["id"].tolist() == [8]
    assert store.open_images("cutouts.zarr").sizes["object"] == 2 and store.verify("cutouts.zarr") == []
    assert make(NAMES, max_missing=0.9, output="all.zarr").refused.empty


@pytest.mark.parametrize("fwhm", [3.0, 4.0, 6.0])
def test_the_measured_fwhm_of_a_moffat_psf_is_its_fwhm(fwhm):
    y, x = np.indices((31, 31)) - 15.3
    alpha = fwhm / (2 * np.sqrt(2 ** (1 / 3) - 1))
    psf = 7 * (1 + (x**2 + y**2) / alpha**2) ** -3
    assert pixels.fwhm(psf, "psf.fits") == pytest.approx(fwhm, rel=0.03)


def test_the_psf_s_width_comes_from_its_image_the_header_or_the_user(files, make):
    y, x = np.indices((25, 25)) - 12
    write(files / "psf.fits", np.exp(-(x**2 + y**2) / 2 / 1.5**2))
    widths = make(NAMES, psf=[f"{band}=psf.fits" for band in BANDS], seeing={"z": 0.8}).planes
    np.testing.assert_allclose(widths["psf_fwhm"][:3], 2.355 * 1.5 * 0.263, rtol=0.02)
    assert widths["psf_fwhm"][3] == pytest.approx(0.8) and widths["psf_fwhm_from"][3] == "--seeing"
    all_of(files, SEEING=1.1)
    planes = make(NAMES, output="header.zarr").planes
    np.testing.assert_allclose(planes["psf_fwhm"], 1.1)


def test_bands_on_other_grids_are_refused(files, make):
    change(files, "obj2_i.fits", CRPIX1=29.0)
    made = make(NAMES)
    assert made.refused["id"].tolist() == [9] and "bands g and i lie 2.0 pixels apart" in made.refused["reason"][0]


def test_more_objects_than_a_chunk_keep_their_order_without_the_refused(folder, make):
    cube = np.random.default_rng(1).normal(0, 3, (600, 45, 45)).astype(np.float32)
    cube[:, 22, 22] = np.arange(600) + 1000
    cube[100:400:7] = np.nan
    for band in BANDS:
        write(folder / f"{band}.fits", cube, MAGZERO=30.0, PIXSCALE=0.263)
    made = make(["{band}.fits"], pd.DataFrame({"id": np.arange(600)}))
    dataset = store.open_images("cutouts.zarr")
    kept = np.setdiff1d(np.arange(600), np.arange(100, 400, 7))
    np.testing.assert_array_equal(dataset["id"], kept)
    np.testing.assert_array_equal(dataset["image"][:, 2, 22, 22], kept + 1000)
    np.testing.assert_array_equal(made.catalog["id"], kept)
    assert len(made.refused) == 43 and store.verify("cutouts.zarr") == []
