"""A user's survey, by the path of its file: validated like the settings, and part of what results depend on."""

import json

import numpy as np
import pytest
import yaml

from lenspipe import config
from lenspipe.cli._priors import priors_from
from lenspipe.cli.settings import load
from lenspipe.errors import InputError
from lenspipe.population.catalog import draw_catalog
from lenspipe.simulate.pipeline import simulate_objects
from lenspipe.simulate.row_checks import check_rows
from lenspipe.surveys import SURVEYS, Survey

WRONG = [  # a change, and what the message must name
    ({"pixelscale": 0.2}, ["pixelscale: unknown setting", "did you mean 'pixel_scale'"]),
    ({"pixel_scale": -1}, ["pixel_scale: -1", "greater than 0.01"]),
    ({"pixel_scale": "fine"}, ["pixel_scale: 'fine'", "number"]),
    ({"read_noise": None}, ["read_noise: None"]),
    ({"name": "other"}, ["name: the file's name is the survey's name"]),
    ({"bands": {}}, ["bands", "holds no band"]),
    ({"bands": {"i": {"zero_point": 26}}}, ["bands.i.exposure_time: missing", "; see lenspipe/surveys/des_y3.yaml"]),
    ({"lanczos": 9}, ["lanczos: 9", "less than or equal to 5"]),
    ({"moffat_beta": 1.0}, ["moffat_beta: 1.0", "greater than 1.1"]),
]
WRONG_BAND = [
    ({"seing": 1.0}, ["bands.i.seing: unknown setting", "did you mean 'seeing'"]),
    ({"num_exposures": []}, ["bands.i.num_exposures"]),
    ({"num_exposures": [1, 0]}, ["bands.i.num_exposures", "greater than or equal to 1"]),
    ({"sky_brightness": float("nan")}, ["bands.i.sky_brightness", "finite"]),
]


@pytest.fixture
def files(tmp_path, root):
    """A function that writes a survey file and settings that name it, and returns the settings' files."""

    def write(survey):
        path, settings = tmp_path / "own.yaml", tmp_path / "settings.yaml"
        path.write_text(yaml.safe_dump(survey))
        settings.write_text(yaml.safe_dump({"survey": str(path)}))
        return [root / config.DEFAULTS, settings]

    return write


@pytest.fixture
def numbers():
    """Numbers of a user's survey file: those of DES, without its name."""
    values = SURVEYS["des_y3"].numbers()
    del values["name"]
    return values


@pytest.mark.parametrize(("change", "named"), WRONG, ids=[parts[0] for _, parts in WRONG])
def test_a_wrong_number_gives_a_one_line_error_that_names_key_and_file(files, numbers, change, named):
    with pytest.raises(InputError) as caught:
        load(files(numbers | change))
    assert "\n" not in str(caught.value)
    for word in [*named, "own.yaml"]:
        assert word in str(caught.value)


@pytest.mark.parametrize(("change", "named"), WRONG_BAND, ids=[parts[0] for _, parts in WRONG_BAND])
def test_a_wrong_number_of_a_band_gives_an_error(files, numbers, change, named):
    numbers["bands"]["i"] |= change
    with pytest.raises(InputError) as caught:
        load(files(numbers))
    for word in [*named, "own.yaml"]:
        assert word in str(caught.value)


def test_its_numbers_are_part_of_the_stage_settings_and_its_texts_are_not(files, numbers):
    """An edited number reruns the stages that see the sky, an edited comment does not."""
    affected = ("population", "simulate")
    plain = {stage: config.stage_settings(load(files(numbers)), stage) for stage in config.STAGES}
    described = numbers | {"about": "Another text.", "sources": {"pixel_scale": "measured"}}
    assert {stage: config.stage_settings(load(files(described)), stage) for stage in config.STAGES} == plain
    numbers["bands"]["i"]["seeing"] = 0.5
    changed = {stage: config.stage_settings(load(files(numbers)), stage) for stage in config.STAGES}
    assert {stage for stage in config.STAGES if changed[stage] != plain[stage]} == set(affected)
    for stage in affected:
        assert changed[stage]["survey"]["bands"]["i"]["seeing"] == 0.5
        assert Survey.model_validate(changed[stage]["survey"]).name == "own"


def test_the_stage_settings_hold_the_numbers_when_the_survey_file_is_deleted(files, numbers, tmp_path):
    expected = config.stage_settings(load(files(numbers)), "simulate")
    stage = tmp_path / "simulate.json"
    stage.write_text(json.dumps(expected))
    (tmp_path / "own.yaml").unlink()
    assert config.read_stage(stage, "simulate") == expected
    assert config.survey_of(expected["survey"]).typical_sky_sigma("i") == pytest.approx(
        SURVEYS["des_y3"].typical_sky_sigma("i")
    )


def test_a_broken_built_in_survey_gives_a_one_line_error(tmp_path, monkeypatch):
    path = tmp_path / "des_y3.yaml"
    path.write_text("pixel_scale: 0.2\n")
    monkeypatch.setitem(SURVEYS.paths, "des_y3", path)
    with pytest.raises(InputError, match=r"read_noise: missing .*des_y3\.yaml"):
        config.survey_of("des_y3")


BLIND = [  # surveys within the bounds of each number that show no galaxies, or too many, and what the message must name
    ({}, {"sky_brightness": 5.1}, ["survey: own", "exposure_time and sky_brightness"]),
    ({}, {"exposure_time": 1e-3}, ["survey: own", "lost in its noise"]),
    ({"read_noise": 1000, "pixel_scale": 0.02}, {}, ["survey: own", "i = 19."]),
    ({}, {"zero_point": 33, "exposure_time": 1e4, "sky_brightness": 17}, ["survey: own", "electrons per pixel"]),
    ({"pixel_scale": 5}, {}, ["num_pix: 45 pixels of own are 225 arcsec", "pixel_scale"]),
]


@pytest.mark.parametrize(("change", "band", "named"), BLIND)
def test_a_survey_that_cannot_be_drawn_is_refused_before_it_is_drawn(files, numbers, change, band, named):
    numbers |= change
    numbers["bands"]["i"] |= band
    with pytest.raises(InputError) as caught:
        load(files(numbers))
    for word in named:
        assert word in str(caught.value)


LIMITS = {
    "zero_point": (10.1, 33.9),
    "exposure_time": (1e-3, 1e4),
    "num_exposures": ([1], [300]),  # of at most 2,000, to save time
    "sky_brightness": (5.1, 29.9),
    "sky_brightness_sd": (0.0, 2.0),
    "seeing": (0.02, 10.0),
    "seeing_sd": (0.0, 5.0),
    "wavelength": (2000.0, 30000.0),
    "pixel_scale": (0.011, 5.0),
    "read_noise": (0.0, 1000.0),
    "ccd_gain": (1e-6, 100.0),
    "magnitude_zero_point": (10.1, 39.9),
    "moffat_beta": (1.11, 20.0),
    "psf_ellipticity": (0.0, 0.2),
    "extinction": (0.0, 1.0),
    "shared": (0.0, 1.0),
    "lanczos": (0, 5),
}


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(16))
def test_numbers_at_their_limits_give_finite_images_or_a_refusal(numbers, seed):
    """A third of the numbers at one of their limits, at random; the others are those of DES."""
    rng = np.random.default_rng(seed)
    change = {name: ends[rng.integers(2)] for name, ends in LIMITS.items() if rng.uniform() < 1 / 3}
    for values in numbers["bands"].values():
        values.update({name: value for name, value in change.items() if name in values})
    numbers |= {name: value for name, value in change.items() if name in numbers} | {"name": "own"}
    population = config.read_yaml(config.defaults_path())["population"]
    try:
        priors = priors_from(numbers, ["g", "i"], population, 17)
    except InputError as error:
        assert "survey: own" in str(error) or "num_pix" in str(error)
        return
    shares = dict.fromkeys(population["non_lenses"], 0) | {"star": 1}
    catalog = draw_catalog("test", 6, lens_fraction=0.5, non_lenses=shares, seed=seed, priors=priors)
    check_rows(catalog, priors.bands)
    entries = simulate_objects(catalog, priors.bands, 17, priors.survey, seed)
    for name in ("image", "sky_sigma", "psf_fwhm", "depth"):
        assert np.isfinite(entries[name]).all(), name
