"""What is registered in one place is served in all: to add one, the lines that these tests name are enough."""

import re
from pathlib import Path

import pytest

import lenspipe
from lenspipe import config, plots, status
from lenspipe.families import KINDS, NETWORKS
from lenspipe.stages import report
from lenspipe.surveys import SURVEYS, Band, Survey

OPTIONAL = ("realism", "grid")  # stages that a run may do without
PACKAGE = Path(lenspipe.__file__).parent


@pytest.mark.parametrize(
    ("registry", "folder"),
    [
        (KINDS, "population/kinds"),
        (NETWORKS, "models/networks"),
        (plots.FIGURES | plots.OF_KINDS | plots.OF_REPORT | plots.OF_GRID | plots.OF_REALISM | plots.OF_SKY, "plots"),
    ],
)
def test_a_family_is_a_folder_with_a_file_for_each_member(registry, folder):
    files = {path.stem for path in (PACKAGE / folder).glob("[!_]*.py")}
    assert files == set(registry)


def test_a_survey_is_a_file_of_numbers_with_a_source_for_each():
    assert {path.name for path in (PACKAGE / "surveys").iterdir() if path.suffix == ".yaml"} == {
        f"{name}.yaml" for name in SURVEYS
    }
    numbers = {*Survey.model_fields, *Band.model_fields} - {"name", "about", "sources", "bands"}
    for name, survey in SURVEYS.items():
        assert survey.name == name and survey.about and survey.published, name
        assert set(survey.sources) == numbers, name
        assert set(survey.published.depth) == set(survey.bands), name


def test_every_figure_has_a_caption_and_an_output_line_and_no_caption_is_left_over(root):
    captions = {path.stem for path in (root / "workflow" / "report").glob("*.rst")} - {"workflow"}
    rule = (root / "workflow/rules/diagnose.smk").read_text()
    listed = re.findall(r'^    "(\w+)": "(\S+)"', rule, flags=re.MULTILINE)
    of_kinds = re.findall(r'^    FIGURES\["(\w+)"\] = "(\S+)"', rule, flags=re.MULTILINE)
    last, of_grid, of_realism = (
        re.findall(r'report\("results/<run>/figures/(\w+)\.png"', (root / "workflow/rules" / file).read_text())
        for file in ("report.smk", "grid.smk", "realism.smk")
    )
    assert {name for name, _ in listed} == set(plots.FIGURES)
    assert {name for name, _ in of_kinds} == set(plots.OF_KINDS)
    assert (last, of_grid) == (list(plots.OF_REPORT), list(plots.OF_GRID))
    assert of_realism == list(plots.OF_REALISM)
    assert captions == set(
        plots.FIGURES | plots.OF_KINDS | plots.OF_REPORT | plots.OF_GRID | plots.OF_REALISM | plots.OF_SKY
    )
    for name, table in [*listed, *of_kinds]:
        assert table in (plots.FIGURES | plots.OF_KINDS)[name][1]


def test_the_default_non_lenses_are_all_kinds_but_the_lens(settings):
    assert set(settings["population"]["non_lenses"]) == set(KINDS) - {"lens"}


def test_every_stage_with_settings_has_a_standing_and_a_place_among_the_times():
    assert (
        status.STAGES == tuple(stage for stage in config.STAGES if stage not in OPTIONAL) == (*report.ORDER, "report")
    )
