"""Partitions of a Slurm cluster: what the nodes of each have, and its time limit."""

import functools
import math
import re
import subprocess
from dataclasses import dataclass

PATIENCE = 20  # seconds that Slurm's commands may take to answer
# Partition, * behind the default one, CPUs and MB (16+ for 16 or more), time limit.
LINE = re.compile(r"^([^|*\n]+)(\*?)\|(\d+)\+?\|(\d+)\+?\|(\S+)$", flags=re.MULTILINE)


@dataclass(frozen=True)
class Node:
    """One node of a partition.

    Parameters
    ----------
    cpus : int
    mem_mb : int
        Memory in MB.
    """

    cpus: int
    mem_mb: int


@dataclass(frozen=True)
class Partition:
    """What a job may request on one partition.

    Parameters
    ----------
    nodes : tuple of Node
    minutes : float
        Time limit of a job; ``inf`` without one.
    """

    nodes: tuple[Node, ...]
    minutes: float

    def cpus(self, wanted):
        """CPUs (int), at most ``wanted``, that at least one node has."""
        return min(wanted, max(node.cpus for node in self.nodes))

    def memory(self, wanted, cpus):
        """MB (int), at most ``wanted``, that at least one node with ``cpus`` CPUs has."""
        return min(wanted, max((node.mem_mb for node in self.nodes if node.cpus >= cpus), default=wanted))

    def runtime(self, wanted):
        """Minutes (int), at most ``wanted``, within the time limit."""
        return int(min(wanted, self.minutes))


ANY = Partition(nodes=(Node(cpus=10**6, mem_mb=10**9),), minutes=math.inf)  # where nothing is known


@functools.cache
def partitions():
    """Partitions by name; the default one also by ``""``. Empty if there is no Slurm that answers.

    Returns
    -------
    dict of str to Partition
    """
    lines = run("sinfo", "--noheader", "--Node", "--format=%P|%c|%m|%l")
    nodes, minutes = {}, {}
    for name, default, cpus, mem_mb, limit in LINE.findall(lines or ""):
        for key in [name, ""] if default else [name]:
            nodes.setdefault(key, []).append(Node(cpus=int(cpus), mem_mb=int(mem_mb)))
            minutes[key] = _limit(limit)
    return {name: Partition(nodes=tuple(nodes[name]), minutes=minutes[name]) for name in nodes}


def partition(names=""):
    """The partition for jobs that request ``names``: one name, several with commas, or ``""`` for the default."""
    known = [partitions()[name] for name in str(names).split(",") if name in partitions()]
    if not known:
        return ANY
    nodes = tuple(node for one in known for node in one.nodes)
    return Partition(nodes=nodes, minutes=max(one.minutes for one in known))


def run(*command):
    """Output (str) of one of Slurm's commands; None if it is missing, fails or does not answer within 20 s."""
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=PATIENCE).stdout
    except (OSError, subprocess.SubprocessError, UnicodeDecodeError):
        return None


def _limit(text):
    """Minutes of ``infinite``, ``30``, ``30:00``, ``1:00:00``, ``7-00:00:00`` or ``7-0`` (sinfo's own spellings)."""
    if not re.fullmatch(r"(\d+-)?\d+(:\d+){0,2}", text):
        return math.inf
    days, _, clock = text.rpartition("-")
    parts = [int(part) for part in clock.split(":")]
    if days:
        hours, minutes, seconds = [*parts, 0, 0][:3]
    else:
        hours, minutes, seconds = {1: (0, *parts, 0), 2: (0, *parts), 3: tuple(parts)}[len(parts)]
    return max(1, int(days or 0) * 1440 + hours * 60 + minutes + seconds // 60)
