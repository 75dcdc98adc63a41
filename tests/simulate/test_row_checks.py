"""A row that holds a wrong number is refused, by its object and column, before an image is made of it."""

import numpy as np
import pandas as pd
import pytest

from lenspipe.columns import PROFILES
from lenspipe.population.catalog import draw_catalog
from lenspipe.simulate.pipeline import simulate_objects
from lenspipe.simulate.row_checks import COMPONENTS, check_rows
from lenspipe.simulate.scene import SHAPES, row_columns

BANDS = ["g", "i"]
USED_BY_A_LENS = [
    name
    for name in row_columns(["g"])
    if name not in ("id", "source_is_lensed", "field_profile") and not name.startswith("extra_")
]
ABSENT = ("lens_R_sersic", "source_R_sersic", "lens_size_gradient")  # NaN has a meaning in these
OF_ANY_SIGN = ("center", "magnitude", "gradient", "sky_brightness")


@pytest.fixture(scope="module")
def rows(default_priors, settings):
    shares = settings["population"]["non_lenses"]
    return draw_catalog("test", 120, lens_fraction=0.5, non_lenses=shares, seed=11, priors=default_priors)


@pytest.fixture(scope="module")
def two(rows):
    """A non-lens, and a lens with a clumpy source and galaxies in its field, galaxies first."""
    lens = next(
        row
        for row in rows.to_dict("records")
        if row["kind"] == "lens" and len(row["part_e1"]) and "sersic" in row["field_profile"]
    )
    order = np.argsort([name != "sersic" for name in lens["field_profile"]], kind="stable")
    lens |= {name: np.asarray(lens[name])[order] for name in lens if name.startswith("field_")}
    other = next(row for row in rows.to_dict("records") if row["kind"] == "deflector")
    return pd.DataFrame([other, lens])


def changed(two, **values):
    """The rows with other values in the lens."""
    return pd.DataFrame([two.iloc[0].to_dict(), two.iloc[1].to_dict() | values])


def test_rows_as_they_are_drawn_pass(rows):
    check_rows(rows, list("griz"))
    check_rows(rows.assign(lens_R_sersic=np.nan), list("griz"))  # the galaxy's light is in a real cutout
    check_rows(rows.iloc[:0], list("griz"))


WRONG = [
    (column, wrong)
    for column in USED_BY_A_LENS
    for wrong in (np.nan, np.inf, -np.inf, -1.5, "text")
    if not (column in ABSENT and wrong is np.nan)
    and not (wrong == -1.5 and any(name in column for name in OF_ANY_SIGN))
]


@pytest.mark.parametrize(("column", "wrong"), WRONG)
def test_a_wrong_number_is_refused_by_object_and_column(two, column, wrong):
    """One wrong number in a row, or among those of a list, whatever the column."""
    value = two.iloc[1][column]
    value = np.array([wrong, *value[1:]]) if np.ndim(value) else wrong
    object_of = two["id"].iloc[1] if wrong != "text" else r"\d+"  # text makes the whole column text
    with pytest.raises(ValueError, match=rf"object {object_of}: {column} is "):
        check_rows(changed(two, **{column: value}), ["g"])


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -1.0, 0.0])
def test_a_lens_needs_a_radius(two, wrong):
    with pytest.raises(ValueError, match=rf"object {two['id'].iloc[1]}: theta_E is "):
        check_rows(changed(two, theta_E=wrong), ["g"])


@pytest.mark.parametrize("column", ["theta_E", "theta_E_halo"])
def test_the_radius_that_is_learned_is_that_of_the_image(two, column):
    """Whoever changes one of them gets images of the other."""
    with pytest.raises(ValueError, match=rf"object {two['id'].iloc[1]}: theta_E is .* theta_E_halo"):
        check_rows(changed(two, **{column: 1.001 * two.iloc[1][column]}), ["g"])


@pytest.mark.parametrize("column", [name for name in row_columns(["g"]) if name != "id"])
def test_a_column_that_is_lacking_is_named(two, column):
    with pytest.raises(ValueError, match=f"lacks the column '{column}'"):
        check_rows(two.drop(columns=column), ["g"])


@pytest.mark.parametrize("column", [name for name in USED_BY_A_LENS if name.startswith(("field", "part", "exposure"))])
def test_a_list_that_is_too_short_is_refused_by_object_and_column(two, column):
    with pytest.raises(ValueError, match=rf"object {two['id'].iloc[1]}: {column}"):
        check_rows(changed(two, **{column: two.iloc[1][column][:-1]}), ["g"])


@pytest.mark.parametrize("profile", SHAPES)
def test_a_shape_with_a_wrong_number_is_refused_by_object_and_column(rows, profile):
    row = next(row for row in rows.to_dict("records") if profile in row["extra_profile"])
    k = list(row["extra_profile"]).index(profile)
    for name in (*COMPONENTS[profile], "center_x", "magnitude_g"):
        values = np.array(row[f"extra_{name}"], float)
        values[k] = np.nan
        with pytest.raises(ValueError, match=rf"object {row['id']}: extra_{name} is nan"):
            check_rows(pd.DataFrame([row | {f"extra_{name}": values}]), ["g"])


@pytest.mark.parametrize(
    ("first", "second"), [("e1", "e2"), ("gamma1", "gamma2"), ("lens_e1", "lens_e2"), ("psf_e1_g", "psf_e2_g")]
)
def test_ellipticity_and_shear_are_shorter_than_1(two, first, second):
    with pytest.raises(ValueError, match=rf"object {two['id'].iloc[1]}: {first}\^2 \+ {second}\^2 is 1.28"):
        check_rows(changed(two, **{first: 0.8, second: 0.8}), ["g"])


def test_a_profile_that_does_not_exist_and_a_source_that_may_be_lensed_are_refused(two):
    with pytest.raises(ValueError, match="field_profile is 'blob'"):
        check_rows(changed(two, field_profile=["blob", *two.iloc[1]["field_profile"][1:]]), ["g"])
    with pytest.raises(ValueError, match="source_is_lensed is nan"):
        check_rows(changed(two, source_is_lensed=np.nan), ["g"])


def test_no_image_is_made_of_a_wrong_number(two, default_priors):
    with pytest.raises(ValueError, match="e1 is nan"):
        simulate_objects(changed(two, e1=np.nan), BANDS, 45, default_priors.survey, 1)


def test_every_profile_has_limits():
    assert tuple(COMPONENTS) == PROFILES
