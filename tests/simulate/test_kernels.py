"""The compiled loops against plain numpy."""

import numpy as np
import pytest
from lenstronomy.LightModel.Profiles.sersic import SersicElliptic
from scipy import fft
from scipy.special import ndtr

from lenspipe.simulate import profiles
from lenspipe.simulate.engines.numba import cell_kernels, galaxy_kernels, source_kernels
from lenspipe.simulate.engines.numba.canvas import grid_of
from lenspipe.simulate.engines.numba.lens_models import ray_shooting, sersic_center
from lenspipe.simulate.engines.numba.render import ellipse
from lenspipe.simulate.scene import mass_of

GRID = grid_of(45, 0.263)


def test_the_window_is_a_normal_distribution_s_tail():
    rho = np.linspace(0, 15, 200)
    np.testing.assert_allclose(
        galaxy_kernels.window(rho), ndtr((galaxy_kernels.WINDOW - rho) / galaxy_kernels.SOFTNESS), rtol=1e-10
    )


PLACE, SHAPE = (0.3, -0.5), (0.2, 0.3)


def profile(R, n):
    """Arguments of the kernels for profiles of these half-light radii, one a band, and fluxes 1, 2, ..."""
    b, middle = sersic_center(R, n)
    return (*PLACE, *profiles.shape(*SHAPE), R, n, b, middle * np.arange(1, len(R) + 1))


def lenstronomy_s(x, y, R, n):
    sersic = SersicElliptic()
    return sersic.function(x, y, 1 / sersic.total_flux(1.0, R, n), R, n, *SHAPE, *PLACE)


@pytest.mark.parametrize("n", [0.5, 1.0, 2.0, 2.3, 4.0])
def test_lensed_lights_are_lenstronomy_s_sersic_profiles(n):
    """Two of them with other fluxes in two bands; the second is left out beyond its half-light radius."""
    side = np.zeros(GRID.x.shape, np.int64)
    side[20:70, 30:80] = 2
    x, y = cell_kernels.points_in_cells(side, GRID.axis)
    b, middle = sersic_center(0.7, n)
    flux, form = np.array([[1.0, 2.0], [3.0, 5.0]]), ellipse(0.7, *SHAPE)
    lights = ([PLACE[0]] * 2, [PLACE[1]] * 2, [form] * 2, [np.inf, 1.0], [n] * 2, [b] * 2)
    maps = np.zeros((2, *GRID.x.shape))
    source_kernels.add_lights(maps, x, y, side, *(np.array(a) for a in lights), middle * flux)
    values = lenstronomy_s(x, y, 0.7, n)
    inside = np.hypot(*profiles.elliptical(x - PLACE[0], y - PLACE[1], *SHAPE)) < 0.7
    for band in range(2):
        expected = cell_kernels.means_of_cells(values * (flux[0, band] + flux[1, band] * inside), side)
        np.testing.assert_allclose(maps[band], expected, rtol=5e-6, atol=1e-7 * expected.max())


@pytest.mark.parametrize(("n", "R"), [(1.0, (0.7, 0.7)), (2.3, (0.7, 0.9)), (4.0, (0.7, 0.6))])
def test_light_outside_the_window_is_each_band_s_profile_as_far_as_it_is_seen(n, R):
    R, reach = np.array(R), 4.0
    maps = np.zeros((2, *GRID.x.shape), np.float32)
    galaxy_kernels.add_far_light(maps, GRID.axis, GRID.axis, *profile(R, n), GRID.step, reach, GRID.reach)
    rho = np.hypot(*profiles.elliptical(GRID.x - PLACE[0], GRID.y - PLACE[1], *SHAPE))
    outside = np.where(
        rho < GRID.reach * GRID.step, ndtr((rho / GRID.step - galaxy_kernels.WINDOW) / galaxy_kernels.SOFTNESS), 1
    )
    for band in range(2):
        expected = (band + 1) * lenstronomy_s(GRID.x, GRID.y, R[band], n) * outside * (rho < reach)
        np.testing.assert_allclose(maps[band], expected, rtol=1e-5, atol=1e-9)


@pytest.mark.parametrize("R", [(0.7, 0.7), (0.7, 0.5)])
def test_the_centre_keeps_its_flux_and_centroid(R):
    maps = np.zeros((2, *GRID.x.shape))
    R, points = np.array(R), (GRID.axis, GRID.along, GRID.across, GRID.area)
    left, _, _ = galaxy_kernels.add_center(maps, *points, *profile(R, 4.0))
    assert not left.any()
    rho = np.hypot(GRID.along, GRID.across)
    for band, spread in enumerate(maps):
        b, middle = sersic_center(R[band], 4.0)
        total = (band + 1) * np.sum(GRID.area * middle * np.exp(-b * (rho / R[band]) ** 0.25))
        assert spread.sum() == pytest.approx(total)
        assert (spread * GRID.x).sum() / total == pytest.approx(PLACE[0])
        assert (spread * GRID.y).sum() / total == pytest.approx(PLACE[1])


def test_what_of_a_centre_lies_beyond_the_maps_is_told():
    edge = GRID.axis[-1]
    x0, y0, *shape = profile(np.array([0.7, 0.7]), 4.0)
    points = (GRID.axis, GRID.along, GRID.across, GRID.area)
    maps, whole = np.zeros((2, 2, *GRID.x.shape))
    galaxy_kernels.add_center(whole, *points, x0, y0, *shape)
    left, x, y = galaxy_kernels.add_center(maps, *points, edge, y0, *shape)
    np.testing.assert_allclose(maps.sum(axis=(1, 2)) + left, whole.sum(axis=(1, 2)))
    assert 0.4 < left[0] / whole[0].sum() < 0.7 and left[1] == pytest.approx(2 * left[0])
    # The centroid of all is the centre.
    assert (maps[0] * GRID.x).sum() + left[0] * x == pytest.approx(edge * whole[0].sum())
    assert (maps[0] * GRID.y).sum() + left[0] * y == pytest.approx(y0 * whole[0].sum())


def test_points_for_lensed_lights_are_as_far_apart_as_rays_of_neighbouring_cells():
    """The same in numpy, on rays of a strong lens."""
    row = {"theta_E_halo": 1.5, "gamma": 2.0, "e1": 0.2, "e2": 0.1, "gamma1": 0.02, "gamma2": 0.0}
    row |= {"center_x": 0.0, "center_y": 0.0}
    x0, y0, core, extent = np.array([[0.1, 0.2, 0.3, 0.9], [0.4, -0.3, 0.02, 0.1]]).T
    beta_x, beta_y = (b.astype(float) for b in ray_shooting(mass_of(row))(GRID.x, GRID.y))
    squared = np.zeros((4, *beta_x.shape))
    for k, (axis, to) in enumerate(((0, 1), (0, -1), (1, 1), (1, -1))):
        there = [np.roll(b, to, axis) for b in (beta_x, beta_y)]
        squared[k] = (there[0] - beta_x) ** 2 + (there[1] - beta_y) ** 2
        edge = [slice(None), slice(None)]
        edge[axis] = 0 if to == 1 else -1
        squared[k][tuple(edge)] = 0
    step = np.sqrt(squared.max(axis=0))
    expected = np.zeros(beta_x.shape)
    for k in range(2):
        distance = np.hypot(beta_x - x0[k], beta_y - y0[k])
        nearest = np.maximum(distance - source_kernels.MARGIN * step, 0)
        wanted = np.ceil(np.minimum(source_kernels.POINTS * step / np.maximum(core[k], nearest), cell_kernels.FINEST))
        expected = np.maximum(expected, np.where(nearest < extent[k], wanted, 0))
    found = source_kernels.points_for_lights(beta_x, beta_y, x0, y0, core, extent, cell_kernels.FINEST)
    np.testing.assert_array_equal(found, expected)
    assert {0, 1, 2} <= set(np.unique(found)) and (found > 0).mean() < 0.5


def test_a_cell_s_mean_is_that_of_a_double_loop():
    grid = grid_of(9, 0.263)

    def brightness(x, y):
        return np.exp(-3 * np.hypot(x - 0.1, y))

    side = np.zeros(grid.x.shape, np.int64)
    side[3, 5], side[8, 8], side[4, 4] = 3, 24, 1
    means = cell_kernels.means_of_cells(brightness(*cell_kernels.points_in_cells(side, grid.axis)), side)
    for row, column in zip(*np.nonzero(side), strict=True):
        m, x, y = side[row, column], grid.x[row, column], grid.y[row, column]
        offsets = [((i + 0.5) / m - 0.5) * grid.step for i in range(m)]
        loop = [brightness(x + dx, y + dy) for dy in offsets for dx in offsets]
        assert means[row, column] == pytest.approx(np.mean(loop), rel=1e-12)
    assert np.count_nonzero(means) == 3


def test_folding_gives_every_second_pixel_of_the_whole_convolution():
    """Two bands, a transform that is even but not round, against the inverse of the product of whole transforms."""
    rng = np.random.default_rng(0)
    size = 24
    spectra = fft.rfft2(rng.normal(size=(2, size, size)))
    kx, ky = fft.rfftfreq(size), fft.fftfreq(size)[:, None]
    psf = np.stack([np.exp(-w * np.sqrt(kx**2 + 2 * ky**2 + kx * ky)) for w in (2.0, 5.0)])
    psf[:, size // 2] = psf[:, 0]  # at the highest frequency k and -k are one
    undo_cell = 1 + kx + np.abs(ky)
    folded = cell_kernels.blur_and_fold(spectra, psf, undo_cell)
    whole = fft.irfft2(spectra * psf * undo_cell, (size, size))
    np.testing.assert_allclose(fft.irfft2(folded), whole[:, ::2, ::2], atol=1e-5)
