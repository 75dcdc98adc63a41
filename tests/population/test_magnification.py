"""Magnification of extended sources against lenstronomy's ray shooting on adaptively refined cells."""

import numpy as np
import pytest
from lenstronomy.LensModel.lens_model import LensModel
from lenstronomy.LightModel.light_model import LightModel

from lenspipe.population.magnification import magnification
from lenspipe.population.source_regions import draw_in_region, region_radius

SIE, EPL, LIGHT = LensModel(["SIE", "SHEAR"]), LensModel(["EPL", "SHEAR"]), LightModel(["SERSIC_ELLIPSE"])


def by_cells(lens, light, size=6.0, cells=240, levels=4):
    """Flux of the image plane's cells over the source's; the cells near the source are repeatedly divided into nine.

    After all levels the error is far below 1 % of the total.
    """
    kwargs_lens = [
        {"theta_E": lens["theta_E_halo"], "e1": lens["e1"], "e2": lens["e2"], "center_x": 0.0, "center_y": 0.0},
        {"gamma1": lens["gamma1"], "gamma2": lens["gamma2"]},
    ]
    model = SIE
    if lens["gamma"] != 2:
        model, kwargs_lens[0]["gamma"] = EPL, lens["gamma"]
    kwargs_light = [{"amp": 1.0} | light]

    def flux(x, y, side):
        beta = model.ray_shooting(x, y, kwargs_lens)
        return LIGHT.surface_brightness(*beta, kwargs_light) * side**2

    side = 2 * size / cells
    axis = (np.arange(cells) + 0.5) * side - size
    x, y = (grid.ravel() for grid in np.meshgrid(axis, axis))
    values, total = flux(x, y, side), 0.0
    for _ in range(levels):
        offsets = np.array([-1, 0, 1]) * side / 3
        near = near_the_source(x, y, side, model, kwargs_lens, light)
        total += values[~near].sum()
        x = (x[near, None, None] + offsets[:, None] + 0 * offsets).ravel()
        y = (y[near, None, None] + 0 * offsets[:, None] + offsets).ravel()
        side /= 3
        values = flux(x, y, side)
    return (total + values.sum()) / LIGHT.total_flux(kwargs_light)[0]


def near_the_source(x, y, side, model, kwargs_lens, light):
    """Cells whose rays end near the source and that are not yet much smaller than its radius."""
    beta_x, beta_y = model.ray_shooting(x, y, kwargs_lens)
    distance = np.hypot(beta_x - light["center_x"], beta_y - light["center_y"])
    return (distance < 8 * light["R_sersic"] + 3 * side) & (side > light["R_sersic"] / 12)


def some(count, R_sersic, n_sersic=1.0, gamma=2.0):
    rng = np.random.default_rng(3)
    lens = {
        "theta_E_halo": rng.uniform(0.4, 2.0, count),
        "e1": rng.uniform(-0.3, 0.3, count),
        "e2": rng.uniform(-0.3, 0.3, count),
        "gamma1": rng.uniform(-0.08, 0.08, count),
        "gamma2": rng.uniform(-0.08, 0.08, count),
        "gamma": np.full(count, gamma),
    }
    x, y = draw_in_region(rng, region_radius(lens))
    light = {
        "R_sersic": np.full(count, R_sersic),
        "n_sersic": np.full(count, n_sersic),
        "e1": rng.uniform(-0.3, 0.3, count),
        "e2": rng.uniform(-0.3, 0.3, count),
        "center_x": x,
        "center_y": y,
    }
    return lens | {"center_x": np.zeros(count), "center_y": np.zeros(count)}, light


@pytest.mark.parametrize(("R_sersic", "n_sersic"), [(0.05, 1.0), (0.3, 1.0), (0.8, 1.0), (0.1, 2.0)])
def test_it_agrees_with_lenstronomy_within_a_percent(R_sersic, n_sersic, gamma=2.0, count=8):
    lens, light = some(count, R_sersic, n_sersic, gamma)
    ours = magnification(lens, light)
    for k, value in enumerate(ours):
        theirs = by_cells({name: v[k] for name, v in lens.items()}, {name: v[k] for name, v in light.items()})
        assert value == pytest.approx(theirs, rel=0.01)


@pytest.mark.parametrize(("gamma", "R_sersic", "n_sersic"), [(1.65, 0.3, 1.0), (1.9, 0.1, 2.0), (2.3, 0.3, 1.0)])
def test_it_agrees_behind_power_laws(gamma, R_sersic, n_sersic):
    test_it_agrees_with_lenstronomy_within_a_percent(R_sersic, n_sersic, gamma, count=4)


def test_it_is_continuous_at_the_isothermal_slope():
    """Two code paths: curved and straight rays."""
    lens, light = some(50, 0.2)
    for gamma in (2 - 1e-7, 2 + 1e-7):
        near = magnification(lens | {"gamma": np.full(50, gamma)}, light)
        np.testing.assert_allclose(near, magnification(lens, light), rtol=1e-3)


def test_a_small_source_behind_a_sphere_has_the_magnification_of_both_images():
    """Behind a singular sphere the two images of a point at distance beta magnify by 2 theta_E / beta."""
    lens = dict.fromkeys(("e1", "e2", "gamma1", "gamma2", "center_x", "center_y"), np.zeros(3))
    lens |= {"theta_E_halo": np.array([0.5, 1.5, 3.0]), "gamma": np.full(3, 2.0)}
    light = {"R_sersic": 0.01, "n_sersic": 1.0, "e1": 0.2, "e2": 0.1, "center_y": np.zeros(3)}
    light["center_x"] = np.array([0.3, 0.5, 0.5])
    expected = 2 * lens["theta_E_halo"] / light["center_x"]
    np.testing.assert_allclose(magnification(lens, light), expected, rtol=3e-3)
