"""Every survey is as deep as it says: measured on simulated empty sky, pixels correlated as they are."""

import numpy as np
import pandas as pd
import pytest
import reference

from lenspipe.population.conditions import draw_conditions
from lenspipe.simulate.noise import coadds_of, observe
from lenspipe.simulate.psf import CoaddPsf
from lenspipe.simulate.scene import psf_of
from lenspipe.surveys import SURVEYS

COUNT, SIDE = 120, 96
TOLERANCE = {"des_y3": 0.1, "des_y6": 0.1}  # mag; the others' numbers are of mixed origin
ELSEWHERE = 0.15


def empty_sky(survey, count=COUNT, side=SIDE):
    """Rows of conditions and empty images [n, band, y, x]."""
    bands = list(survey.bands)
    drawn = draw_conditions(np.random.default_rng(3), count, survey, bands)
    nothing = {"source_R_sersic": np.full(count, np.nan), "noise_id": np.arange(count)}
    rows = pd.DataFrame(drawn | nothing).to_dict("records")
    blank = np.zeros((len(bands), side, side))
    return rows, [observe(blank, blank, row, bands, survey, seed=1) for row in rows]


def scatter(images, kernel):
    """Root mean square of sums under a kernel, at places that do not overlap; their mean is 0."""
    size = len(kernel)
    starts = range(0, images.shape[-1] - size + 1, size)
    sums = [np.sum(images[:, j : j + size, i : i + size] * kernel, axis=(1, 2)) for j in starts for i in starts]
    return np.sqrt(np.mean(np.square(sums)))


def aperture(diameter, pixel_scale):
    """Shares of pixels in a circular aperture about a pixel's centre."""
    half, fine = int(np.ceil(diameter / 2 / pixel_scale)) + 1, 11
    offset = (np.arange((2 * half + 1) * fine) + 0.5) / fine - half - 0.5
    inside = np.hypot(offset, offset[:, None]) < diameter / 2 / pixel_scale
    return inside.reshape(2 * half + 1, fine, 2 * half + 1, fine).mean(axis=(1, 3))


def point_source(row, band, survey, half=9):
    """Kernel whose sum is the flux of a star, by least squares, at noise that is the same in all pixels."""
    axis = np.arange(-half, half + 1) * survey.pixel_scale
    star = CoaddPsf(psf_of(row, [band], survey)).at(axis, axis)[0] * survey.pixel_scale**2
    return star / np.sum(star**2)


@pytest.mark.parametrize("name", sorted(SURVEYS))
def test_the_depth_is_the_published_one(name):
    """10 sigma in 1.95 arcsec for DES DR1 and DR2; what the others quote for them. And ours says the same of itself."""
    survey = SURVEYS[name]
    said = survey.published
    rows, seen = empty_sky(survey)
    for b, (band, published) in enumerate(said.depth.items()):
        assert band == list(survey.bands)[b]
        depths = []
        for row, one in zip(rows, seen, strict=True):
            if said.aperture:
                kernel = aperture(said.aperture, survey.pixel_scale)
            else:
                kernel = point_source(row, band, survey)
            sigma = scatter(one.image[b : b + 1].astype(float), kernel)
            depths.append(survey.magnitude_zero_point - 2.5 * np.log10(said.signal_to_noise * sigma))
        assert np.median(depths) == pytest.approx(published, abs=TOLERANCE.get(name, ELSEWHERE)), band


@pytest.mark.parametrize("name", ["des_y3", "hsc_wide"])
def test_the_stored_depth_is_what_apertures_on_the_image_show(name):
    survey = SURVEYS[name]
    rows, seen = empty_sky(survey, count=8, side=300)
    kernel = aperture(1.95, survey.pixel_scale)
    for b, band in enumerate(survey.bands):
        stored = [one.depth[b] for one in seen]
        sigma = [scatter(one.image[b : b + 1].astype(float), kernel) for one in seen]
        shown = survey.magnitude_zero_point - 2.5 * np.log10(10 * np.array(sigma))
        assert np.mean(shown) == pytest.approx(np.mean(stored), abs=0.03), band
        assert len(set(stored)) == len(stored)  # each object has its own
    coadd, one = coadds_of(rows[0], [band], survey)[0], seen[0]
    assert coadd.depth(survey) == pytest.approx(one.depth[b]) and coadd.sky_sigma() == pytest.approx(one.sky_sigma[b])


@pytest.mark.parametrize("band", ["g", "r", "i", "z"])
def test_depth_follows_from_the_numbers_by_hand(band):
    """Exposures at the medians, white noise in 1.95 arcsec: resampling moves noise, it does not take it away."""
    survey = SURVEYS["des_y3"]
    said, count = survey.bands[band], 4
    row = {f"exposure_{name}_{band}": np.full(count, value) for name, value in {
        "sky_brightness": said.sky_brightness, "transparency": 0.9, "dither_x": 0.4, "dither_y": 0.7,
    }.items()}  # fmt: skip
    variance = reference.exposures(row, band, survey)[2]
    white = np.sqrt(variance[0] / count * np.sum(aperture(1.95, 0.263) ** 2))
    (coadd,) = coadds_of(row, [band], survey)
    assert coadd.depth(survey) == pytest.approx(30 - 2.5 * np.log10(10 * white), abs=0.03)
    assert coadd.sky_sigma() < 0.9 * np.sqrt(variance[0] / count)


def test_a_visit_of_lsst_has_the_depth_that_the_observatory_works_out():
    """SMTN-002: 5 sigma of point sources in one visit, dark sky, zenith."""
    m5 = {"u": 23.70, "g": 24.97, "r": 24.52, "i": 24.13, "z": 23.56, "y": 22.55}
    survey = SURVEYS["lsst_y1"]
    for band, depth in m5.items():
        said = survey.bands[band]
        row = {"psf_e1_" + band: 0.0, "psf_e2_" + band: 0.0, f"exposure_seeing_{band}": np.array([said.seeing])}
        told = {"sky_brightness": said.sky_brightness, "transparency": 1.0, "dither_x": 0.0, "dither_y": 0.0}
        row |= {f"exposure_{name}_{band}": np.array([value]) for name, value in told.items()}
        (coadd,) = coadds_of(row, [band], survey)
        kernel = point_source(row, band, survey, half=15)
        sigma = np.sqrt(coadd.variance() * np.sum(kernel**2))
        assert 30 - 2.5 * np.log10(5 * sigma) == pytest.approx(depth, abs=0.1), band


def test_zero_points_of_kids_are_those_of_a_smaller_mirror():
    """They were derived from the depth: they must differ from DECam's as the mirrors' areas do, 2.6 and 3.9 m."""
    kids, des = SURVEYS["kids"], SURVEYS["des_y3"]
    smaller = 2.5 * np.log10((3.93**2 - 1.65**2) / (2.61**2 - 0.94**2))
    for band in ("g", "r", "i"):
        assert kids.bands[band].zero_point == pytest.approx(des.bands[band].zero_point - smaller, abs=0.4), band
