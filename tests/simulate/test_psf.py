"""The point-spread function of a coadd: profile, transform, width, shape."""

import numpy as np
import pytest
import reference
from astropy.modeling.models import Moffat2D
from scipy import integrate, optimize, special

from lenspipe.population.conditions import draw_conditions
from lenspipe.simulate import psf
from lenspipe.simulate.engines.numba.canvas import grid_of
from lenspipe.simulate.scene import psf_of
from lenspipe.surveys import SURVEYS, effective_fwhm

DES = SURVEYS["des_y3"]
BANDS = ["g", "z"]


@pytest.fixture(scope="module")
def rows():
    """Conditions of a few coadds."""
    drawn = draw_conditions(np.random.default_rng(3), 4, DES, BANDS)
    return [{name: values[k] for name, values in drawn.items()} for k in range(4)]


def test_the_profile_is_astropy_s_with_unit_flux():
    r = np.linspace(0, 5, 200)
    alpha = psf.moffat_alpha(0.9, 3.0)
    theirs = Moffat2D(amplitude=2 / (np.pi * alpha**2), gamma=alpha, alpha=3.0)(r, 0)
    np.testing.assert_allclose(psf.moffat(r, 0.9, 3.0), theirs)
    assert integrate.quad(lambda r: 2 * np.pi * r * psf.moffat(r, 0.9, 3.0), 0, np.inf)[0] == pytest.approx(1)


@pytest.mark.parametrize("beta", [2.5, 3.0, 4.5])
def test_the_transform_is_the_hankel_transform(beta):
    table, alpha = psf.transform_table(beta), psf.moffat_alpha(1.0, beta)
    for k in (0.0, 0.5, 2.0, 7.0):
        numeric = integrate.quad(
            lambda r, k=k: 2 * np.pi * r * special.j0(k * r) * psf.moffat(r, 1.0, beta), 0, 200, limit=2000
        )[0]
        found = np.interp(k * alpha, psf.STEP * np.arange(len(table)), table)
        assert found == pytest.approx(numeric, abs=2e-5)


def test_the_width_is_where_the_exposures_weighted_sum_is_half_its_maximum():
    rng = np.random.default_rng(1)
    fwhm, weights = rng.uniform(0.6, 1.6, (50, 6)), rng.dirichlet(np.ones(6), 50)
    found = effective_fwhm(fwhm, weights, 3.0)
    for width, each, share in zip(found, fwhm, weights, strict=True):
        total = lambda r, e=each, s=share: sum(w * psf.moffat(r, f, 3.0) for w, f in zip(s, e, strict=True))  # noqa: E731
        assert width == pytest.approx(2 * optimize.brentq(lambda r, t=total: t(r) - t(0.0) / 2, 0.1, 2), rel=1e-9)
    assert effective_fwhm(np.array([0.9]), np.array([1.0]), 3.0) == pytest.approx(0.9)


def test_a_star_is_the_weighted_sum_of_its_exposures(rows):
    axis = np.linspace(-8, 8, 161)
    dx, dy = np.meshgrid(axis, axis - 0.3)
    for row in rows:
        found = psf.CoaddPsf(psf_of(row, BANDS, DES)).at(axis, axis - 0.3)
        for plane, band in zip(found, BANDS, strict=True):
            np.testing.assert_allclose(plane, reference.point_spread(dx, dy, row, band, DES), rtol=1e-4)


def test_the_transform_is_that_of_the_star(rows):
    """Through a fine picture of the star that is large enough to hold it; the elongated one too."""
    grid = grid_of(45, DES.pixel_scale)
    step, half = 0.08, 40.0
    axis = np.arange(-half, half, step)
    dx, dy = np.meshgrid(axis, axis)
    for row in (rows[0], rows[1] | {"psf_e1_g": 0.12, "psf_e2_g": -0.15}):
        star = reference.point_spread(dx, dy, row, "g", DES) * step**2
        plane = psf.CoaddPsf(psf_of(row, BANDS, DES)).transform(grid)[0]
        for j, i in ((0, 0), (3, 5), (-7, 2), (9, 9), (0, 20), (-12, 14)):
            wave = np.exp(-1j * (grid.ky[j] * axis[:, None] + grid.kx[i] * axis))
            assert plane[j, i] == pytest.approx((star * wave).sum().real, abs=5e-4)
    assert plane[9, 9] != pytest.approx(plane[-9, 9], rel=0.1)  # the shape is not lost


def test_an_ellipse_keeps_the_area_and_has_the_axes_of_lenstronomy(rows):
    row = rows[0] | {"psf_e1_g": 0.1, "psf_e2_g": 0.0}
    r, middle = np.linspace(0, 1.5, 6001), np.zeros(1)
    star = psf.CoaddPsf(psf_of(row, BANDS, DES))
    along, across = star.at(r, middle)[0, 0], star.at(middle, r)[0, :, 0]
    major, minor = (2 * r[np.argmin(np.abs(profile - profile[0] / 2))] for profile in (along, across))
    assert minor / major == pytest.approx(0.9 / 1.1, abs=1e-3)
    assert np.sqrt(minor * major) == pytest.approx(row["seeing_g"], rel=1e-3)
