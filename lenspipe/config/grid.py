"""The trainings of a grid, by name: ``resnet-n7500-seed2``."""

import itertools
import re
from dataclasses import dataclass

GRID_RUN = r"[a-z0-9_.]+-n[0-9]+-seed[0-9]+"


@dataclass(frozen=True)
class GridRun:
    """One combination of a grid.

    Attributes
    ----------
    network : str
        One of ``families.NETWORKS``.
    train_count : int
        Objects to train on.
    seed : int
        Seed of the training; the catalogues keep the seed of the run.
    """

    network: str
    train_count: int
    seed: int

    @property
    def name(self):
        """Its folder's name: str."""
        return f"{self.network.replace(':', '.')}-n{self.train_count}-seed{self.seed}"

    def settings(self, training, values):
        """Settings (dict) of a ``training`` (str) in this grid run, with its seed and network.

        ``values`` (dict): the settings of the training in the run, from ``stage_settings``. Its options are those of
        its own network; another network has its defaults.
        """
        learned = values[training] | {"network": self.network}
        if self.network != values[training]["network"]:
            learned["options"] = {}
        return values | {"seed": self.seed, training: learned}


def grid_runs(networks, train_counts, seeds):
    """Every combination: list of GridRun. ``networks`` are str, ``train_counts`` and ``seeds`` int."""
    return [GridRun(*values) for values in itertools.product(networks, train_counts, seeds)]


def grid_run_named(name):
    """The GridRun that has the ``name`` (str)."""
    network, count, seed = re.fullmatch(r"([\w.]+)-n(\d+)-seed(\d+)", name).groups()
    return GridRun(network.replace(".", ":"), int(count), int(seed))
