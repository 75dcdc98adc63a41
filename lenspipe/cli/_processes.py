"""A command that several processes run together."""

import os
import signal
import sys

import typer

from lenspipe.cli._orphans import end_with_parent


def share_with(processes):
    """Return in each of ``processes`` (int) processes on each node that run this command together.

    In the process that the user started, they are started, and it ends with their status (typer.Exit).
    """
    from lenspipe.cluster.launcher import launched, nodes_of_step, run_together  # imports torch

    if launched():
        end_with_parent()
    elif processes * nodes_of_step() > 1:
        raise typer.Exit(run_together([sys.executable, *sys.orig_argv[1:]], processes))


def be_heard():
    """Let the launcher not end this process, the first on its node, before it has said what is wrong.

    Another that fails for the same reason may be faster, and the launcher would have it say the same again.
    """
    if os.environ.get("LOCAL_RANK") == "0":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
