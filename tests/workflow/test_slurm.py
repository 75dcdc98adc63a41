"""The smoke pipeline through a real Slurm of two nodes on this machine: the same bytes as the local run's."""

import hashlib
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from clones import SMOKE, Clone

from lenspipe import columns, config, store

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not (shutil.which("sbatch") and shutil.which("munged")), reason="no Slurm: apt-get install slurm-wlm munge"
    ),
]
THIS_SLURM = [  # has no accounts and no accounting
    *("--slurm-status-command", "squeue", "--slurm-no-account", "--slurm-init-seconds-before-status-checks", "2"),
]
LITTLE_AT_FIRST = "mem_mb=300 if attempt == 1 else 3000"


@pytest.fixture(scope="module")
def slurm():
    """Two nodes, and the commands that reach them."""
    script = Path(__file__).with_name("slurm_local.sh")
    folder = Path(tempfile.mkdtemp(prefix="slurm"))  # pytest's own are closed to munge's clients, and their names long
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SLURM_CONF", str(folder / "etc" / "slurm.conf"))
        patch.setenv("PATH", f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}")
        try:
            subprocess.run([script, "up", folder], check=True)
            yield lambda *command: subprocess.run(command, capture_output=True, text=True, check=True).stdout
        finally:
            subprocess.run([script, "down", folder], check=True)
            shutil.rmtree(folder)


@pytest.fixture(scope="module")
def by_slurm(tmp_path_factory, root, slurm):
    """The smoke pipeline by jobs on two nodes, the classifier's with too little memory on the first try."""
    clone = Clone(tmp_path_factory.mktemp("slurm"), root)
    clone.done = clone.snakemake(
        *("--profile", "workflow/profiles/slurm", *THIS_SLURM, *SMOKE),
        *("--set-resources", f"train_classifier:{LITTLE_AT_FIRST}"),
        *(
            "--set-threads",
            "train_classifier=1",
            "train_regressor=1",
        ),  # as in the local run, where both share two cores
        *("--config", "execution={'simulate_parts': 2, 'gpus': 1}"),
    )
    clone.results = clone.folder / "results" / "smoke"
    clone.queue = [line for line in slurm("scontrol", "--oneliner", "show", "jobs").splitlines() if line]
    return clone


def digests(results):
    """Of all tables and figures but those of the time that the stages took, and of every chunk of the images."""
    found = {}
    for pattern in ("catalog/*.parquet", "predictions/*/*.parquet", "tables/*.csv", "models/*/history.csv"):
        for path in results.glob(pattern):
            found[path.relative_to(results).as_posix()] = hashlib.sha256(path.read_bytes()).hexdigest()
    for path in results.glob("tables/*.npz"):
        with np.load(path) as arrays:
            for name in arrays:
                found[f"{path.name}/{name}"] = hashlib.sha256(arrays[name].tobytes()).hexdigest()
    for path in results.glob("figures/*.png"):
        found[path.name] = hashlib.sha256(path.read_bytes()).hexdigest()
    for split in columns.SPLITS:
        manifest = store.read_manifest(results / "images" / f"{split}.zarr")
        found[split] = manifest["digest"]
        found |= {f"{split}/{file}": said["sha256"] for file, said in manifest["files"].items()}
    return {name: digest for name, digest in found.items() if "stage_times" not in name}


def of_rule(queue, rule):
    return [job for job in queue if re.search(rf" Comment=rule_{rule}(_wildcards_\d+_\d+)? ", job)]


def test_tables_images_and_figures_are_those_of_the_local_run(smoke, by_slurm):
    local, distributed = digests(smoke.results), digests(by_slurm.results)
    assert len(local) > 60
    assert distributed == local


def test_the_stores_that_two_nodes_wrote_are_whole(by_slurm):
    for split in columns.SPLITS:
        assert store.verify(by_slurm.results / "images" / f"{split}.zarr") == []
    assert {re.search(r" NodeList=(n\d)", job)[1] for job in of_rule(by_slurm.queue, "simulate_part")} == {"n1", "n2"}


def test_a_job_beyond_its_memory_is_killed_and_passes_with_more(by_slurm):
    tries = of_rule(by_slurm.queue, "train_classifier")
    assert [re.search(r" MinMemoryNode=(\w+)", job)[1] for job in tries] == ["300M", "3000M"]
    assert [re.search(r" JobState=(\w+)", job)[1] for job in tries] == ["FAILED", "COMPLETED"]
    assert by_slurm.done.stderr.count("Trying to restart job") == 1
    (log,) = (by_slurm.folder / ".snakemake" / "slurm_logs" / "rule_train_classifier").glob("*.log")
    assert "exceeded memory limit" in log.read_text()


def test_gpus_are_asked_for_where_networks_run_and_nowhere_else(by_slurm):
    asking = {re.search(r" Comment=rule_([a-z_]+?)(_wildcards.*)? ", job)[1] for job in by_slurm.queue if "gpu" in job}
    assert asking == {"train_classifier", "train_regressor", "predict"}


def test_two_nodes_train_one_network(by_slurm, slurm):
    training = config.load([config.defaults_path()]).model_dump()["train"]["classifier"]
    training |= {"method": "of_two_nodes", "epochs": 2}
    (by_slurm.folder / "two.yaml").write_text(
        yaml.safe_dump({"train": {"two": training}, "execution": {"nodes": 2, "simulate_parts": 2}})
    )
    by_slurm.snakemake(
        *("train_two", "--profile", "workflow/profiles/slurm", *THIS_SLURM, *SMOKE, "two.yaml"),
        *("--set-resources", "train_two:mem_mb=3000", "--rerun-triggers", "mtime"),
    )
    queue = slurm("scontrol", "--oneliner", "show", "jobs").splitlines()
    (job,) = of_rule(queue, "train_two")
    assert re.search(r" NodeList=(\S+) ", job)[1] == "n[1-2]"
    assert "0 epochs done, 2 processes" in (by_slurm.results / "logs" / "train_two.log").read_text()
    assert len(pd.read_csv(by_slurm.results / "models" / "two" / "history.csv")) == 2


@pytest.mark.parametrize("parts", [1, 3])
def test_another_number_of_parts_or_another_cluster_makes_nothing_again(by_slurm, parts):
    for said in (f"'simulate_parts': {parts}", f"'simulate_parts': {parts}, 'dask_scheduler': 'tcp://there:8786'"):
        assert by_slurm.jobs(settings=[*SMOKE, "--config", f"execution={{{said}}}"]) == set()


def test_parts_are_made_again_when_their_catalogue_changes(by_slurm):
    again = by_slurm.jobs(settings=[*SMOKE, "--config", "seed=5", "execution={'simulate_parts': 2}"])
    assert {"simulate_part", "simulate", "train_classifier"} <= again


def test_the_pattern_for_other_schedulers_submits_follows_and_retries(smoke, slurm, tmp_path, root):
    clone = Clone(tmp_path, root)
    done = clone.snakemake(
        *("population", "--profile", "workflow/profiles/cluster-generic", *SMOKE),
        *("--set-resources", f"population:{LITTLE_AT_FIRST}"),
    )
    assert done.stderr.count("Trying to restart job") == 1
    tries = [job for job in slurm("scontrol", "--oneliner", "show", "jobs").splitlines() if "JobName=population" in job]
    assert [re.search(r" JobState=(\w+)", job)[1] for job in tries] == ["FAILED", "COMPLETED"]
    assert not any("gpu" in job for job in tries)
    for split in columns.SPLITS:
        made, local = (one / "catalog" / f"{split}.parquet" for one in (tmp_path / "results/smoke", smoke.results))
        assert made.read_bytes() == local.read_bytes()


def test_requests_fit_the_nodes_and_the_partition(by_slurm):
    (simulating,) = of_rule(by_slurm.queue, "simulate")
    assert " NumCPUs=2 " in simulating  # of the 8 that it would request; no node has more
    assert int(re.search(r" TimeLimit=00:(\d+):00 ", simulating)[1]) <= 15  # a small sky


@pytest.mark.parametrize(
    ("profile", "options"), [("slurm", THIS_SLURM), ("cluster-generic", [])], ids=["plug-in", "cluster-generic"]
)
def test_a_job_that_can_never_start_is_named_and_sigterm_ends_the_run(slurm, tmp_path, root, profile, options):
    clone = Clone(tmp_path, root)
    with open(tmp_path / "output", "w+") as output:
        too_long = ("--set-resources", "population:runtime=240", "population:slurm_partition=short")
        too_many = ("--set-threads", "population=64")
        running = clone.start(
            *("population", "--profile", f"workflow/profiles/{profile}", *options, *SMOKE),
            *(too_long if profile == "slurm" else too_many),
            output=output,
        )
        try:
            reason = "PartitionTimeLimit" if profile == "slurm" else "PartitionConfig"
            for _ in range(90):
                if f"can never start ({reason})" in (tmp_path / "output").read_text():
                    break
                time.sleep(1)
            else:
                pytest.fail((tmp_path / "output").read_text())
            running.terminate()
            assert running.wait(120) != 0
        finally:
            if running.poll() is None:
                os.killpg(running.pid, signal.SIGKILL)
    assert slurm("squeue", "--noheader", "--states=PENDING", "--format=%i").split() == []
