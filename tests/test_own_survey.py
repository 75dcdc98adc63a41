"""A survey of one's own, by the path of its file: checked like a setting, and part of what results depend on."""

import json

import pytest
import yaml

from lenspipe import config
from lenspipe.cli.settings import load
from lenspipe.errors import InputError
from lenspipe.surveys import SURVEYS, Survey

WRONG = [  # what is changed, and what the message must name
    ({"pixelscale": 0.2}, ["pixelscale: unknown setting", "did you mean 'pixel_scale'"]),
    ({"pixel_scale": -1}, ["pixel_scale: -1", "greater than 0.01"]),
    ({"pixel_scale": "fine"}, ["pixel_scale: 'fine'", "number"]),
    ({"read_noise": None}, ["read_noise: None"]),
    ({"name": "other"}, ["name: a survey is called by its file's name"]),
    ({"bands": {}}, ["bands", "holds no band"]),
    ({"bands": {"i": {"zero_point": 26}}}, ["bands.i.exposure_time: missing", "des_y3.yaml shows it"]),
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
    """A function: write a survey's file and settings that name it; the settings' files."""

    def write(survey):
        path, mine = tmp_path / "own.yaml", tmp_path / "mine.yaml"
        path.write_text(yaml.safe_dump(survey))
        mine.write_text(yaml.safe_dump({"survey": str(path)}))
        return [root / config.DEFAULTS, mine]

    return write


@pytest.fixture
def numbers():
    """What a user's file holds: those of DES, without its name."""
    said = SURVEYS["des_y3"].numbers()
    del said["name"]
    return said


@pytest.mark.parametrize(("change", "named"), WRONG, ids=[words[0] for _, words in WRONG])
def test_a_wrong_number_is_told_in_one_line_that_names_key_and_file(files, numbers, change, named):
    with pytest.raises(InputError) as caught:
        load(files(numbers | change))
    assert "\n" not in str(caught.value)
    for word in [*named, "own.yaml"]:
        assert word in str(caught.value)


@pytest.mark.parametrize(("change", "named"), WRONG_BAND, ids=[words[0] for _, words in WRONG_BAND])
def test_a_wrong_number_of_a_band_is_told_too(files, numbers, change, named):
    numbers["bands"]["i"] |= change
    with pytest.raises(InputError) as caught:
        load(files(numbers))
    for word in [*named, "own.yaml"]:
        assert word in str(caught.value)


def test_its_numbers_are_part_of_the_settings_and_its_words_are_not(files, numbers):
    """So that an edited number makes the stages that see the sky again, and an edited comment does not."""
    seen = ("population", "simulate")
    plain = {stage: config.stage_settings(load(files(numbers)), stage) for stage in config.STAGES}
    told = numbers | {"about": "Another text.", "sources": {"pixel_scale": "measured"}}
    assert {stage: config.stage_settings(load(files(told)), stage) for stage in config.STAGES} == plain
    numbers["bands"]["i"]["seeing"] = 0.5
    changed = {stage: config.stage_settings(load(files(numbers)), stage) for stage in config.STAGES}
    assert {stage for stage in config.STAGES if changed[stage] != plain[stage]} == set(seen)
    for stage in seen:
        assert changed[stage]["survey"]["bands"]["i"]["seeing"] == 0.5
        assert Survey.model_validate(changed[stage]["survey"]).name == "own"


def test_a_stage_s_file_keeps_the_numbers_when_the_survey_s_file_is_gone(files, numbers, tmp_path):
    wanted = config.stage_settings(load(files(numbers)), "simulate")
    stage = tmp_path / "simulate.json"
    stage.write_text(json.dumps(wanted))
    (tmp_path / "own.yaml").unlink()
    assert config.read_stage(stage, "simulate") == wanted
    assert config.survey_of(wanted["survey"]).typical_sky_sigma("i") == pytest.approx(
        SURVEYS["des_y3"].typical_sky_sigma("i")
    )


def test_a_broken_survey_of_ours_is_told_in_a_line_as_well(tmp_path, monkeypatch):
    path = tmp_path / "des_y3.yaml"
    path.write_text("pixel_scale: 0.2\n")
    monkeypatch.setitem(SURVEYS.paths, "des_y3", path)
    with pytest.raises(InputError, match=r"read_noise: missing .*des_y3\.yaml"):
        config.survey_of("des_y3")
