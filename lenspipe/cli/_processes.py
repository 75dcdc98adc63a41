"""A command that several processes run together."""

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
