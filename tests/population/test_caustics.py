"""The region of multiple images against lenstronomy's ray shooting and lens equation solver."""

import numpy as np
import pytest
from lenstronomy.LensModel.lens_model import LensModel
from lenstronomy.LensModel.Solver.lens_equation_solver import LensEquationSolver
from scipy import stats

from lenspipe.population import caustics, source_regions
from lenspipe.population.kinds import near_miss

MODEL = LensModel(["SIE", "SHEAR"])
SHAPE = ("theta_E_halo", "e1", "e2", "gamma1", "gamma2")
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


def deflectors(lens, n=1):
    """The mapping that the functions take, of n deflectors that are all alike."""
    return {name: np.full(n, value) for name, value in zip(SHAPE, lens, strict=True)}


def image_counts(lens, x, y):
    """Number of images of each source, from lenstronomy's solver."""
    solver = LensEquationSolver(MODEL)
    counts = []
    for source in zip(x, y, strict=True):
        positions = solver.image_position_from_source(
            *source, keywords(*lens), min_distance=0.03, search_window=9, precision_limit=1e-8, num_iter_max=100
        )
        counts.append(len(positions[0]))
    return np.array(counts)


def test_without_ellipticity_the_region_is_the_einstein_disc():
    radius = source_regions.region_radius(deflectors((1.5, 0.0, 0.0, 0.0, 0.0)))
    np.testing.assert_allclose(radius, 1.5, rtol=1e-4)
    np.testing.assert_allclose(source_regions.region_area(radius), np.pi * 1.5**2, rtol=1e-4)


@pytest.mark.parametrize("lens", LENSES)
def test_the_tangential_caustic_is_where_lenstronomy_s_determinant_vanishes(lens):
    _, caustic = caustics.caustics(deflectors(lens))
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
    radius = source_regions.region_radius(deflectors(lens))[0]
    angles = np.linspace(-np.pi, np.pi, caustics.ANGLES)
    phi = np.linspace(-np.pi, np.pi, 9)[:-1] + 0.1
    edge = np.interp(phi, angles, radius)
    inside, outside = (factor * edge * np.exp(1j * phi) for factor in (0.97, 1.03))
    assert np.all(image_counts(lens, inside.real, inside.imag) >= 2)
    assert np.all(image_counts(lens, outside.real, outside.imag) == 1)


def test_the_area_is_that_of_a_fine_polygon():
    radius = source_regions.region_radius(deflectors(LENSES[1]))
    phi = np.linspace(-np.pi, np.pi, caustics.ANGLES)
    x, y = radius[0] * np.cos(phi), radius[0] * np.sin(phi)
    shoelace = 0.5 * np.abs(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1]))
    assert source_regions.region_area(radius)[0] == pytest.approx(shoelace, rel=1e-4)


def test_positions_are_uniform_over_the_region():
    n = 20_000
    radius = np.repeat(source_regions.region_radius(deflectors(LENSES[3])), n, axis=0)
    x, y = source_regions.draw_in_region(np.random.default_rng(1), radius)
    angles = np.linspace(-np.pi, np.pi, caustics.ANGLES)
    edge = np.interp(np.arctan2(y, x), angles, radius[0])
    assert stats.kstest((np.hypot(x, y) / edge) ** 2, "uniform").pvalue > 1e-3
    # Boxes of equal area that lie within the region hold equally many.
    half = 0.3 * radius.min()
    near = (np.abs(x) < half) & (np.abs(y) < half)
    counts = np.histogram2d(x[near], y[near], bins=4)[0].ravel()
    assert stats.chisquare(counts).pvalue > 1e-3


def drawn_outside(lens, n, seed):
    """Sources between the boundary and 1.5 times it, where ``near_miss`` draws them; x, y."""
    inner, outer = near_miss.source_annulus(deflectors(lens))
    return source_regions.draw_in_region(
        np.random.default_rng(seed), np.repeat(outer, n, axis=0), np.repeat(inner, n, axis=0)
    )


@pytest.mark.parametrize("lens", LENSES)
def test_the_outer_image_is_the_only_one_of_lenstronomy_with_the_same_magnification(lens):
    x, y = drawn_outside(lens, 12, seed=2)
    r, mu = caustics.outer_image(x, y, deflectors(lens, len(x)))
    solver = LensEquationSolver(MODEL)
    for k in range(len(x)):
        positions = solver.image_position_from_source(
            x[k], y[k], keywords(*lens), min_distance=0.03, search_window=14, precision_limit=1e-8, num_iter_max=100
        )
        assert len(positions[0]) == 1
        assert np.hypot(*positions)[0] == pytest.approx(r[k], abs=1e-5)
        theirs = float(np.abs(MODEL.magnification(positions[0], positions[1], keywords(*lens))[0]))
        assert theirs == pytest.approx(mu[k], rel=1e-4) and theirs < near_miss.MAGNIFICATION


@pytest.mark.parametrize("lens", LENSES)
def test_a_point_on_the_line_of_a_magnification_has_this_magnification(lens):
    line = caustics.line_of_magnification(1.7, deflectors(lens))[0]
    boundary = source_regions.region_radius(deflectors(lens))[0]
    edge = np.interp(np.angle(line), np.linspace(-np.pi, np.pi, caustics.ANGLES), boundary)
    outside = line[np.abs(line) > 1.01 * edge][::20]
    assert len(outside) > 5
    _, mu = caustics.outer_image(outside.real, outside.imag, deflectors(lens, len(outside)))
    np.testing.assert_allclose(mu, 1.7, rtol=1e-6)


def test_sources_in_the_annulus_are_magnified_less_than_twice_and_few_of_those_are_outside():
    """Random deflectors, including elongated ones whose lines cross themselves; random points."""
    rng = np.random.default_rng(5)
    e, phi, gamma = rng.uniform(0, 0.75, 300), rng.uniform(0, 2 * np.pi, (2, 300)), rng.uniform(0, 0.15, 300)
    shape = (e * np.cos(phi[0]), e * np.sin(phi[0]), gamma * np.cos(phi[1]), gamma * np.sin(phi[1]))
    lens = dict(zip(SHAPE, (np.ones(300), *shape), strict=True))
    inner, outer = near_miss.source_annulus(lens)
    x, y = source_regions.draw_in_region(rng, outer, outer / near_miss.FARTHEST)  # anywhere between 1 and 1.5 times
    angles = np.linspace(-np.pi, np.pi, caustics.ANGLES)
    edge = np.array([np.interp(np.arctan2(y[k], x[k]), angles, inner[k]) for k in range(300)])
    _, mu = caustics.outer_image(x, y, lens)
    wanted = np.hypot(x, y) > edge
    assert mu[wanted].max() < 2.001 and 0.7 < wanted.mean() < 0.95
    assert (mu[~wanted] < 2).sum() <= 3


def test_near_misses_are_uniform_between_their_two_lines():
    """Shares of the area and of the points in sectors; where the squared radius lies between the lines' squares."""
    lens = LENSES[3]
    x, y = drawn_outside(lens, 20_000, seed=3)
    inner, outer = (line[0] for line in near_miss.source_annulus(deflectors(lens)))
    inner = np.minimum(inner, outer)
    angles = np.linspace(-np.pi, np.pi, caustics.ANGLES)
    low, high = (np.interp(np.arctan2(y, x), angles, line) for line in (inner, outer))
    assert stats.kstest((x**2 + y**2 - low**2) / (high**2 - low**2), "uniform").pvalue > 1e-3
    area = (outer**2 - inner**2)[:-1].reshape(12, -1).sum(axis=1)
    counts = np.histogram(np.arctan2(y, x), np.linspace(-np.pi, np.pi, 13))[0]
    assert stats.chisquare(counts, area / area.sum() * len(x)).pvalue > 1e-3
    whole = source_regions.region_area(outer[None], inner[None])[0]
    assert whole == pytest.approx(area.sum() * np.pi / (caustics.ANGLES - 1), rel=1e-3)
