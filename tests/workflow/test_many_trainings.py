"""A grid of trainings on the sky of a finished run."""

import re

import pandas as pd
import pytest
from clones import SMOKE

pytestmark = pytest.mark.slow


def tiny(train="{}", **more):
    """The smoke settings with a grid of two trainings, or another."""
    grid = {"seeds": [1, 2], "networks": ["cnn"], "train_counts": [256]} | more
    return [*SMOKE, "--config", f"grid={grid}", f"train={train}"]


@pytest.fixture(scope="module")
def run(smoke, tmp_path_factory):
    """The smoke run with a grid made beside its own results."""
    twin = smoke.twin(tmp_path_factory.mktemp("grid") / "twin")
    twin.results = twin.folder / "results" / "smoke"
    twin.planned = twin.jobs("grid", settings=tiny())
    twin.snakemake("grid", "--cores", "2", *tiny())
    return twin


def trainings(run, settings):
    """Names of the members, with the tasks, that a dry run would train."""
    printed = run.snakemake("grid", "--cores", "2", "--dry-run", *settings).stdout
    return set(re.findall(r"rule grid_train:.*?wildcards: grid_run=(\S+), training=(\w+)", printed, flags=re.DOTALL))


def test_the_grid_shares_the_run_s_sky(run):
    assert run.planned == {"grid_settings", "grid_train", "grid_predict", "grid"}


def test_every_member_is_there_by_name_and_compared(run):
    names = {"cnn-n256-seed1", "cnn-n256-seed2"}
    assert {path.name for path in (run.results / "grid").iterdir()} == names
    for name in names:
        for file in ("models/classifier/model.json", "models/regressor/model.json", "predictions/network/test.parquet"):
            assert (run.results / "grid" / name / file).stat().st_size > 0
    members, spread = (pd.read_csv(run.results / "tables" / f"{name}.csv") for name in ("grid", "grid_spread"))
    assert set(members["seed"]) == {1, 2} and set(members["train_count"]) == {256}
    areas = members.query("metric == 'auroc' and population == 'all lenses'")["value"]
    assert areas.nunique() == 2, "another seed, another training"
    assert spread.query("metric == 'auroc'")["sd"].iloc[0] == pytest.approx(areas.std())
    assert (run.results / "figures" / "grid.png").read_bytes().startswith(b"\x89PNG")
    assert (run.results / "figures" / "grid.pdf").read_bytes().startswith(b"%PDF")


def test_a_second_call_does_nothing_and_the_run_is_as_it_was(run):
    assert run.jobs("grid", settings=tiny()) == set()
    assert run.jobs() == set()


@pytest.mark.parametrize(
    ("more", "members"),
    [
        ({"seeds": [1, 2, 3]}, {"cnn-n256-seed3"}),
        ({"networks": ["resnet", "cnn"]}, {"resnet-n256-seed1", "resnet-n256-seed2"}),
        ({"train_counts": [1024, 256]}, {"cnn-n1024-seed1", "cnn-n1024-seed2"}),
    ],
    ids=["a seed", "a network", "a size"],
)
def test_what_is_added_is_trained_alone(run, more, members):
    both = {(member, task) for member in members for task in ("classifier", "regressor")}
    assert trainings(run, tiny(**more)) == both


def test_what_is_taken_out_changes_the_comparison_alone(run):
    assert run.jobs("grid", settings=tiny(seeds=[2])) == {"grid"}


def test_a_changed_setting_of_one_task_trains_that_task_again(run):
    tasks = trainings(run, tiny(train="{'regressor': {'epochs': 4}}"))
    assert tasks == {("cnn-n256-seed1", "regressor"), ("cnn-n256-seed2", "regressor")}


def test_more_objects_than_the_sky_has_are_refused_in_one_line_and_only_by_the_grid(run):
    settings = tiny(train_counts=[256, 2000])
    done = run.snakemake("grid", "--cores", "2", "--dry-run", *settings, check=False)
    line = "lenspipe: grid.train_counts: 2000 is above population.counts.train 1024; train on fewer or simulate more"
    assert (done.returncode, done.stderr.strip().splitlines()[-1]) == (2, line)
    assert "Traceback" not in done.stderr
    assert run.jobs("predict", settings=settings) == set()
