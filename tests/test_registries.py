"""What is registered in one place is served in all: to add one, the lines that these tests name are enough."""

from pathlib import Path

import pytest

import lenspipe
from lenspipe import config
from lenspipe import figures as plots
from lenspipe.families import KINDS, NETWORKS
from lenspipe.stages import registry as stages
from lenspipe.surveys import SURVEYS, Band, Survey

SHARED = {"drawing", "registry"}  # files of plots that are no figure
PACKAGE = Path(lenspipe.__file__).parent


@pytest.mark.parametrize(
    ("registry", "folder"),
    [
        (KINDS, "population/kinds"),
        (NETWORKS, "networks"),
        (plots.FIGURES, "plots"),
    ],
)
def test_a_family_is_a_folder_with_a_file_for_each_member(registry, folder):
    files = {path.stem for path in (PACKAGE / folder).glob("[!_]*.py")} - SHARED
    assert files == set(registry) | set(getattr(registry, "collections", ()))


def test_a_survey_is_a_file_of_numbers_with_a_source_for_each():
    assert {path.name for path in (PACKAGE / "surveys").iterdir() if path.suffix == ".yaml"} == {
        f"{name}.yaml" for name in SURVEYS
    }
    numbers = {*Survey.model_fields, *Band.model_fields} - {"name", "about", "sources", "bands"}
    for name, survey in SURVEYS.items():
        assert survey.name == name and survey.about and survey.published, name
        assert set(survey.sources) == numbers, name
        assert set(survey.published.depth) == set(survey.bands), name


def test_every_figure_has_a_caption_and_no_caption_is_left_over(root):
    captions = {path.stem for path in (root / "workflow" / "report").glob("*.rst")} - {"workflow"}
    assert captions == set(plots.FIGURES)


def test_the_stage_of_every_figure_exists():
    assert {spec.stage for spec in plots.FIGURES.values()} <= {*stages.STAGES, "check-sky"}


def test_a_figure_of_a_run_has_the_name_of_the_module_that_makes_its_table(small_run):
    modules = {path.stem for path in (PACKAGE / "diagnostics").glob("*.py")}
    for name in plots.figures_of("explain", "diagnose", "grid"):
        tables = {Path(table).stem for table in plots.FIGURES[name].tables}
        assert name in modules or tables <= modules, name  # a second figure of the same table has another name
    assert {"false_positives_at_thresholds"} == set(plots.figures_of("explain", "diagnose", "grid")) - modules


def test_a_figure_that_may_lack_a_table_still_needs_another():
    for spec in plots.FIGURES.values():
        assert set(spec.may_lack) < set(spec.tables)


@pytest.mark.parametrize("stage", [stage for stage in stages.names_of() if stage != "report"])
def test_a_stage_writes_the_files_that_its_registry_names(stage, small_run):
    files = stages.files_of(stage, splits=("train", "val", "test", "twins"), available=["twins", "kinds"])
    assert files and all((small_run / file).is_file() for file in files)


def test_nothing_is_written_that_no_stage_names(small_run):
    options = {"splits": ("train", "val", "test", "twins"), "available": ["twins", "kinds"]}
    named = {file for stage in stages.names_of() for file in stages.files_of(stage, **options)}
    folders = ("catalog", "predictions", "tables", "figures")
    written = {p.relative_to(small_run).as_posix() for f in folders for p in (small_run / f).rglob("*") if p.is_file()}
    assert written <= named


def test_trainings_are_stages_by_their_names():
    names = stages.names_of(["finder", "ruler"])
    assert names[:5] == ["population", "simulate", "train_finder", "train_ruler", "predict"]
    assert stages.files_of("train_ruler", splits=())[0] == "models/ruler/model.json"
    assert stages.stage_of("train_ruler", names) == "train_ruler" and stages.stage_of("verify", names) is None


def test_the_default_non_lenses_are_all_kinds_but_the_lens(settings):
    assert set(settings["population"]["non_lenses"]) == set(KINDS) - {"lens"}


def test_every_stage_with_settings_is_in_the_registry():
    names = stages.names_of(optional=True)
    assert [name for name in names if name in config.STAGES] == [n for n in config.STAGES if n in names]
    assert set(config.STAGES) <= set(names)
