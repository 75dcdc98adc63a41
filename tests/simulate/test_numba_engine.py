"""What the default engine is made of, against other codes and quadrature."""

import numpy as np
import pytest
import reference
from scipy.integrate import quad

from lenspipe.simulate.engines.numba import galaxy_kernels
from lenspipe.simulate.engines.numba.canvas import grid_of
from lenspipe.simulate.engines.numba.lens_models import ray_shooting
from lenspipe.simulate.scene import mass_of


@pytest.mark.parametrize(
    ("quantity", "theta_A", "e", "centre", "point", "expected"),
    [  # (y, x) pairs; numbers asserted by PyAutoGalaxy's own tests
        ("deflection", 1.3, (0.0, 0.0), (-0.7, 0.5), (0.1875, 0.1625), (1.21510, -0.46208)),
        ("deflection", 5.0, (0.0, 0.0), (-0.1, 0.1), (0.1875, 0.1625), (4.88588, 1.06214)),
        ("deflection", 1.0, (0.0, 0.333333), (0.0, 0.0), (0.1625, 0.1625), (0.79421, 0.50734)),
        ("convergence", 1.0, (0.0, 0.333333), (0.0, 0.0), (0.0, 1.0), 0.66666),
        ("potential", 1.3, (0.0, 0.0), (-0.7, 0.5), (0.1875, 0.1625), 1.23435),
        ("potential", 1.3, (0.152828, -0.088235), (-0.7, 0.5), (0.1625, 0.1625), 1.19268),
    ],
)
def test_the_lens_model_agrees_with_an_independent_code(quantity, theta_A, e, centre, point, expected):
    q = (1 - np.hypot(*e)) / (1 + np.hypot(*e))
    mass = [
        {
            "theta_E": theta_A * 2 * np.sqrt(q) / (1 + q),
            "e1": e[1],
            "e2": e[0],
            "center_x": centre[1],
            "center_y": centre[0],
        },
        {"gamma1": 0.0, "gamma2": 0.0},
    ]
    y, x = (np.array([value]) for value in point)
    match quantity:
        case "deflection":
            row = mass[0] | mass[1] | {"theta_E_halo": mass[0]["theta_E"], "gamma": 2.0}
            beta_x, beta_y = ray_shooting(mass_of(row))(x, y)
            found = (y - beta_y, x - beta_x)
        case "convergence":
            found = reference.LENS.kappa(x, y, mass)
        case "potential":
            found = reference.LENS.potential(x, y, mass)
    np.testing.assert_allclose(np.ravel(found), np.ravel(expected), rtol=2e-3)


@pytest.mark.parametrize("gamma", [2.0, 1.7, 2.3])
@pytest.mark.parametrize("e", [0.0, 1e-9, 1e-4, 0.3, 0.8])
def test_rays_are_those_of_lenstronomy_s_lens_model(e, gamma):
    """To single precision, round deflectors too, where lenstronomy's SIE takes another branch."""
    row = {"theta_E_halo": 1.7, "e1": 0.6 * e, "e2": -0.8 * e, "center_x": 0.1, "center_y": -0.2}
    row |= {"gamma": gamma, "gamma1": 0.03, "gamma2": -0.05}
    model, mass = reference.mass_of(row)
    x, y = np.random.default_rng(1).uniform(-7, 7, (2, 5000))
    found = ray_shooting(mass_of(row))(x, y)
    np.testing.assert_allclose(found, model.ray_shooting(x, y, mass), atol=1e-5)


def test_points_in_the_window_integrate_a_cusp():
    """A de Vaucouleurs profile in the window against ordinary quadrature."""
    grid = grid_of(45, 0.263)
    R, n, b = 0.8 / grid.step, 4.0, 7.66925

    def profile(rho):
        return np.exp(-b * (rho / R) ** (1 / n))

    want = quad(lambda rho: 2 * np.pi * rho * profile(rho) * galaxy_kernels.window(rho), 0, grid.reach, epsrel=1e-10)[0]
    assert np.sum(profile(np.hypot(grid.along, grid.across) / grid.step) * grid.area) == pytest.approx(want, rel=1e-5)
    assert galaxy_kernels.window(0.0) == pytest.approx(1, abs=1e-6) and galaxy_kernels.window(grid.reach) < 2e-5
