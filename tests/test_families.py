"""Families: folders whose members are found by name, imported only when named, and followed by digests one by one."""

import subprocess
import sys

import pytest

from lenspipe import config
from lenspipe.columns import LENS
from lenspipe.families import ENGINES, KINDS, NETWORKS, TASKS, Family
from lenspipe.provenance import code_digest, files_behind

FAMILIES = {"kinds": KINDS, "networks": NETWORKS, "tasks": TASKS, "engines": ENGINES}


@pytest.mark.parametrize("name", FAMILIES)
def test_every_member_offers_what_its_family_promises(name):
    family = FAMILIES[name]
    assert len(family) and all(callable(family[member]) for member in family)
    with pytest.raises(KeyError, match="its members are"):
        family["mistery"]


def test_naming_a_family_imports_no_member():
    code = (
        "import sys; from lenspipe.families import KINDS, NETWORKS; list(KINDS), 'cnn' in NETWORKS; print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = done.stdout.split()
    assert "lenspipe.families" in loaded
    assert not [name for name in loaded if name.startswith(("lenspipe.population", "lenspipe.networks", "torch"))]


def test_a_file_or_a_folder_is_a_member_unless_it_begins_with_an_underscore(tmp_path, monkeypatch):
    monkeypatch.setattr("lenspipe.families.PACKAGE", tmp_path)
    for file in ("cats/tom.py", "cats/_interface.py", "dogs/rex/bark.py", "dogs/notes/text.py"):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).touch()
    assert list(Family("cats", "meow")) == ["tom"]
    assert list(Family("dogs", "bark", module="bark")) == ["rex"]
    assert Family("dogs", "bark", module="bark").modules_of(["rex"]) == [f"{tmp_path.name}.dogs.rex.bark"]


def behind(*modules):
    return {path.name for path in files_behind(*modules)}


def test_a_training_depends_on_its_own_network_and_task_alone():
    files = behind("lenspipe.stages.train", NETWORKS.module_of("cnn"), TASKS.module_of("is_lens"))
    assert {"cnn.py", "is_lens.py", "loop.py"} <= files
    assert not files & {"resnet.py", "kind.py", "einstein_radius.py"}


def test_a_catalogue_depends_on_the_kinds_that_have_a_share_alone():
    files = behind("lenspipe.population.catalog", *KINDS.modules_of([LENS, "ring"]))
    assert {"lens.py", "ring.py", "deflector.py", "joint_prior.py"} <= files  # a ring's survey weight is a deflector's
    assert not files & {"spiral.py", "merger.py", "group.py"}


def test_a_kind_without_a_share_changes_no_settings_of_the_catalogue(root, tmp_path):
    plain, extended = root / "config" / "config.yaml", tmp_path / "more.yaml"
    extended.write_text("population: {non_lenses: {ring: 0}}")
    settings = [config.stage_settings(config.load([plain, *more]), "population") for more in ([], [extended])]
    extended.write_text("population: {non_lenses: {ring: 0, spiral: 0}}")
    without_both = config.stage_settings(config.load([plain, extended]), "population")
    assert "ring" in settings[0]["population"]["non_lenses"] and "ring" not in settings[1]["population"]["non_lenses"]
    assert set(settings[1]["population"]["non_lenses"]) - set(without_both["population"]["non_lenses"]) == {"spiral"}


def test_digests_of_other_members_differ():
    digests = {code_digest("lenspipe.stages.train", NETWORKS.module_of(network)) for network in NETWORKS}
    assert len(digests) == len(NETWORKS)
