"""Deflectors with slopes other than isothermal: deflection, region of multiple images, and draws."""

from dataclasses import replace

import numpy as np
import pytest
from lenstronomy.LensModel.lens_model import LensModel
from lenstronomy.LensModel.Solver.lens_equation_solver import LensEquationSolver
from scipy import optimize, stats

from lenspipe.families import KINDS
from lenspipe.population import caustics, deflectors, source_regions
from lenspipe.population.epl import deflection

MODEL = LensModel(["EPL", "SHEAR"])
LENSES = [  # theta_E, e1, e2, gamma1, gamma2, gamma
    (1.2, 0.1, 0.05, 0.03, -0.02, 1.65),
    (0.7, 0.3, -0.2, 0.0, 0.0, 1.9),
    (2.0, 0.05, 0.0, 0.08, 0.05, 2.05),
    (1.0, 0.45, 0.2, -0.1, 0.05, 2.2),
    (1.5, 0.1, -0.1, 0.02, 0.03, 2.5),
]
SHAPE = ("theta_E_halo", "e1", "e2", "gamma1", "gamma2", "gamma")
ANGLES = np.linspace(-np.pi, np.pi, caustics.ANGLES)


def images(x, y, lens):
    """Distance from the centre and magnification of all images that lenstronomy's solver finds."""
    theta_E, e1, e2, gamma1, gamma2, gamma = lens
    mass = {"theta_E": theta_E, "gamma": gamma, "e1": e1, "e2": e2, "center_x": 0, "center_y": 0}
    keywords = [mass, {"gamma1": gamma1, "gamma2": gamma2}]
    positions = LensEquationSolver(MODEL).image_position_from_source(
        x, y, keywords, min_distance=0.04 * theta_E, search_window=8 * theta_E, precision_limit=1e-8, num_iter_max=100
    )
    return np.hypot(*positions), np.abs(MODEL.magnification(*positions, keywords))


def magnification_limit(lens):
    """Magnification from which an image counts as one of several."""
    return np.clip(lens[-1] - 2, 0, caustics.FAINTEST)


def columns(lens):
    return {name: np.array([value]) for name, value in zip(SHAPE, lens, strict=True)}


@pytest.fixture(scope="module")
def epl(default_priors):
    return replace(default_priors, mass="epl")


@pytest.mark.parametrize("q", [0.15, 0.5, 0.9, 1.0])
def test_the_deflection_is_lenstronomy_s(q):
    x, y = np.random.default_rng(0).uniform(-3, 3, (2, 50))
    for gamma in (1.6, 2.0, 2.3, 2.56):
        mass = {"theta_E": 1.3, "gamma": gamma, "e1": (1 - q) / (1 + q), "e2": 0.0, "center_x": 0, "center_y": 0}
        theirs = MODEL.alpha(x, y, [mass, {"gamma1": 0.0, "gamma2": 0.0}])
        alpha = deflection(1.3, q, gamma, x, y)
        np.testing.assert_allclose([alpha.real, alpha.imag], theirs, atol=1e-8)


def test_the_region_is_continuous_at_the_isothermal_slope():
    """From both sides."""
    lens = {name: np.array(values) for name, values in zip(SHAPE, zip(*LENSES, strict=True), strict=True)}
    del lens["gamma"]
    sie, mu = source_regions.region_radius(lens), source_regions.magnified_radius(2.0, lens)
    for gamma in (2 - 1e-7, 2 + 1e-7):
        near = lens | {"gamma": np.full(5, gamma)}
        np.testing.assert_allclose(source_regions.region_radius(near), sie, rtol=1e-5)
        np.testing.assert_allclose(source_regions.magnified_radius(2.0, near), mu, rtol=1e-5)


@pytest.mark.parametrize("gamma", [1.7, 1.95, 2.05, 2.4])
def test_the_region_of_a_round_lens_is_a_disc(gamma):
    """beta = r^(2 - gamma) - r: at its maximum, or where the image on that side reaches the magnification limit."""
    power = 2 - gamma

    def magnified(r):
        return 1 / ((1 - r ** (1 - gamma)) * (1 - power * r ** (1 - gamma)))

    if gamma < 2:
        r = power ** (1 / (gamma - 1))
    else:
        r = optimize.brentq(lambda r: magnified(r) + min(gamma - 2, 0.1), 1e-4, 0.999)
    radius = source_regions.region_radius(columns((1.0, 0.0, 0.0, 0.0, 0.0, gamma)))
    np.testing.assert_allclose(radius, r**power - r, rtol=1e-4)


@pytest.mark.parametrize("lens", LENSES)
def test_sources_inside_have_several_images_and_outside_one(lens):
    radius = source_regions.region_radius(columns(lens))[0]
    phi = np.linspace(-np.pi, np.pi, 6)[:-1] + 0.2
    edge = np.interp(phi, ANGLES, radius)
    for factor, several in ((0.96, True), (1.04, False)):
        for place in factor * edge * np.exp(1j * phi):
            _, mu = images(place.real, place.imag, lens)
            assert ((mu > magnification_limit(lens)).sum() > 1) == several


def test_slopes_follow_slacs(epl):
    """Normal about 2.078 with a scatter of 0.16 (Auger et al. 2010), cut three scatters away."""
    drawn = KINDS["deflector"](np.random.default_rng(1), 20_000, epl)["gamma"]
    law = stats.norm(2.078, 0.16)
    low, high = 2.078 - 0.48, 2.078 + 0.48
    assert drawn.min() > low and drawn.max() < high
    assert stats.kstest((law.cdf(drawn) - law.cdf(low)) / (law.cdf(high) - law.cdf(low)), "uniform").pvalue > 1e-3
    assert deflectors.slope_law().mean() == pytest.approx(2.078)


def test_the_slope_changes_only_itself_and_the_position_of_the_source(epl, settings):
    """Galaxies, sources and weights per area are the same, so that catalogues of both mass models can be compared."""
    assert settings["population"]["deflectors"]["mass"] == "sie"
    sie = replace(epl, mass="sie")
    for kind in ("companions", "red_pair", "lens"):
        one, other = (KINDS[kind](np.random.default_rng(2), 200, priors) for priors in (sie, epl))
        assert np.all(one["gamma"] == 2) and np.all(other["gamma"] != 2)
        if kind == "lens":
            for rows in (one, other):
                rows["weight"] /= source_regions.region_area(source_regions.region_radius(rows))
        moved = {"gamma", "magnification", "source_center_x", "source_center_y", "part_center_x", "part_center_y"}
        for name in set(one) - moved:
            values = [
                np.concatenate(rows[name]) if name.startswith(("extra_", "part_")) else rows[name]
                for rows in (one, other)
            ]
            if name == "weight":
                np.testing.assert_allclose(*values, rtol=1e-9)
            else:
                np.testing.assert_array_equal(*values, err_msg=name)


def test_near_misses_behind_power_laws_have_one_image_and_magnification_below_two(epl):
    rows = KINDS["near_miss"](np.random.default_rng(3), 600, epl)
    assert rows["magnification"].max() < 2 and np.isfinite(rows["radius"]).all()
    outside = rows["source_center_x"] - rows["center_x"] + 1j * (rows["source_center_y"] - rows["center_y"])
    boundary = source_regions.region_radius(rows)
    beyond = np.abs(outside) / [np.interp(np.angle(z), ANGLES, b) for z, b in zip(outside, boundary, strict=True)]
    assert beyond.min() > 0.999 and beyond[(rows["gamma"] > 2) & (rows["weight"] > 0)].max() < 1.501
    for k in np.argsort(rows["gamma"])[::40]:  # over all slopes
        lens = [rows[name][k] for name in SHAPE]
        r, mu = images(outside[k].real, outside[k].imag, lens)
        seen = mu > magnification_limit(lens)
        assert seen.sum() == 1
        assert r[seen][0] == pytest.approx(rows["radius"][k], abs=1e-4)
