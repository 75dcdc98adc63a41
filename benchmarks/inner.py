"""The renderer's inner functions, one by one, by pytest-benchmark: pytest --dist no benchmarks/inner.py

Compare with an earlier state by its --benchmark-save and --benchmark-compare.
"""

import numpy as np
import pytest
from default_sky import PIXELS, objects

from lenspipe.simulate.engines.numba import cell_kernels, source_kernels
from lenspipe.simulate.engines.numba.canvas import Canvas, grid_of
from lenspipe.simulate.engines.numba.lens_models import ray_shooting
from lenspipe.simulate.engines.numba.render import FAINTEST, add_lensed, add_sersics
from lenspipe.simulate.noise import coadds_of, observe
from lenspipe.simulate.pipeline import render_row
from lenspipe.simulate.psf import CoaddPsf
from lenspipe.simulate.scene import mass_of, psf_of, scene_of

SURVEY, BANDS = PIXELS["survey"], PIXELS["bands"]
GRID = grid_of(PIXELS["num_pix"], SURVEY.pixel_scale)
SKY = [row for row in objects(200).to_dict("records") if row["is_lens"] and 1.2 < row["theta_E"] < 1.8]
ROW = next(row for row in SKY if len(row["part_magnitude_i"]) == 0)
CLUMPY = next(row for row in SKY if len(row["part_magnitude_i"]))


def test_scene(benchmark):
    benchmark(scene_of, ROW, BANDS, SURVEY)


def test_galaxies(benchmark):
    """The deflector, and as many of the field as there are on average: 6."""
    light = min((scene_of(row, BANDS, SURVEY).sersics for row in SKY), key=lambda light: abs(len(light.flux) - 7))
    benchmark(add_sersics, Canvas(GRID, len(BANDS)), light)


def test_stars(benchmark):
    psf, axis = CoaddPsf(psf_of(ROW, BANDS, SURVEY)), GRID.pixel_x[0]
    images, place = np.zeros((len(BANDS), len(axis), len(axis))), np.array([1.0])
    psf.add_stars(images, axis, axis, place, place, np.full((1, len(BANDS)), 100.0), FAINTEST)  # its tables are made
    benchmark(psf.add_stars, images, axis, axis, place, place, np.full((1, len(BANDS)), 100.0), FAINTEST)


def test_rays(benchmark):
    benchmark(ray_shooting(mass_of(ROW)), GRID.x, GRID.y)


@pytest.mark.parametrize("source", ["smooth", "clumpy"])
def test_source(benchmark, source):
    light = scene_of(ROW if source == "smooth" else CLUMPY, BANDS, SURVEY).source
    benchmark(add_lensed, Canvas(GRID, len(BANDS)), light.light, light.mass)


def test_points_for_a_source(benchmark):
    beta_x, beta_y = ray_shooting(mass_of(ROW))(GRID.x, GRID.y)
    place, size = np.array([0.1]), np.array([0.2])
    benchmark(source_kernels.points_for_lights, beta_x, beta_y, place, place, size, 4 * size, cell_kernels.FINEST)


def test_transforms_of_the_point_spread_function(benchmark):
    benchmark(CoaddPsf(psf_of(ROW, BANDS, SURVEY)).transform, GRID)


def test_convolution(benchmark):
    canvas = Canvas(GRID, len(BANDS))
    canvas.means[:], canvas.points[0, 40, 40] = 1, 1
    benchmark(canvas.convolved, CoaddPsf(psf_of(ROW, BANDS, SURVEY)).transform(GRID))


def test_coadds(benchmark):
    benchmark(coadds_of, ROW, BANDS, SURVEY)


@pytest.mark.parametrize("source", ["smooth", "clumpy"])
def test_render(benchmark, source):
    benchmark(render_row, ROW if source == "smooth" else CLUMPY, **PIXELS)


def test_observe(benchmark):
    benchmark(observe, *render_row(ROW, **PIXELS), ROW, BANDS, SURVEY, seed=1)
