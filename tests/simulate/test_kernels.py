"""The compiled loops against plain numpy."""

import numpy as np
import pytest
from scipy import fft
from scipy.special import ndtr

from lenspipe.simulate import kernels, profiles, rendering
from lenspipe.simulate.maps import grid_of

GRID = grid_of(45, 0.263)


def test_the_window_is_a_normal_distribution_s_tail():
    rho = np.linspace(0, 15, 200)
    np.testing.assert_allclose(kernels.window(rho), ndtr((kernels.WINDOW - rho) / kernels.SOFTNESS), rtol=1e-10)


def test_the_window_s_share_is_taken_along_ellipses():
    x0, y0, e1, e2 = 0.3, -0.5, 0.2, 0.3
    means = np.ones_like(GRID.x)
    kernels.fade_centre(means, GRID.axis, GRID.axis, GRID.step, x0, y0, *profiles.shape(e1, e2), GRID.reach)
    rho = np.hypot(*profiles.elliptical(GRID.x - x0, GRID.y - y0, e1, e2)) / GRID.step
    expected = np.where(rho < GRID.reach, ndtr((rho - kernels.WINDOW) / kernels.SOFTNESS), 1)
    np.testing.assert_allclose(means, expected, atol=1e-12)


def test_spreading_points_keeps_flux_and_centroid_and_says_what_lies_outside():
    x, y, flux = np.array([0.31, -1.2, 8.0, 0.0]), np.array([-0.07, 2.4, 0.0, -9.0]), np.array([2.0, 3.0, 7.0, 7.0])
    maps = np.zeros((2, *GRID.x.shape))
    left = kernels.spread(maps, x, y, flux, np.array([1.0, 3.0]), GRID.axis)
    np.testing.assert_allclose(maps[1], 3 * maps[0])
    spread = maps[0]
    assert spread.sum() == pytest.approx(5.0)
    assert (spread * GRID.x).sum() == pytest.approx((flux * x)[:2].sum())
    assert (spread * GRID.y).sum() == pytest.approx((flux * y)[:2].sum())
    assert left == pytest.approx((14.0, 4.0, -4.5))


def test_points_for_a_source_are_as_far_apart_as_rays_of_neighbouring_cells():
    """The same in numpy, on rays of a strong lens."""
    row = {"theta_E_halo": 1.5, "gamma": 2.0, "e1": 0.2, "e2": 0.1, "gamma1": 0.02, "gamma2": 0.0}
    row |= {"center_x": 0.0, "center_y": 0.0}
    x0, y0, R, extent = 0.1, 0.2, 0.3, 0.9
    beta_x, beta_y = (b.astype(float) for b in rendering.ray_shooting(row)(GRID.x, GRID.y))
    squared = np.zeros((4, *beta_x.shape))
    for k, (axis, to) in enumerate(((0, 1), (0, -1), (1, 1), (1, -1))):
        there = [np.roll(b, to, axis) for b in (beta_x, beta_y)]
        squared[k] = (there[0] - beta_x) ** 2 + (there[1] - beta_y) ** 2
        edge = [slice(None), slice(None)]
        edge[axis] = 0 if to == 1 else -1
        squared[k][tuple(edge)] = 0
    step = np.sqrt(squared.max(axis=0))
    nearest = np.maximum(np.hypot(beta_x - x0, beta_y - y0) - step, 0)
    wanted = kernels.POINTS * step / np.maximum(R, nearest)
    expected = np.where(wanted > 1, np.ceil(np.minimum(wanted, kernels.FINEST)), nearest < extent)
    found = kernels.points_for_source(beta_x, beta_y, x0, y0, R, extent)
    np.testing.assert_array_equal(found, expected)
    assert {0, 1, 2} <= set(np.unique(found)) and (found > 0).mean() < 0.5


def test_a_cell_s_mean_is_that_of_a_double_loop():
    grid = grid_of(9, 0.263)

    def brightness(x, y):
        return np.exp(-3 * np.hypot(x - 0.1, y))

    side = np.zeros(grid.x.shape, np.int64)
    side[3, 5], side[8, 8], side[4, 4] = 3, 24, 1
    means = kernels.means_of_cells(brightness(*kernels.points_in_cells(side, grid.axis)), side)
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
    folded = kernels.blur_and_fold(spectra, psf, undo_cell)
    whole = fft.irfft2(spectra * psf * undo_cell, (size, size))
    np.testing.assert_allclose(fft.irfft2(folded), whole[:, ::2, ::2], atol=1e-5)
