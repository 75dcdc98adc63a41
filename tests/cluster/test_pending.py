"""Jobs that can never start are named with the scheduler's reason and cancelled; others are left alone."""

import os

import pytest

from lenspipe.cluster import pending


@pytest.fixture
def queue(tmp_path, monkeypatch):
    """A `squeue` that lists what is written to it, and a `scancel` that notes what it is asked for."""
    cancelled = tmp_path / "cancelled"
    cancelled.touch()
    for name, line in {"squeue": f"cat {tmp_path}/jobs", "scancel": f'echo "$@" >> {cancelled}'}.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{line}\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    folder = tmp_path / "run | here"
    folder.mkdir()
    monkeypatch.chdir(folder)

    def looks(*lists):
        lines, state = [], (set(), set())
        for jobs in lists:
            (tmp_path / "jobs").write_text("".join(f"{job}|{where or folder}\n" for job, where in jobs))
            state = pending.look(*state, lines.append)
        return lines, cancelled.read_text().split()

    return looks


@pytest.mark.parametrize(
    "reason",
    [
        "PartitionConfig",
        "PartitionTimeLimit",
        "(PartitionNodeLimit)",
        "BadConstraints",
        "QOSMaxWallDurationPerJobLimit",
        "AssocMaxCpuPerJobLimit",
        "QOSMaxMemoryPerJob",
        "QOSMaxGRESPerJob",
        "QOSMinCpuNotSatisfied",
        "InvalidAccount",
        "InvalidQOS",
        "DependencyNeverSatisfied",
    ],
)
def test_a_job_that_can_never_start(queue, reason):
    job = [(f"17|{reason}|rule_train_classifier", "")]
    lines, cancelled = queue(job, job, job)
    (line,) = lines
    assert line.startswith(f"train_classifier: Slurm job 17 can never start ({reason.strip('()')}) and is cancelled: ")
    assert cancelled == ["17"]


@pytest.mark.parametrize("reason", ["Resources", "Priority", "None", "BeginTime", "Dependency", "QOSGrpCpuLimit"])
def test_a_job_that_waits_for_its_turn(queue, reason):
    job = [(f"17|{reason}|rule_population", "")]
    assert queue(job, job, job) == ([], [])


def test_a_reason_that_passes_is_no_reason(queue):
    assert queue([("17|PartitionConfig|rule_predict", "")], [("17|Priority|rule_predict", "")]) == ([], [])


@pytest.mark.parametrize("reason", ["JobHeldAdmin", "PartitionDown", "ReqNodeNotAvail, UnavailableNodes:n[1-2]"])
def test_what_a_person_can_change_is_said_once_and_waited_for(queue, reason):
    job = [(f"18|{reason}|rule_simulate_part_wildcards_1_2", "")]
    lines, cancelled = queue(job, job, job)
    assert lines == [f"simulate_part: Slurm job 18 waits until someone changes something: {reason}"]
    assert cancelled == []


@pytest.mark.parametrize("job", [("19|PartitionConfig|rule_all", "/elsewhere"), ("19|PartitionConfig|(null)", "")])
def test_jobs_of_other_folders_and_of_other_programs_are_left_alone(queue, job):
    assert queue([job], [job]) == ([], [])


def test_a_queue_that_does_not_answer(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert pending.look(set(), set(), print) == (set(), set())
