"""The multiply-imaging region against lenstronomy's rays and solver."""

import numpy as np
import pytest
from lenstronomy.LensModel.lens_model import LensModel
from lenstronomy.LensModel.Solver.lens_equation_solver import LensEquationSolver
from scipy import stats

from lenspipe.population import lensing

MODEL = LensModel(["SIE", "SHEAR"])
LENSES = [  # theta_E, e1, e2, gamma1, gamma2
    (1.2, 0.1, 0.05, 0.03, -0.02),
    (0.7, 0.35, -0.2, 0.0, 0.0),
    (2.0, 0.0, 0.0, 0.08, 0.05),
    (1.0, 0.55, 0.2, -0.1, 0.05),
]


def keywords(theta_E, e1, e2, gamma1, gamma2):
    return [
        {"theta_E": theta_E, "e1": e1, "e2": e2, "center_x": 0, "center_y": 0},
        {"gamma1": gamma1, "gamma2": gamma2},
    ]


def columns(lens):
    return [np.array([value]) for value in lens]


def image_counts(lens, x, y):
    """Number of images of each source by brute force: sign changes of the lens equation's determinant are not asked."""
    solver = LensEquationSolver(MODEL)
    counts = []
    for source in zip(x, y, strict=True):
        found = solver.image_position_from_source(
            *source, keywords(*lens), min_distance=0.03, search_window=9, precision_limit=1e-8, num_iter_max=100
        )
        counts.append(len(found[0]))
    return np.array(counts)


def test_without_ellipticity_the_region_is_the_einstein_disc():
    radius = lensing.region_radius(*columns((1.5, 0.0, 0.0, 0.0, 0.0)))
    np.testing.assert_allclose(radius, 1.5, rtol=1e-4)
    np.testing.assert_allclose(lensing.region_area(radius), np.pi * 1.5**2, rtol=1e-4)


@pytest.mark.parametrize("lens", LENSES)
def test_the_tangential_caustic_is_where_lenstronomy_s_determinant_vanishes(lens):
    _, caustic = lensing.caustics(*columns(lens))
    # Critical points that lenstronomy finds along rays from the centre, sent to the source plane.
    for phi in np.linspace(0, 2 * np.pi, 13)[:-1]:
        r = np.geomspace(0.05, 10, 4000)
        hessian = MODEL.hessian(r * np.cos(phi), r * np.sin(phi), keywords(*lens))
        determinant = (1 - hessian[0]) * (1 - hessian[3]) - hessian[1] * hessian[2]
        change = np.flatnonzero(np.diff(np.sign(determinant)))
        assert len(change) == 1
        root = np.interp(0, determinant[change[0] : change[0] + 2], r[change[0] : change[0] + 2])
        x, y = MODEL.ray_shooting(root * np.cos(phi), root * np.sin(phi), keywords(*lens))
        assert np.abs(caustic[0] - (x + 1j * y)).min() < 0.01 * lens[0]


@pytest.mark.parametrize("lens", LENSES)
def test_sources_inside_have_several_images_and_outside_one(lens):
    radius = lensing.region_radius(*columns(lens))[0]
    angles = np.linspace(-np.pi, np.pi, lensing.ANGLES)
    phi = np.linspace(-np.pi, np.pi, 9)[:-1] + 0.1
    edge = np.interp(phi, angles, radius)
    inside, outside = (factor * edge * np.exp(1j * phi) for factor in (0.97, 1.03))
    assert np.all(image_counts(lens, inside.real, inside.imag) >= 2)
    assert np.all(image_counts(lens, outside.real, outside.imag) == 1)


def test_the_area_is_that_of_a_fine_polygon():
    radius = lensing.region_radius(*columns(LENSES[1]))
    phi = np.linspace(-np.pi, np.pi, lensing.ANGLES)
    x, y = radius[0] * np.cos(phi), radius[0] * np.sin(phi)
    shoelace = 0.5 * np.abs(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1]))
    assert lensing.region_area(radius)[0] == pytest.approx(shoelace, rel=1e-4)


def test_positions_are_uniform_over_the_region():
    n = 20_000
    radius = np.repeat(lensing.region_radius(*columns(LENSES[3])), n, axis=0)
    x, y = lensing.draw_in_region(np.random.default_rng(1), radius)
    angles = np.linspace(-np.pi, np.pi, lensing.ANGLES)
    edge = np.interp(np.arctan2(y, x), angles, radius[0])
    assert stats.kstest((np.hypot(x, y) / edge) ** 2, "uniform").pvalue > 1e-3
    # Boxes of equal area that lie within the region hold equally many.
    half = 0.3 * radius.min()
    near = (np.abs(x) < half) & (np.abs(y) < half)
    counts = np.histogram2d(x[near], y[near], bins=4)[0].ravel()
    assert stats.chisquare(counts).pvalue > 1e-3
