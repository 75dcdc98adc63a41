"""Starts the processes that train one network together, on this node or on each node of a Slurm step, by torch's
launcher (the one of ``torchrun``)."""

import logging
import os
import signal
import sys
import tempfile
import uuid
from pathlib import Path

from torch.distributed.elastic.multiprocessing import DefaultLogsSpecs, SignalException, Std
from torch.distributed.elastic.multiprocessing.errors import ChildFailedError
from torch.distributed.launcher.api import LaunchConfig, elastic_launch

from lenspipe.learning.distributed import LOST

FIRST_PORT, PORTS = 20_000, 10_000  # where nodes meet: a port for each job's number
WAIT = 900  # seconds for the other nodes
HANDLED = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT)  # by torch's launcher, which leaves it so


def launched():
    """Whether torch's launcher, this one or ``torchrun``, started this process: bool."""
    return "TORCHELASTIC_RUN_ID" in os.environ


def nodes_of_step():
    """Number of nodes (int) of the Slurm step that this process is a task of, with one task on each node; else 1."""
    nodes = int(os.environ.get("SLURM_STEP_NUM_NODES", 1))
    return nodes if int(os.environ.get("SLURM_STEP_NUM_TASKS", 1)) == nodes else 1


def run_together(command, processes):
    """Run a command in several processes. If one fails, the others are ended.

    In a Slurm step with one task on each of several nodes, they are processes of one group with those of the other
    nodes. Each finds its number in its environment; ``distributed.process_group`` joins it to the others.

    Parameters
    ----------
    command : sequence of str
    processes : int
        On this node.

    Returns
    -------
    int
        Exit status: 0, that of the process that failed first, or 128 and the number of the signal that ended it.
    """
    logging.getLogger("torch.distributed.elastic").setLevel(logging.CRITICAL)
    with tempfile.TemporaryDirectory() as folder:
        silent = {rank: Std.ALL for rank in range(1, processes)}
        config = LaunchConfig(
            nproc_per_node=processes,
            max_restarts=0,  # Snakemake's part
            logs_specs=DefaultLogsSpecs(log_dir=folder, redirects=silent),
            **_meeting_point(),
        )
        handlers = {number: signal.getsignal(number) for number in HANDLED}
        try:
            elastic_launch(config, command[0])(*command[1:])
        except SignalException as ended:
            return 128 + ended.sigval
        except ChildFailedError as error:
            return _explained(error.failures.values(), Path(folder))
        finally:
            for number, handler in handlers.items():
                signal.signal(number, handler)
    return 0


def _explained(failures, folder):
    """Exit status (int) of the processes that failed, after a word on stderr from the one that failed first.

    The first process of the node has spoken for itself, and for all if it did not fail for the loss of another.
    """
    heard = [one for one in failures if one.local_rank == 0 and one.exitcode > 0 and one.exitcode != LOST]
    first = min(heard or failures, key=lambda one: (one.exitcode == LOST, one.timestamp))
    said = "".join(file.read_text(errors="replace") for file in folder.rglob(f"{first.local_rank}/stderr.log"))
    if not heard:
        ended = f"by signal {-first.exitcode}" if first.exitcode < 0 else "on another node"
        sys.stderr.write(said or f"lenspipe: a process of this training ended {ended}; run again to resume\n")
    return first.exitcode if first.exitcode > 0 else 128 - first.exitcode


def _meeting_point():
    """Arguments of LaunchConfig that say how many nodes there are, and where they meet."""
    nodes, step = nodes_of_step(), os.environ
    if nodes == 1:
        alone = {"rdzv_backend": "c10d", "rdzv_endpoint": "localhost:0", "run_id": uuid.uuid4().hex}
        return {"min_nodes": 1, "max_nodes": 1} | alone
    job = int(step["SLURM_JOB_ID"])
    return {
        "min_nodes": nodes,
        "max_nodes": nodes,
        "run_id": f"{job}.{step['SLURM_STEP_ID']}",
        "rdzv_backend": "static",
        "rdzv_endpoint": f"{step['SLURM_LAUNCH_NODE_IPADDR']}:{FIRST_PORT + job % PORTS}",  # of the step's first node
        "rdzv_configs": {"rank": int(step["SLURM_NODEID"]), "timeout": WAIT},
    }
