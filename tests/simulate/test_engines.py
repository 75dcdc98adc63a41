"""The contract of every engine: its images against slow, independent ways of making them."""

from dataclasses import replace

import numpy as np
import pytest
import reference

from lenspipe.explain.without_arc import without_feature
from lenspipe.families import ENGINES
from lenspipe.population.catalog import draw_catalog
from lenspipe.simulate.pipeline import render_row
from lenspipe.simulate.scene import SHAPES, PixelGrid, counts, scene_of

OBJECTS = 33  # two or more of each kind


@pytest.fixture(scope="module", params=sorted(ENGINES))
def engine(request):
    return request.param


@pytest.fixture(scope="module")
def rows(default_priors, settings):
    """Objects of the default population, a third of them lenses; one test below has a field of its own."""
    shares = settings["population"]["non_lenses"]
    return reference.without_field(
        draw_catalog("test", OBJECTS, lens_fraction=1 / 3, non_lenses=shares, seed=11, priors=default_priors)
    )


@pytest.mark.slow
def test_rendering_is_right_to_a_fraction_of_the_noise(rows, settings, default_priors, engine):
    """Median over objects of the worst pixel at most 0.3 of its noise, none above 5."""
    bands, num_pix, survey = settings["bands"], settings["num_pix"], default_priors.survey
    worst = []
    for row in rows:
        expected = reference.render(row, bands, num_pix, survey)
        picture = sum(render_row(row, bands, num_pix, survey, engine=engine))
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
def test_a_clumpy_source_in_a_crowded_field_is_right_too(more, rows, settings, default_priors, engine):
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
    picture = sum(render_row(row, bands, num_pix, survey, engine=engine))
    assert np.max(np.abs(picture - expected) / reference.noise(expected, row, bands, survey)) < 1
    bare = row | {name: [] for name in row if name.startswith(("part_", "field_"))}
    assert np.max(np.abs(expected - sum(render_row(bare, bands, num_pix, survey, engine=engine)))) > 10


@pytest.mark.parametrize("profile", SHAPES)
def test_a_bright_component_of_each_shape_is_right_too(profile, rows, settings, default_priors, engine):
    """In the stamp, and so bright that a twentieth too little would be seen."""
    pixels = (settings["bands"], settings["num_pix"], default_priors.survey)
    row = next(row for row in rows if profile in row["extra_profile"])
    alone = np.flatnonzero(np.asarray(row["extra_profile"]) == profile)
    row = row | {name: np.asarray(row[name])[alone] for name in row if name.startswith("extra_")}
    row |= {f"extra_magnitude_{band}": np.full(len(alone), 16.5) for band in settings["bands"]}
    row |= {"extra_center_x": np.full(len(alone), 0.5), "extra_center_y": np.full(len(alone), -0.3)}
    expected = reference.render(row, *pixels)
    noise = reference.noise(expected, row, settings["bands"], default_priors.survey)
    assert np.max(np.abs(sum(render_row(row, *pixels, engine=engine)) - expected) / noise) < 1
    light = expected - reference.render(without_feature(row), *pixels)
    assert np.max(0.05 * light / noise) > 2


def test_the_reference_has_converged(rows, settings, default_priors):
    row = next(row for row in rows if row["kind"] == "lens")
    bands, survey = settings["bands"][-1:], default_priors.survey
    coarse = reference.render(row, bands, settings["num_pix"], survey)
    fine = reference.render(row, bands, settings["num_pix"], survey, fine=16, tolerance=0.001)
    assert np.max(np.abs(coarse - fine) / reference.noise(fine, row, bands, survey)) < 0.3


@pytest.mark.parametrize("mass", ["sie", "epl"])
def test_all_the_light_of_arcs_is_there(mass, default_priors, engine):
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
        _, arcs = render_row(row, ["i"], 121, priors.survey, engine=engine)
        flux = counts(row["source_magnitude_i"], priors.survey)
        assert arcs.sum() == pytest.approx(row["magnification"] * flux, rel=0.015), row["gamma"]


def test_light_is_conserved(default_priors, settings, engine):
    """A small galaxy in a large stamp keeps its flux but for the profile's wings."""
    row = reference.without_field(
        draw_catalog("test", 1, lens_fraction=0.999, non_lenses={"deflector": 1}, seed=3, priors=default_priors)
    )[0]
    row |= {"lens_R_sersic": 0.3, "lens_n_sersic": 1.0, "source_R_sersic": np.nan}
    survey = default_priors.survey
    picture, none = render_row(row, ["i"], 129, survey, engine=engine)
    assert picture.sum() == pytest.approx(counts(row["lens_magnitude_i"], survey), rel=3e-3)
    assert not none.any()


def test_lensing_conserves_surface_brightness(default_priors, engine):
    """Total magnification of a small source behind an SIS: 2 theta_E / beta."""
    row = reference.without_field(
        draw_catalog("test", 1, lens_fraction=0.999, non_lenses={"deflector": 1}, seed=3, priors=default_priors)
    )[0]
    row |= {"theta_E_halo": 1.5, "e1": 0.0, "e2": 0.0, "gamma1": 0.0, "gamma2": 0.0}
    row |= {"source_R_sersic": 0.06, "source_n_sersic": 1.0, "source_e1": 0.0, "source_e2": 0.0}
    row |= {"source_center_x": row["center_x"] + 0.6, "source_center_y": row["center_y"]}
    row |= {name: [] for name in row if name.startswith("part_")}
    survey = default_priors.survey
    arcs = render_row(row, ["i"], 129, survey, engine=engine)[1]
    expected = 2 * 1.5 / 0.6 * counts(row["source_magnitude_i"], survey)
    assert arcs.sum() == pytest.approx(expected, rel=6e-3)


def test_a_moved_galaxy_is_the_same_picture_moved(default_priors, engine):
    row = reference.without_field(
        draw_catalog("test", 1, lens_fraction=0.999, non_lenses={"deflector": 1}, seed=3, priors=default_priors)
    )[0]
    survey = default_priors.survey
    row |= {"source_R_sersic": np.nan, "lens_R_sersic": 0.5}
    here = render_row(row, ["z"], 45, survey, engine=engine)[0][0]
    row["center_x"] += 2 * survey.pixel_scale
    row["center_y"] -= 3 * survey.pixel_scale
    there = render_row(row, ["z"], 45, survey, engine=engine)[0][0]
    np.testing.assert_allclose(there[7:-10, 9:-9], here[10:-7, 7:-11], rtol=1e-3, atol=1e-3 * here.max())


def test_a_turned_catalogue_row_is_the_same_picture_turned(default_priors, engine):
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
    one, two = (sum(render_row(r, ["g"], 45, survey, engine=engine))[0] for r in (row, turned))
    # Array rows run along y: a quarter turn from x to y is a turn of the array the other way.
    np.testing.assert_allclose(np.rot90(one, -1), two, rtol=2e-3, atol=1e-4 * one.max())


def test_a_component_that_lies_outside_the_stamp_is_no_error(default_priors, settings, engine):
    row = reference.without_field(
        draw_catalog("train", 2, lens_fraction=0.001, non_lenses={"companions": 1}, seed=2, priors=default_priors)
    )[0]
    inside = render_row(row, settings["bands"], 45, default_priors.survey, engine=engine)[0]
    for place in (5.9, 7.2, 7.5, 9.0, 40.0):
        row["extra_center_x"] = np.full(len(row["extra_center_x"]), place)
        outside = render_row(row, settings["bands"], 45, default_priors.survey, engine=engine)[0]
        assert np.isfinite(outside).all() and outside.sum() < inside.sum()


def test_an_image_does_not_depend_on_the_others_that_are_rendered_with_it(rows, settings, default_priors, engine):
    bands, survey = settings["bands"], default_priors.survey
    scenes, pixels = [scene_of(row, bands, survey) for row in rows[:4]], PixelGrid(45, survey.pixel_scale)
    together = list(ENGINES[engine](scenes, pixels))
    for scene, (lens_light, source_light) in zip(scenes, together, strict=True):
        ((alone_lens, alone_source),) = ENGINES[engine]([scene], pixels)
        np.testing.assert_array_equal(lens_light, alone_lens)
        np.testing.assert_array_equal(source_light, alone_source)
        assert lens_light.shape == source_light.shape == (len(bands), 45, 45)


def test_a_scene_without_light_is_empty(rows, settings, default_priors, engine):
    row = next(row for row in rows if row["kind"] == "deflector") | {"lens_R_sersic": np.nan}
    lens_light, source_light = render_row(row, settings["bands"], 45, default_priors.survey, engine=engine)
    assert not lens_light.any() and not source_light.any()
