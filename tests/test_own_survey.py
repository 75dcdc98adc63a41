"""A user's survey, by the path of its file: validated like the settings, and part of what results depend on."""

import json

import pytest
import yaml

from lenspipe import config
from lenspipe.cli.settings import load
from lenspipe.errors import InputError
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
