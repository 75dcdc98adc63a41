"""The trainings of a grid, by name: ``resnet-n7500-seed2``."""

import itertools
import re
from dataclasses import dataclass

MEMBER = r"[a-z0-9_]+-n[0-9]+-seed[0-9]+"


@dataclass(frozen=True)
class Member:
    network: str
    train_count: int
    seed: int

    @property
    def name(self):
        return f"{self.network}-n{self.train_count}-seed{self.seed}"

    def settings(self, task, said):
        """The settings of a task's training, from the run's own: another seed and network, all else as it is."""
        return said | {"seed": self.seed, task: said[task] | {"network": self.network}}


def members_of(networks, train_counts, seeds):
    """Every combination."""
    return [Member(*values) for values in itertools.product(networks, train_counts, seeds)]


def member_named(name):
    """The member that a name says."""
    network, count, seed = re.fullmatch(r"(\w+)-n(\d+)-seed(\d+)", name).groups()
    return Member(network, int(count), int(seed))
