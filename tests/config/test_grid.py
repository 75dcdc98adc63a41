"""Members of a grid and their names."""

import re

import pytest

from lenspipe.config import STAGES, members
from lenspipe.config.grid import MEMBER, Member, member_named, members_of


def test_members_are_all_combinations_and_a_name_says_all_of_one():
    made = members_of(members("models/networks"), [256, 3750], [1, 2**63 - 1])
    assert len(set(made)) == 4 * len(members("models/networks"))
    for member in made:
        assert re.fullmatch(MEMBER, member.name) and member_named(member.name) == member
    assert Member("resnet", 7500, 2).name == "resnet-n7500-seed2"


def test_a_name_is_no_other_file_of_the_grid():
    assert not any(re.fullmatch(MEMBER, name) for name in ("compare", "cnn", "cnn-n5", "cnn-n5-seed", *STAGES))


@pytest.mark.parametrize("task", ["classifier", "regressor"])
def test_a_member_s_settings_are_the_run_s_but_for_seed_and_network(task):
    said = {"seed": 7, task: {"network": "cnn", "epochs": 50}}
    expected = {"seed": 2, task: {"network": "resnet", "epochs": 50}}
    assert Member("resnet", 7500, 2).settings(task, said) == expected
    assert said == {"seed": 7, task: {"network": "cnn", "epochs": 50}}
