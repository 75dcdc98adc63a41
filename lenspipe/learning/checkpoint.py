"""A trained network on disk: weights.safetensors, and model.json with all that is needed to use them."""

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors import torch as safetensors

from lenspipe.columns import LENS
from lenspipe.errors import InputError
from lenspipe.learning.build import build
from lenspipe.learning.history import AGAIN, DAMAGED, HISTORY, MODEL, check_exists, check_sha256
from lenspipe.learning.stretch import Stretch
from lenspipe.provenance import versions
from lenspipe.store.atomic import drafts_of, naming

WEIGHTS = "weights.safetensors"


@dataclass(frozen=True)
class Checkpoint:
    """A network and what goes with it.

    Attributes
    ----------
    network : torch.nn.Module
        Read from disk it is on the CPU, ready to predict.
    network_name : str
    arguments : dict
        Of ``models.build``.
    task : str
    bands : tuple of str
    num_pix : int
    pixel_scale : float, arcsec
    magnitude_zero_point : float
    unit : str
    stretch : Stretch
    scaling : dict
        ``mean`` and ``sd`` of the regressor's target, arcsec; empty for the classifier.
    sigma_scale : dict
        Factor on the regressor's sigma, from validation: ``single`` view, and ``d4`` mean of eight.
    best_epoch : int
    seed : int
    classes : tuple of str
        Kinds that the classifier's outputs stand for; empty if it has one output, or is a regressor.
    """

    network: torch.nn.Module
    network_name: str
    arguments: dict
    task: str
    bands: tuple
    num_pix: int
    pixel_scale: float
    magnitude_zero_point: float
    unit: str
    stretch: Stretch
    scaling: dict
    sigma_scale: dict
    best_epoch: int
    seed: int
    classes: tuple = ()


def save(folder, checkpoint, history):
    """Write a checkpoint and the history of its training; the files get their names when all are complete.

    Parameters
    ----------
    folder : path
    checkpoint : Checkpoint
    history : pandas.DataFrame
        A row an epoch.
    """
    folder = Path(folder)
    weights = safetensors.save({n: tensor.cpu().contiguous() for n, tensor in checkpoint.network.state_dict().items()})
    said = {name: value for name, value in vars(checkpoint).items() if name != "network"}
    said["stretch"] = asdict(checkpoint.stretch)
    history = history.to_csv(index=False).encode()
    said["weights_sha256"] = hashlib.sha256(weights).hexdigest()
    said["history_sha256"] = hashlib.sha256(history).hexdigest()
    said["versions"] = versions("torch", "numpy", "safetensors")
    files = {
        HISTORY: history,
        WEIGHTS: weights,
        MODEL: (json.dumps(said, indent=1) + "\n").encode(),
    }
    with drafts_of(*(folder / name for name in files)) as drafts:
        for (name, data), draft in zip(files.items(), drafts, strict=True):
            with naming(folder / name):
                draft.write_bytes(data)


def load(folder):
    """Read a checkpoint.

    Raises
    ------
    InputError
        If a file is missing or damaged, naming it.
    """
    model, weights = Path(folder) / MODEL, Path(folder) / WEIGHTS
    check_exists(model, weights)
    try:
        said = json.loads(model.read_text())
        sha256 = said.pop("weights_sha256")
        del said["history_sha256"], said["versions"]
        said["bands"], said["classes"] = tuple(said["bands"]), tuple(said.get("classes", ()))
        if (classes := said["classes"]) and (LENS not in classes or len(classes) != said["arguments"]["num_outputs"]):
            raise ValueError("these are not the classes of the network's outputs")
        said["stretch"] = Stretch(**{name: tuple(values) for name, values in said["stretch"].items()})
        network = build(said["network_name"], **said["arguments"])
        checkpoint = Checkpoint(network=network, **said)
    except (ValueError, TypeError, KeyError, AttributeError):
        raise InputError(f"{model}: {DAMAGED}; {AGAIN}") from None
    check_sha256(weights, sha256)
    try:
        network.load_state_dict(safetensors.load(weights.read_bytes()))
    except (SafetensorError, RuntimeError):
        raise InputError(f"{weights}: does not fit the network in {MODEL} beside it; {AGAIN}") from None
    network.eval().requires_grad_(False)
    return checkpoint
