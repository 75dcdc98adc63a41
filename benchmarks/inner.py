"""The renderer's inner functions, one by one, by pytest-benchmark: pytest benchmarks/inner.py

Compare with an earlier state by its --benchmark-save and --benchmark-compare.
"""

import numpy as np
import pytest
from default_sky import PIXELS, objects

from lenspipe.simulate import kernels, rendering, source_kernels
from lenspipe.simulate.observing import observe
from lenspipe.simulate.psf import moffat_transform

SURVEY, BANDS = PIXELS["survey"], PIXELS["bands"]
GRID = rendering.grid_of(PIXELS["num_pix"], SURVEY.pixel_scale)
ROW = next(row for row in objects(60).to_dict("records") if row["is_lens"] and 1.2 < row["theta_E"] < 1.8)
SEEING = np.array([ROW[f"seeing_{band}"] for band in BANDS])
PSF = moffat_transform(GRID.k[:, None], SEEING, SURVEY.moffat_beta).astype(np.float32)


@pytest.mark.parametrize("name", ["galaxy", "source"])
def test_spectrum_of_a_component(benchmark, name):
    benchmark(getattr(rendering, name), ROW, GRID)


def test_rays(benchmark):
    benchmark(rendering.ray_shooting(ROW), GRID.x, GRID.y)


def test_transforms_of_the_point_spread_function(benchmark):

    benchmark(moffat_transform, GRID.k[:, None], SEEING, SURVEY.moffat_beta)


def test_transform_of_a_map(benchmark):
    benchmark(rendering.spectrum, np.ones_like(GRID.x), GRID)


def test_blur_and_fold(benchmark):
    spectra, flux = rendering.galaxy(ROW, GRID)[None], np.ones((len(BANDS), 1), np.float32)
    benchmark(kernels.blur_and_fold, spectra, flux, PSF, GRID.of_k, GRID.undo_cell)


def test_points_for_a_source(benchmark):
    beta_x, beta_y = rendering.ray_shooting(ROW)(GRID.x, GRID.y)
    place, size = np.array([0.1]), np.array([0.2])
    benchmark(source_kernels.points_for_lights, beta_x, beta_y, place, place, size, 4 * size, kernels.FINEST)


def test_render(benchmark):
    benchmark(rendering.render, ROW, **PIXELS)


def test_observe(benchmark):
    benchmark(observe, *rendering.render(ROW, **PIXELS), ROW, BANDS, SURVEY, seed=1)
