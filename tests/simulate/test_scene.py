"""A scene states what a row must hold, and holds its light in the units that it says."""

import numpy as np
import pytest

from lenspipe.columns import catalog_columns
from lenspipe.population.catalog import draw_catalog
from lenspipe.simulate.scene import SHAPES, row_columns, scene_of

BANDS = ["g", "i"]


@pytest.fixture(scope="module")
def rows(default_priors, settings):
    """Objects of every kind, most of them lenses, with their field."""
    shares = settings["population"]["non_lenses"]
    catalog = draw_catalog("test", 60, lens_fraction=0.5, non_lenses=shares, seed=11, priors=default_priors)
    return catalog.to_dict("records")


@pytest.fixture(scope="module")
def survey(default_priors):
    return default_priors.survey


def test_every_column_that_a_scene_needs_is_in_the_catalogue():
    assert set(row_columns(BANDS)) <= {column.name for column in catalog_columns(BANDS)}


def test_a_row_with_the_columns_that_are_said_makes_the_scene_that_the_whole_row_makes(rows, survey):
    for row in rows:
        part = scene_of({name: row[name] for name in row_columns(BANDS)}, BANDS, survey)
        whole = scene_of(row, BANDS, survey)
        for one, other in zip(part.sersics, whole.sersics, strict=True):
            np.testing.assert_array_equal(one, other)
        assert (part.source is None) == (whole.source is None) and len(part.shapes) == len(whole.shapes)


@pytest.mark.parametrize(
    "column", [name for name in row_columns(["g"]) if not name.startswith(("extra", "field", "part", "id"))]
)
def test_a_row_that_lacks_a_column_is_refused_by_name(rows, survey, column):
    row = next(row for row in rows if row["kind"] == "lens")
    with pytest.raises(ValueError, match=rf"object {row['id']} lacks the column .*{column}"):
        scene_of({name: value for name, value in row.items() if name != column}, ["g"], survey)


def test_every_component_of_a_row_is_in_the_scene_once(rows, survey):
    for row in rows:
        scene = scene_of(row, BANDS, survey)
        profiles = [*row["extra_profile"], *row["field_profile"], "sersic"]
        assert len(scene.sersics.flux) == profiles.count("sersic")
        assert len(scene.points.flux) == profiles.count("point")
        assert [shape.profile for shape in scene.shapes] == [name for name in profiles if name in SHAPES]


def test_flux_is_counts_times_the_area_of_a_pixel(rows, survey):
    row = next(row for row in rows if row["kind"] == "lens" and len(row["part_magnitude_g"]))
    scene = scene_of(row, BANDS, survey)
    for b, band in enumerate(BANDS):
        total = 10 ** (-0.4 * (row[f"source_magnitude_{band}"] - survey.magnitude_zero_point)) * survey.pixel_scale**2
        assert scene.source.light.flux[:, b].sum() == pytest.approx(total)
        lens = 10 ** (-0.4 * (row[f"lens_magnitude_{band}"] - survey.magnitude_zero_point)) * survey.pixel_scale**2
        assert scene.sersics.flux[-1, b] == pytest.approx(lens)


def test_a_source_that_is_not_lensed_has_no_mass_and_a_non_lens_no_source(rows, survey):
    row = next(row for row in rows if row["kind"] == "lens")
    assert scene_of(row, BANDS, survey).source.mass.theta_E == row["theta_E_halo"]
    assert scene_of(row | {"source_is_lensed": False}, BANDS, survey).source.mass is None
    assert scene_of(next(row for row in rows if row["kind"] == "deflector"), BANDS, survey).source is None


def test_the_weights_of_the_exposures_add_up_to_one(rows, survey):
    psf = scene_of(rows[0], BANDS, survey).psf
    assert [weights.sum() for weights in psf.weights] == pytest.approx([1.0] * len(BANDS))
    assert [len(fwhm) for fwhm in psf.fwhm] == [rows[0][f"num_exposures_{band}"] for band in BANDS]
