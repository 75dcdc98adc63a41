"""Two processes that train one network together: the network of one process, to rounding."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import psutil
import pytest
import rings
import torch

from lenspipe.cluster.launcher import nodes_of_step, run_together
from lenspipe.errors import InputError
from lenspipe.learning import checkpoint
from lenspipe.learning.distributed import SYNCHRONISED, Group
from lenspipe.stages.train import train

TRAINING = {
    "task": "kind_and_arc",
    "head": "none",
    "network": "resnet",
    "options": {"width": 4, "depth": 1},
    "start_from": "",
}
TRAINING |= {"method": "network", "epochs": 3, "batch_size": 32, "learning_rate": 4e-3, "weight_decay": 1e-3}
TRAINING |= {"ema_decay": 0.9, "max_shift": 1, "imperfect": 0.5, "dropout": "none"}


@pytest.fixture(scope="module")
def sky(tmp_path_factory):
    folder = tmp_path_factory.mktemp("rings")
    made = {}
    for split, count in (("train", 512), ("val", 256)):
        made[f"{split}-images"], made[f"{split}-catalog"] = rings.write(folder, split, count)
    return made


def command(sky, folder, processes, program=("-m", "lenspipe"), **training):
    """A training by the command line, by one process or by several."""
    folder.mkdir(exist_ok=True)
    (folder / "settings.json").write_text(json.dumps({"seed": 3, "classifier": TRAINING | training}))
    train = [sys.executable, *program, "train", "classifier", "--settings", folder / "settings.json"]
    files = [f"--{name}={path}" for name, path in sky.items()]
    return [*train, *files, f"--output={folder / 'model'}", f"--threads={processes}", f"--processes={processes}"]


def run(sky, folder, processes, **training):
    done = subprocess.run(command(sky, folder, processes, **training), capture_output=True, text=True, env=quiet())
    assert done.returncode == 0, done.stderr
    return pd.read_csv(folder / "model" / "history.csv"), checkpoint.load(folder / "model")


def quiet():
    return os.environ | {"OMP_NUM_THREADS": "1", "TORCH_CPP_LOG_LEVEL": "ERROR"}


# In float32: rounding of bfloat16 would hide a small error.
IN_FLOAT32 = """
import sys
from lenspipe.cli import main
from lenspipe.learning import loop
loop.bf16_is_faster = lambda device: False
sys.exit(main())
"""


@pytest.mark.slow
def test_two_processes_train_the_network_of_one(sky, tmp_path):
    """Loss by loss and answer by answer: each batch is normalised as a whole, and so is its loss.

    That of this task is no mean over a batch: not every object has an arc. Few steps: a training amplifies rounding.
    """
    (tmp_path / "exact.py").write_text(IN_FLOAT32)
    exact = {"program": [str(tmp_path / "exact.py")], "batch_size": 512, "epochs": 4}
    one, network = run(sky, tmp_path / "one", 1, **exact)
    two, together = run(sky, tmp_path / "two", 2, **exact)
    np.testing.assert_allclose(two["train_loss"], one["train_loss"], rtol=1e-4)
    images = network.input.tensor(rings.draw("test", 128)[0])
    with torch.inference_mode():
        answers = [model.network(images)[:, 0] for model in (network, together)]
    assert torch.corrcoef(torch.stack(answers))[0, 1] > 0.9999


ENDED = "ended by signal 9; run again to resume"


@pytest.fixture(scope="module")
def whole(sky, tmp_path_factory):
    """History of a training by two processes that nobody killed."""
    return run(sky, tmp_path_factory.mktemp("whole"), 2, epochs=4)[0]


@pytest.mark.slow
@pytest.mark.parametrize("killed", ["one that trains", "the one that started them"])
def test_a_killed_training_goes_on_with_the_history_that_it_would_have_had(sky, whole, tmp_path, killed):
    """And none of its processes outlives it: its next attempt would have a second writer."""
    said = command(sky, tmp_path, 2, epochs=4)
    started = subprocess.Popen(said, stderr=subprocess.PIPE, text=True, env=quiet())
    until = time.monotonic() + 120
    while not (tmp_path / "model" / "resume.pt").exists() and time.monotonic() < until:
        time.sleep(0.01)
    workers = [one for one in psutil.Process(started.pid).children() if "--processes=2" in one.cmdline()]
    assert len(workers) == 2
    os.kill(workers[1].pid if killed == "one that trains" else started.pid, signal.SIGKILL)
    assert started.wait(60) in (128 + signal.SIGKILL, -signal.SIGKILL)
    _, alive = psutil.wait_procs(workers, timeout=20)
    assert not alive
    # Beside the lines of progress, of which a slow machine has some.
    said = [line for line in started.stderr.read().splitlines() if not line.startswith("train classifier")]
    assert said == ([f"lenspipe: a process of this training {ENDED}"] if killed == "one that trains" else [])
    assert not Path(tmp_path / "model" / "model.json").exists()
    again, _ = run(sky, tmp_path, 2, epochs=4)
    pd.testing.assert_frame_equal(again, whole)


# The process that speaks for all is the last to end.
LINGERS = """
import atexit, os, sys, time
from lenspipe.cli import main
if os.environ.get("LOCAL_RANK") == "0":
    atexit.register(time.sleep, 3)
sys.exit(main())
"""
UNEVEN = "train classifier: batches of 33 of 512 objects cannot be shared evenly by 2 processes; change"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("wrong", "line"), [({"batch_size": 33}, UNEVEN), ({"network": "resnett"}, "classifier.network: 'resnett'")]
)
def test_what_is_wrong_is_said_once(sky, tmp_path, wrong, line):
    (tmp_path / "lingers.py").write_text(LINGERS)
    said = command(sky, tmp_path, 2, program=[str(tmp_path / "lingers.py")], **wrong)
    done = subprocess.run(said, capture_output=True, text=True, env=quiet())
    assert done.returncode == 2
    assert [one[: len("lenspipe: " + line)] for one in done.stderr.splitlines()] == ["lenspipe: " + line]


FAILS = """
import os, sys, time
if os.environ["RANK"] == "{}":
    sys.exit(print("this one failed", file=sys.stderr) or {})
time.sleep(0.5)
sys.exit(75)
"""


@pytest.mark.parametrize(("rank", "status"), [(0, 2), (1, 2), (1, 1)])
def test_the_first_process_that_fails_ends_the_others_and_is_heard(rank, status, capfd):
    before = signal.getsignal(signal.SIGTERM)
    assert run_together([sys.executable, "-c", FAILS.format(rank, status)], 2) == status
    assert capfd.readouterr().err == "this one failed\n"
    assert signal.getsignal(signal.SIGTERM) is before


def test_tasks_of_a_slurm_step_on_several_nodes_are_one_group(monkeypatch):
    """One on each node; other steps have nothing to do with each other's processes."""
    for tasks, nodes in ((2, 2), (4, 2), (1, 1)):
        monkeypatch.setenv("SLURM_STEP_NUM_TASKS", str(tasks))
        monkeypatch.setenv("SLURM_STEP_NUM_NODES", str(nodes))
        assert nodes_of_step() == (2 if tasks == nodes == 2 else 1)


def test_batches_that_cannot_be_shared_evenly_are_refused(sky, tmp_path):
    splits = {part: {split: sky[f"{split}-{part}"] for split in ("train", "val")} for part in ("images", "catalog")}
    recipe = {name: TRAINING[name] for name in ("network", "options", "epochs", "learning_rate", "weight_decay")}
    recipe |= {"ema_decay": 0.9, "max_shift": 1, "imperfect": 0.5, "dropout": "none"}
    with pytest.raises(
        InputError, match=r"batches of 33 of 512 objects cannot be shared evenly by 2 processes; change"
    ):
        train(
            *("classifier", "kind", splits["images"], splits["catalog"]),
            **{"output_dir": tmp_path, "seed": 1, "recipe": recipe | {"batch_size": 33}, "group": Group(0, 2)},
        )


def test_shares_are_the_whole_batch_without_overlap():
    rows = torch.arange(12)
    assert torch.equal(torch.cat([rows[Group(rank, 3).share(12)] for rank in range(3)]), rows)
    assert torch.equal(rows[Group().share(12)], rows)


@pytest.mark.parametrize("dimensions", [1, 2, 3])
def test_a_normalisation_of_one_process_is_torch_s_own(dimensions):
    """With its gradients and running statistics; with a group of one process."""
    torch.distributed.init_process_group("gloo", store=torch.distributed.HashStore(), rank=0, world_size=1)
    try:
        usual = getattr(torch.nn, f"BatchNorm{dimensions}d")(5)
        x = torch.randn(6, 5, *[4] * dimensions, generator=torch.Generator().manual_seed(1))
        found = []
        for kind in (type(usual), SYNCHRONISED[type(usual)]):
            norm = kind(5)
            inputs = (3 * x + 1).requires_grad_(True)
            norm(inputs).square().mul(torch.arange(5.0).view(1, 5, *[1] * dimensions)).sum().backward()
            found.append([inputs.grad, norm.weight.grad, norm.bias.grad, norm.running_mean, norm.running_var])
            found[-1].append(norm.eval()(x))
        for ours, torch_s in zip(*found, strict=True):
            torch.testing.assert_close(ours, torch_s, rtol=1e-4, atol=1e-4)
    finally:
        torch.distributed.destroy_process_group()
