"""Two processes that train one network together, started by torchrun: the network of one process, to rounding."""

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
TRAINING |= {"ema_decay": 0.9, "max_shift": 1, "imperfect": 0.5}


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
    launch = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", str(processes)]
    train = [*program, "train", "classifier", "--settings", folder / "settings.json"]
    files = [f"--{name}={path}" for name, path in sky.items()]
    start = launch if processes > 1 else [sys.executable]
    return [*start, *train, *files, f"--output={folder / 'model'}", f"--threads={processes}"]


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


@pytest.mark.slow
def test_a_training_whose_process_was_killed_goes_on_with_the_history_that_it_would_have_had(sky, tmp_path):
    whole, _ = run(sky, tmp_path / "whole", 2, epochs=4)
    started = subprocess.Popen(command(sky, tmp_path / "killed", 2, epochs=4), stderr=subprocess.DEVNULL, env=quiet())
    state = tmp_path / "killed" / "model" / "resume.pt"
    until = time.monotonic() + 120
    while not state.exists() and time.monotonic() < until:
        time.sleep(0.01)
    workers = psutil.Process(started.pid).children()
    os.kill(workers[1].pid, signal.SIGKILL)
    assert started.wait(60) != 0
    assert not any(worker.is_running() and worker.status() != "zombie" for worker in workers)
    assert not Path(tmp_path / "killed" / "model" / "model.json").exists()
    again, _ = run(sky, tmp_path / "killed", 2, epochs=4)
    pd.testing.assert_frame_equal(again, whole)


def test_batches_that_cannot_be_shared_evenly_are_refused(sky, tmp_path):
    splits = {part: {split: sky[f"{split}-{part}"] for split in ("train", "val")} for part in ("images", "catalog")}
    recipe = {name: TRAINING[name] for name in ("network", "options", "epochs", "learning_rate", "weight_decay")}
    recipe |= {"ema_decay": 0.9, "max_shift": 1, "imperfect": 0.5}
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
