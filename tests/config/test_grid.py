"""Runs of a grid and their names."""

import copy
import re

import pytest

from lenspipe.config import STAGES
from lenspipe.config.grid import GRID_RUN, GridRun, grid_run_named, grid_runs
from lenspipe.families import NETWORKS


def test_grid_runs_are_all_combinations_and_a_name_says_all_of_one():
    made = grid_runs(sorted(NETWORKS), [256, 3750], [1, 2**63 - 1])
    assert len(set(made)) == 4 * len(NETWORKS)
    for run in made:
        assert re.fullmatch(GRID_RUN, run.name) and grid_run_named(run.name) == run
    assert GridRun("resnet", 7500, 2).name == "resnet-n7500-seed2"


def test_a_name_is_no_other_file_of_the_grid():
    assert not any(re.fullmatch(GRID_RUN, name) for name in ("compare", "cnn", "cnn-n5", "cnn-n5-seed", *STAGES))


@pytest.mark.parametrize("task", ["classifier", "regressor"])
def test_a_grid_run_s_settings_are_the_run_s_but_for_seed_and_network(task):
    said = {"seed": 7, task: {"network": "cnn", "options": {"width": 8}, "epochs": 50}}
    as_it_was = copy.deepcopy(said)
    expected = {"seed": 2, task: {"network": "resnet", "options": {}, "epochs": 50}}
    assert GridRun("resnet", 7500, 2).settings(task, said) == expected
    of_its_own = {"seed": 2, task: {"network": "cnn", "options": {"width": 8}, "epochs": 50}}
    assert GridRun("cnn", 7500, 2).settings(task, said) == of_its_own
    assert said == as_it_was
