"""A trained network on disk: weights.safetensors, and model.json with everything that is needed to apply it."""

import hashlib
import json
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors import torch as safetensors

from lenspipe.errors import InputError
from lenspipe.families import TASKS
from lenspipe.learning.build import build
from lenspipe.learning.concrete_dropout import with_dropout
from lenspipe.learning.history import DAMAGED, HISTORY, MODEL, REMEDY, check_exists, check_sha256
from lenspipe.learning.image_input import ImageInput, input_from
from lenspipe.methods import HEADLINE
from lenspipe.provenance import versions
from lenspipe.store import read_json
from lenspipe.store.atomic import atomic_files, name_in_errors
from lenspipe.tasks._interface import Task

WEIGHTS = "weights.safetensors"
VALIDATION = "validation.safetensors"


@dataclass(frozen=True)
class Validation:
    """What a network answers on validation: a committee of several is calibrated on it.

    Attributes
    ----------
    outputs : tensor [view, n, *output_shape]
        Of all views.
    target : tensor [n]
    """

    outputs: torch.Tensor
    target: torch.Tensor


@dataclass(frozen=True)
class Checkpoint:
    """A network with its task, input and history.

    Attributes
    ----------
    network : torch.nn.Module
        Read from disk it is on the CPU, ready to predict.
    network_name, task_name : str
        Of ``families.NETWORKS`` and ``families.TASKS``.
    task : Task
    input : ImageInput
    best_epoch : int
    seed : int
    options : dict
        Of ``build``: the network's own arguments.
    method : str
        Whose answers these are. Networks of one task and method are a committee.
    dropout : str
        As of ``concrete_dropout.with_dropout``.
    """

    network: torch.nn.Module
    network_name: str
    task_name: str
    task: Task
    input: ImageInput
    best_epoch: int
    seed: int
    options: dict[str, Any] = field(default_factory=dict)
    method: str = HEADLINE
    dropout: str = "none"

    def untrained(self):
        """A network of the same architecture with fresh weights. Returns a ``torch.nn.Module``."""
        network = build(self.network_name, self.input.shape, self.task.output_shape, **self.options)
        return with_dropout(network, self.dropout)


def save(folder, checkpoint, history, validation):
    """Write a checkpoint, with what its training knows; the files get their names when all are complete.

    Parameters
    ----------
    folder : path
    checkpoint : Checkpoint
    history : pandas.DataFrame
        A row an epoch.
    validation : Validation
    """
    folder = Path(folder)
    tensors = checkpoint.network.state_dict()
    weights = safetensors.save({name: tensor.cpu().contiguous() for name, tensor in tensors.items()})
    history = history.to_csv(index=False).encode()
    validation = safetensors.save({"outputs": validation.outputs.contiguous(), "target": validation.target})
    model = {
        "network": {"name": checkpoint.network_name, "options": checkpoint.options, "dropout": checkpoint.dropout},
        "task": {"name": checkpoint.task_name, "values": asdict(checkpoint.task)},
        "method": checkpoint.method,
        "input": checkpoint.input.as_dict(),
        "best_epoch": checkpoint.best_epoch,
        "seed": checkpoint.seed,
        "weights_sha256": hashlib.sha256(weights).hexdigest(),
        "history_sha256": hashlib.sha256(history).hexdigest(),
        "validation_sha256": hashlib.sha256(validation).hexdigest(),
        "versions": versions("torch", "numpy", "safetensors"),
    }
    files = {
        HISTORY: history,
        VALIDATION: validation,
        WEIGHTS: weights,
        MODEL: (json.dumps(model, indent=1) + "\n").encode(),
    }
    with atomic_files(*(folder / name for name in files)) as temporary:
        for (name, data), path in zip(files.items(), temporary, strict=True):
            with name_in_errors(folder / name):
                path.write_bytes(data)


def load(folder):
    """Read a checkpoint.

    Parameters
    ----------
    folder : path

    Returns
    -------
    Checkpoint

    Raises
    ------
    InputError
        If a file is missing or damaged, naming it.
    """
    model, weights = Path(folder) / MODEL, Path(folder) / WEIGHTS
    check_exists(model, weights)
    try:
        values = read_json(model)
        architecture, task, sha256 = values["network"], values["task"], values["weights_sha256"]
        checkpoint = Checkpoint(
            network=torch.nn.Identity(),  # replaced below
            network_name=architecture["name"],
            task_name=task["name"],
            task=TASKS[task["name"]](**task["values"]),
            input=input_from(values["input"]),
            best_epoch=values["best_epoch"],
            seed=values["seed"],
            options=architecture["options"],
            method=values["method"],
            dropout=architecture.get("dropout", "none"),
        )
        # "meta" takes no memory, however large the network that the file describes; not all of timm can be built on it.
        with torch.device("cpu" if ":" in architecture["name"] else "meta"):
            network = checkpoint.untrained()
    except (ValueError, TypeError, KeyError, AttributeError, RuntimeError):
        raise InputError(f"{model}: {DAMAGED}; {REMEDY}") from None
    check_sha256(weights, sha256)
    try:
        tensors = safetensors.load(weights.read_bytes())
        network.load_state_dict(tensors, assign=True)
    except (SafetensorError, RuntimeError):
        raise InputError(f"{weights}: does not fit the network in {MODEL} next to it; {REMEDY}") from None
    if not all(torch.isfinite(tensor).all() for tensor in tensors.values()):
        raise InputError(f"{weights}: holds weights that are not numbers; {REMEDY}")
    return replace(checkpoint, network=network.eval().requires_grad_(False))


def sha256_of(folder):
    """Sum (str) of the weights of the checkpoint in ``folder`` (path), which ``load`` has read."""
    return read_json(Path(folder) / MODEL)["weights_sha256"]


def load_validation(folder):
    """Read what a network answered on validation.

    Parameters
    ----------
    folder : path
        Of its checkpoint.

    Returns
    -------
    Validation

    Raises
    ------
    InputError
        If a file is missing or damaged, naming it.
    """
    model, path = Path(folder) / MODEL, Path(folder) / VALIDATION
    check_exists(model, path)
    try:
        sha256 = read_json(model)["validation_sha256"]
    except (ValueError, TypeError, KeyError):
        raise InputError(f"{model}: {DAMAGED}; {REMEDY}") from None
    check_sha256(path, sha256)
    return Validation(**safetensors.load(path.read_bytes()))


def folders_in(models, trainings=()):
    """Folders of checkpoints.

    Parameters
    ----------
    models : path
        results/<run>/models.
    trainings : sequence of str
        Names; all in the folder if none is given, those that have not finished among them: ``load`` refuses them.

    Returns
    -------
    list of path

    Raises
    ------
    InputError
        If there is none.
    """
    folders = sorted(path for path in Path(models).glob("*/") if not path.name.startswith("."))
    names = trainings or [folder.name for folder in folders]
    if not names:
        raise InputError(f"{models}/<training>/{MODEL}: no such file; `lenspipe train` writes it")
    return [Path(models) / name for name in names]
