"""The compiled loops against plain numpy."""

import numpy as np
import pytest
from scipy import fft
from scipy.special import ndtr

from lenspipe.simulate import kernels, profiles, rendering

GRID = rendering.grid_of(45, 0.263)


def test_the_window_is_a_normal_distribution_s_tail():
    rho = np.linspace(0, 15, 200)
    np.testing.assert_allclose(kernels.window(rho), ndtr((kernels.WINDOW - rho) / kernels.SOFTNESS), rtol=1e-10)


def test_the_window_s_share_is_taken_along_ellipses():
    x0, y0, e1, e2 = 0.3, -0.5, 0.2, 0.3
    means = np.ones_like(GRID.x)
    kernels.fade_centre(means, GRID.axis, x0, y0, *profiles.shape(e1, e2), GRID.reach)
    rho = np.hypot(*profiles.elliptical(GRID.x - x0, GRID.y - y0, e1, e2)) / GRID.step
    expected = np.where(rho < GRID.reach, ndtr((rho - kernels.WINDOW) / kernels.SOFTNESS), 1)
    np.testing.assert_allclose(means, expected, atol=1e-12)


def test_spreading_points_keeps_flux_and_centroid_and_leaves_out_what_lies_outside():
    x, y, flux = np.array([0.31, -1.2, 8.0, 0.0]), np.array([-0.07, 2.4, 0.0, -9.0]), np.array([2.0, 3.0, 7.0, 7.0])
    spread = kernels.spread(x, y, flux, GRID.axis)
    assert spread.sum() == pytest.approx(5.0)
    assert (spread * GRID.x).sum() == pytest.approx((flux * x)[:2].sum())
    assert (spread * GRID.y).sum() == pytest.approx((flux * y)[:2].sum())


def test_points_for_a_source_are_as_far_apart_as_rays_of_neighbouring_cells():
    """The same in numpy, on rays of a strong lens."""
    row = {"theta_E": 1.5, "e1": 0.2, "e2": 0.1, "gamma1": 0.02, "gamma2": 0.0, "center_x": 0.0, "center_y": 0.0}
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
    grid = rendering.grid_of(9, 0.263)

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
    """Two components in two bands, against the inverse of the product of whole transforms."""
    rng = np.random.default_rng(0)
    size = 24
    maps, flux = rng.normal(size=(2, size, size)), np.array([[1.0, 2.0], [3.0, 0.5]])
    k = fft.rfftfreq(size)
    lengths, of_k = np.unique(np.hypot(k[:, None], k), return_inverse=True)
    psf = np.exp(-lengths[:, None] * np.array([2.0, 5.0]))  # [k, band]
    undo_cell = 1 + np.add.outer(k, k)
    folded = kernels.blur_and_fold(fft.rfft2(maps), flux, psf, of_k, undo_cell)
    mirror = np.concatenate([np.arange(size // 2 + 1), np.arange(size // 2 - 1, 0, -1)])
    for band in (0, 1):
        transform = (psf[of_k, band] * undo_cell)[mirror]
        whole = fft.irfft2(np.tensordot(flux[band], fft.rfft2(maps), 1) * transform, (size, size))
        np.testing.assert_allclose(fft.irfft2(folded)[band], whole[::2, ::2], atol=1e-5)
