"""The renderer's inner functions, one by one, by pytest-benchmark: pytest --dist no benchmarks/inner.py

Compare with an earlier state by its --benchmark-save and --benchmark-compare.
"""

import numpy as np
import pytest
from default_sky import PIXELS, objects

from lenspipe.simulate.engines.numba import cell_kernels, source_kernels
from lenspipe.simulate.engines.numba.canvas import Maps, grid_of
from lenspipe.simulate.engines.numba.lens_models import ray_shooting
from lenspipe.simulate.engines.numba.render import FAINTEST, lay_sersics, lay_source, render
from lenspipe.simulate.noise import coadds_of, observe
from lenspipe.simulate.psf import CoaddPsf
from lenspipe.simulate.scene import lights

SURVEY, BANDS = PIXELS["survey"], PIXELS["bands"]
GRID = grid_of(PIXELS["num_pix"], SURVEY.pixel_scale)
SKY = [row for row in objects(200).to_dict("records") if row["is_lens"] and 1.2 < row["theta_E"] < 1.8]
ROW = next(row for row in SKY if len(row["part_magnitude_i"]) == 0)
CLUMPY = next(row for row in SKY if len(row["part_magnitude_i"]))


def test_lights(benchmark):
    benchmark(lights, ROW, BANDS, SURVEY)


def test_galaxies(benchmark):
    """The deflector, and as many of the field as there are on average: 6."""
    table = min((lights(row, BANDS, SURVEY)["sersic"] for row in SKY), key=lambda t: abs(len(t["flux"]) - 7))
    benchmark(lay_sersics, Maps(GRID, len(BANDS)), table)


def test_stars(benchmark):
    psf, axis = CoaddPsf(ROW, BANDS, SURVEY), GRID.pixel_x[0]
    images, place = np.zeros((len(BANDS), len(axis), len(axis))), np.array([1.0])
    psf.add_stars(images, axis, axis, place, place, np.full((1, len(BANDS)), 100.0), FAINTEST)  # its tables are made
    benchmark(psf.add_stars, images, axis, axis, place, place, np.full((1, len(BANDS)), 100.0), FAINTEST)


def test_rays(benchmark):
    benchmark(ray_shooting(ROW), GRID.x, GRID.y)


@pytest.mark.parametrize("source", ["smooth", "clumpy"])
def test_source(benchmark, source):
    benchmark(lay_source, Maps(GRID, len(BANDS)), ROW if source == "smooth" else CLUMPY, BANDS, SURVEY)


def test_points_for_a_source(benchmark):
    beta_x, beta_y = ray_shooting(ROW)(GRID.x, GRID.y)
    place, size = np.array([0.1]), np.array([0.2])
    benchmark(source_kernels.points_for_lights, beta_x, beta_y, place, place, size, 4 * size, cell_kernels.FINEST)


def test_transforms_of_the_point_spread_function(benchmark):
    benchmark(CoaddPsf(ROW, BANDS, SURVEY).transform, GRID)


def test_convolution(benchmark):
    maps = Maps(GRID, len(BANDS))
    maps.means[:], maps.points[0, 40, 40] = 1, 1
    benchmark(maps.convolved, CoaddPsf(ROW, BANDS, SURVEY).transform(GRID))


def test_coadds(benchmark):
    benchmark(coadds_of, ROW, BANDS, SURVEY)


@pytest.mark.parametrize("source", ["smooth", "clumpy"])
def test_render(benchmark, source):
    benchmark(render, ROW if source == "smooth" else CLUMPY, **PIXELS)


def test_observe(benchmark):
    benchmark(observe, *render(ROW, **PIXELS), ROW, BANDS, SURVEY, seed=1)
