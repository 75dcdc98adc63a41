"""What fits on a partition, by a `sinfo` that prints what real ones do."""

import math
import os
from pathlib import Path

import pytest

from lenspipe.cluster import slurm

SINFO = """\
short*|16|64000|2:00:00
short*|64+|256000+|2:00:00
long|48|192000|14-00:00:00
gpu|8|32000|infinite
tiny|2|1000|30:00
"""


@pytest.fixture
def sinfo(tmp_path, monkeypatch):
    """Put a `sinfo` of this text first on PATH."""

    def install(text, status=0):
        (tmp_path / "answer").write_text(text)
        command = tmp_path / "sinfo"
        command.write_text(f"#!/bin/sh\ncat {tmp_path}/answer\nexit {status}\n")
        command.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
        slurm.partitions.cache_clear()

    yield install
    slurm.partitions.cache_clear()


@pytest.mark.parametrize(
    ("name", "cpus", "minutes"),
    [("", 64, 120), ("short", 64, 120), ("long", 48, 14 * 1440), ("gpu", 8, math.inf), ("tiny", 2, 30)],
)
def test_a_partition_is_as_large_as_its_largest_node(sinfo, name, cpus, minutes):
    sinfo(SINFO)
    partition = slurm.partition(name)
    assert partition.cpus(1000) == cpus
    assert partition.minutes == minutes


def test_memory_is_that_of_a_node_which_has_the_cpus_too(sinfo):
    sinfo("main*|64|1000|1:00\nmain*|4|9000|1:00\n")
    assert slurm.partition().memory(5000, cpus=2) == 5000
    assert slurm.partition().memory(5000, cpus=8) == 1000


def test_what_fits_is_requested_unchanged(sinfo):
    sinfo(SINFO)
    partition = slurm.partition("short")
    assert (partition.cpus(8), partition.memory(4000, 8), partition.runtime(60)) == (8, 4000, 60)


def test_several_partitions_have_the_longest_limit_and_the_largest_node(sinfo):
    sinfo(SINFO)
    assert slurm.partition("tiny,long").runtime(10**6) == 14 * 1440
    assert slurm.partition("tiny,long").cpus(1000) == 48


@pytest.mark.parametrize(
    ("said", "minutes"),
    [("45", 45), ("90:30", 90), ("1-02", 1560), ("1-02:03", 1563), ("0:20", 1), ("n/a", math.inf), ("-5", math.inf)],
)
def test_time_limits_in_every_spelling(sinfo, said, minutes):
    sinfo(f"main*|2|1000|{said}\n")
    assert slurm.partition().minutes == minutes


@pytest.mark.parametrize(
    "text", ["", "slurm_load_partitions: Unable to contact controller\n", "a|b\n", "main*|x|y|1:00\n"]
)
@pytest.mark.parametrize("status", [0, 1])
def test_without_an_answer_nothing_is_limited(sinfo, text, status):
    sinfo(text, status)
    assert slurm.partition() == slurm.ANY
    assert slurm.partition("main").cpus(8) == 8


def test_a_slurm_that_hangs_is_not_waited_for(sinfo, tmp_path, monkeypatch):
    sinfo("")
    (tmp_path / "sinfo").write_text("#!/bin/sh\nexec sleep 60\n")
    monkeypatch.setattr(slurm, "PATIENCE", 0.2)
    assert slurm.partition() == slurm.ANY


def test_no_slurm_at_all(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    slurm.partitions.cache_clear()
    assert slurm.partition("main") == slurm.ANY
    assert Path(tmp_path).exists()
    slurm.partitions.cache_clear()
