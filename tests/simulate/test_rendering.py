"""The picture of an object against slow, independent ways of making it."""

from dataclasses import replace

import numpy as np
import pytest
import reference
from scipy.integrate import quad

from lenspipe.explain.without_arc import without_feature
from lenspipe.population.catalog import draw_catalog
from lenspipe.simulate.engines.numba import galaxy_kernels, render, shapes
from lenspipe.simulate.engines.numba.canvas import grid_of
from lenspipe.simulate.scene import counts

OBJECTS = 33  # two or more of each kind


@pytest.fixture(scope="module")
def rows(default_priors, settings):
    """Objects of the default population, a third of them lenses; one test below has a field of its own."""
    shares = settings["population"]["non_lenses"]
    return reference.without_field(
        draw_catalog("test", OBJECTS, lens_fraction=1 / 3, non_lenses=shares, seed=11, priors=default_priors)
    )


def test_rendering_is_right_to_a_fraction_of_the_noise(rows, settings, default_priors):
    """Median over objects of the worst pixel at most 0.3 of its noise, none above 5."""
    bands, num_pix, survey = settings["bands"], settings["num_pix"], default_priors.survey
    worst = []
    for row in rows:
        expected = reference.render(row, bands, num_pix, survey)
        picture = sum(render.render(row, bands, num_pix, survey))
        worst.append(np.max(np.abs(picture - expected) / reference.noise(expected, row, bands, survey)))
    assert len(worst) == OBJECTS
    assert np.median(worst) < 0.3
    assert np.max(worst) < 5


LIGHT = {"R_sersic": [0.1, 0.06], "n_sersic": [4.0, 1.0], "e1": [0.1, -0.2], "e2": [0.0, 0.1]}
PARTS = LIGHT | {"center_x": [0.0, 0.15], "center_y": [0.02, -0.1]}
FIELD = {"profile": ["sersic", "point", "sersic"], "center_x": [3.1, -4.0, 7.0], "center_y": [-2.2, 1.7, 0.3]}
FIELD |= {"R_sersic": [0.4, np.nan, 1.1], "n_sersic": [1.0, np.nan, 4.0], "e1": [0.3, np.nan, -0.2], "e2": [0.0] * 3}


@pytest.mark.parametrize(
    "more",
    [{}, {"source_is_lensed": False}, {"gamma": 2.2}, {"is_lens": False, "theta_E": np.nan}],
    ids=["SIE", "unlensed", "power law", "no lens"],
)
def test_a_clumpy_source_in_a_crowded_field_is_right_too(more, rows, settings, default_priors):
    """A bulge and a clump, two galaxies and a star of the field, one of them beyond the stamp's edge."""
    bands, num_pix, survey = settings["bands"], settings["num_pix"], default_priors.survey
    row = next(row for row in rows if row["kind"] == "lens" and 0.8 < row["theta_E"] < 1.6)
    lists = {"part": PARTS, "field": FIELD}
    row = row | {f"{group}_{name}": values for group, light in lists.items() for name, values in light.items()} | more
    for band in bands:
        total = row[f"source_magnitude_{band}"] - 3  # bright, so that a part too much is seen above the noise
        row |= {
            f"source_magnitude_{band}": total,
            f"part_magnitude_{band}": [total + 1.0, total + 2.0],
            f"field_magnitude_{band}": [22.0, 20.0, 20.0],
        }
    for axis in ("center_x", "center_y"):
        row[f"part_{axis}"] = [row[f"source_{axis}"] + offset for offset in PARTS[axis]]
    expected = reference.render(row, bands, num_pix, survey)
    picture = sum(render.render(row, bands, num_pix, survey))
    assert np.max(np.abs(picture - expected) / reference.noise(expected, row, bands, survey)) < 1
    bare = row | {name: [] for name in row if name.startswith(("part_", "field_"))}
    assert np.max(np.abs(expected - sum(render.render(bare, bands, num_pix, survey)))) > 10


@pytest.mark.parametrize("profile", shapes.PROFILES)
def test_a_bright_component_of_each_shape_is_right_too(profile, rows, settings, default_priors):
    """In the stamp, and so bright that a twentieth too little would be seen."""
    pixels = (settings["bands"], settings["num_pix"], default_priors.survey)
    row = next(row for row in rows if profile in row["extra_profile"])
    alone = np.flatnonzero(np.asarray(row["extra_profile"]) == profile)
    row = row | {name: np.asarray(row[name])[alone] for name in row if name.startswith("extra_")}
    row |= {f"extra_magnitude_{band}": np.full(len(alone), 16.5) for band in settings["bands"]}
    row |= {"extra_center_x": np.full(len(alone), 0.5), "extra_center_y": np.full(len(alone), -0.3)}
    expected = reference.render(row, *pixels)
    noise = reference.noise(expected, row, settings["bands"], default_priors.survey)
    assert np.max(np.abs(sum(render.render(row, *pixels)) - expected) / noise) < 1
    light = expected - reference.render(without_feature(row), *pixels)
    assert np.max(0.05 * light / noise) > 2


def test_the_reference_has_converged(rows, settings, default_priors):
    row = next(row for row in rows if row["kind"] == "lens")
    bands, survey = settings["bands"][-1:], default_priors.survey
    coarse = reference.render(row, bands, settings["num_pix"], survey)
    fine = reference.render(row, bands, settings["num_pix"], survey, fine=16, tolerance=0.001)
    assert np.max(np.abs(coarse - fine) / reference.noise(fine, row, bands, survey)) < 0.3


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
            beta_x, beta_y = render.ray_shooting(row)(x, y)
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
    found = render.ray_shooting(row)(x, y)
    np.testing.assert_allclose(found, model.ray_shooting(x, y, mass), atol=1e-5)


@pytest.mark.parametrize("mass", ["sie", "epl"])
def test_all_the_light_of_arcs_is_there(mass, default_priors):
    """In a large stamp, as much as the catalogue's magnification says; a shallow lens's images lie far out."""
    priors = replace(default_priors, mass=mass)
    rows = draw_catalog("test", 200, lens_fraction=0.999, non_lenses={"deflector": 1}, seed=5, priors=priors)
    rows = (
        rows[rows["is_lens"] & (rows["theta_E"] < 1.5) & (rows["source_R_sersic"] < 1)]
        .sort_values("gamma")
        .iloc[::20]
        .to_dict("records")
    )
    for row in rows:
        _, arcs = render.render(row, ["i"], 121, priors.survey)
        flux = counts(row["source_magnitude_i"], priors.survey)
        assert arcs.sum() == pytest.approx(row["magnification"] * flux, rel=0.015), row["gamma"]


def test_light_is_conserved(default_priors, settings):
    """A small galaxy in a large stamp keeps its flux but for the profile's wings."""
    row = reference.without_field(
        draw_catalog("test", 1, lens_fraction=0.999, non_lenses={"deflector": 1}, seed=3, priors=default_priors)
    )[0]
    row |= {"lens_R_sersic": 0.3, "lens_n_sersic": 1.0, "source_R_sersic": np.nan}
    survey = default_priors.survey
    picture, none = render.render(row, ["i"], 129, survey)
    assert picture.sum() == pytest.approx(counts(row["lens_magnitude_i"], survey), rel=3e-3)
    assert not none.any()


def test_lensing_conserves_surface_brightness(default_priors):
    """Total magnification of a small source behind an SIS: 2 theta_E / beta."""
    row = reference.without_field(
        draw_catalog("test", 1, lens_fraction=0.999, non_lenses={"deflector": 1}, seed=3, priors=default_priors)
    )[0]
    row |= {"theta_E_halo": 1.5, "e1": 0.0, "e2": 0.0, "gamma1": 0.0, "gamma2": 0.0}
    row |= {"source_R_sersic": 0.06, "source_n_sersic": 1.0, "source_e1": 0.0, "source_e2": 0.0}
    row |= {"source_center_x": row["center_x"] + 0.6, "source_center_y": row["center_y"]}
    row |= {name: [] for name in row if name.startswith("part_")}
    survey = default_priors.survey
    arcs = render.render(row, ["i"], 129, survey)[1]
    expected = 2 * 1.5 / 0.6 * counts(row["source_magnitude_i"], survey)
    assert arcs.sum() == pytest.approx(expected, rel=6e-3)


def test_a_moved_galaxy_is_the_same_picture_moved(default_priors):
    row = reference.without_field(
        draw_catalog("test", 1, lens_fraction=0.999, non_lenses={"deflector": 1}, seed=3, priors=default_priors)
    )[0]
    survey = default_priors.survey
    row |= {"source_R_sersic": np.nan, "lens_R_sersic": 0.5}
    here = render.render(row, ["z"], 45, survey)[0][0]
    row["center_x"] += 2 * survey.pixel_scale
    row["center_y"] -= 3 * survey.pixel_scale
    there = render.render(row, ["z"], 45, survey)[0][0]
    np.testing.assert_allclose(there[7:-10, 9:-9], here[10:-7, 7:-11], rtol=1e-3, atol=1e-3 * here.max())


def test_a_turned_catalogue_row_is_the_same_picture_turned(default_priors):
    """All positions and shapes turned by a quarter: nothing in the grid prefers an axis."""
    row = next(
        r
        for r in reference.without_field(
            draw_catalog("test", 30, lens_fraction=0.999, non_lenses={"deflector": 1}, seed=5, priors=default_priors)
        )
        if 1.0 < r["theta_E"] < 2.0 and len(r["part_e1"])
    )
    turned = dict(row)
    for name in ("center", "source_center", "part_center"):
        turned[f"{name}_x"], turned[f"{name}_y"] = -row[f"{name}_y"], row[f"{name}_x"]
    for name in ("e", "gamma", "lens_e", "source_e"):
        turned[f"{name}1"], turned[f"{name}2"] = -row[f"{name}1"], -row[f"{name}2"]
    for name in ("psf_e1_g", "psf_e2_g"):
        turned[name] = -row[name]
    survey = default_priors.survey
    one, two = (sum(render.render(r, ["g"], 45, survey))[0] for r in (row, turned))
    # Array rows run along y: a quarter turn from x to y is a turn of the array the other way.
    np.testing.assert_allclose(np.rot90(one, -1), two, rtol=2e-3, atol=1e-4 * one.max())


def test_points_in_the_window_integrate_a_cusp():
    """A de Vaucouleurs profile in the window against ordinary quadrature."""
    grid = grid_of(45, 0.263)
    R, n, b = 0.8 / grid.step, 4.0, 7.66925

    def profile(rho):
        return np.exp(-b * (rho / R) ** (1 / n))

    want = quad(lambda rho: 2 * np.pi * rho * profile(rho) * galaxy_kernels.window(rho), 0, grid.reach, epsrel=1e-10)[0]
    assert np.sum(profile(np.hypot(grid.along, grid.across) / grid.step) * grid.area) == pytest.approx(want, rel=1e-5)
    assert galaxy_kernels.window(0.0) == pytest.approx(1, abs=1e-6) and galaxy_kernels.window(grid.reach) < 2e-5


def test_a_component_that_lies_outside_the_stamp_is_no_error(default_priors, settings):
    row = reference.without_field(
        draw_catalog("train", 2, lens_fraction=0.001, non_lenses={"companions": 1}, seed=2, priors=default_priors)
    )[0]
    inside = render.render(row, settings["bands"], 45, default_priors.survey)[0]
    for place in (5.9, 7.2, 7.5, 9.0, 40.0):
        row["extra_center_x"] = np.full(len(row["extra_center_x"]), place)
        outside = render.render(row, settings["bands"], 45, default_priors.survey)[0]
        assert np.isfinite(outside).all() and outside.sum() < inside.sum()
