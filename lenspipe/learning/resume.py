"""The state of a training on disk after each epoch, so that a killed training resumes where it stopped."""

import copy
import hashlib
import io
import logging
import pickle
from dataclasses import dataclass, field
from pathlib import Path

import torch

from lenspipe.learning.optimisation import RunningMean
from lenspipe.store import atomic

log = logging.getLogger("lenspipe")
FILE = "resume.pt"
DAMAGED = (EOFError, RuntimeError, ValueError, KeyError, pickle.UnpicklingError)


def epochs_kept(folder):
    """Epochs (int) finished in the state in ``folder`` (path), which must exist; None if it cannot be read."""
    try:
        return len(_read(Path(folder) / FILE, "cpu")["history"])
    except DAMAGED:
        return None


def _read(path, device):
    """The state in a file, whose first line is the sum of the rest; one of ``DAMAGED`` if it cannot be read."""
    sum_of_rest, _, data = path.read_bytes().partition(b"\n")
    if hashlib.sha256(data).hexdigest().encode() != sum_of_rest:
        raise ValueError("the sum is another one")
    return torch.load(io.BytesIO(data), map_location=device, weights_only=True)


@dataclass
class Training:
    """Everything that changes from epoch to epoch.

    Attributes
    ----------
    network : torch.nn.Module
    optimizer : torch.optim.Optimizer
    mean : RunningMean
    history : list of dict
        A row for each finished epoch.
    best : dict
        ``epoch``, ``val_loss`` and ``weights`` of the best so far.
    """

    network: torch.nn.Module
    optimizer: torch.optim.Optimizer
    mean: RunningMean
    history: list = field(default_factory=list)
    best: dict = field(default_factory=lambda: {"epoch": 0, "val_loss": float("inf"), "weights": {}})

    def add_epoch(self, row):
        """Add a finished epoch, ``row`` (dict of its history); keep its weights if it is the best."""
        self.history.append(row)
        if row["val_loss"] < self.best["val_loss"]:
            weights = copy.deepcopy(self.mean.network.state_dict())
            self.best = {"epoch": row["epoch"], "val_loss": row["val_loss"], "weights": weights}

    def save(self, folder, digest):
        """Replace the state on disk, which holds only tensors, numbers and names.

        Parameters
        ----------
        folder : path
        digest : str
            Of everything that the training depends on.
        """
        state = {
            "digest": digest,
            "network": self.network.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "mean": self.mean.network.state_dict(),
            "step": self.mean.step,
            "history": self.history,
            "best": self.best,
        }
        file = io.BytesIO()  # torch reports no reason if the disk refuses
        torch.save(state, file)
        data = file.getvalue()
        atomic.write(Path(folder) / FILE, hashlib.sha256(data).hexdigest().encode() + b"\n" + data)

    def restore(self, folder, digest, device):
        """Load the state on disk if it has this digest; else change nothing.

        Parameters
        ----------
        folder : path
        digest : str
            Of everything that the training depends on.
        device : torch.device
        """
        path = Path(folder) / FILE
        if not path.exists():
            return
        try:
            state = _read(path, device)
            if state["digest"] != digest:
                return
        except DAMAGED:
            log.warning("%s: cannot be read; the training starts from the first epoch", path)
            return
        self.network.load_state_dict(state["network"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.mean.network.load_state_dict(state["mean"])
        self.mean.step = state["step"]
        self.history, self.best = state["history"], state["best"]
