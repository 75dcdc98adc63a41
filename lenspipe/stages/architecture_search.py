"""The search for an architecture: a run's images in, a table of what was tried and a settings file out."""

from pathlib import Path

import numpy as np
import pandas as pd
import torch
import yaml

from lenspipe.errors import InputError
from lenspipe.learning import architecture_search
from lenspipe.learning.build import build
from lenspipe.learning.hardware import choose_device, keep_freed_memory
from lenspipe.learning.loop import Recipe
from lenspipe.stages.train import read
from lenspipe.store import atomic, read_table, write_table


def search(
    task,
    stores,
    catalogs,
    *,
    output,
    recipe,
    sampler,
    trials,
    objects,
    epochs,
    seed,
    head=None,
    threads=None,
    progress=None,
):
    """Try architectures at fixed compute and write a table of them.

    Parameters
    ----------
    task : str
        One of ``families.TASKS``.
    stores, catalogs : dict of str to path
        ``train`` and ``val``.
    output : path
        The table; the state of the search is next to it.
    recipe : dict
        Fields of ``learning.loop.Recipe``: those of the training whose architecture is to be improved.
    sampler : str
        One of ``learning.architecture_search.SAMPLERS``.
    trials : int
        Architectures to be trained.
    objects : int
        The first so many objects of the training split are learned from, or fewer.
    epochs : int
        Each architecture may compute as much as the default ``resnet`` does in so many epochs.
    seed : int
    head : str, optional
        As of ``stages.train.train``.
    threads : int, optional
    progress : callable, optional
        Called after each training with those done, all, and a text.

    Raises
    ------
    InputError
        If the files do not fit together, or optuna is not installed.
    """
    keep_freed_memory()
    if threads:
        torch.set_num_threads(threads)
    learned, network_input, examples = read(task, stores, catalogs, head=head, count=objects, in_memory=True)
    held = len(examples["train"].target)
    usual = build(architecture_search.NETWORK, network_input.shape, learned.output_shape)
    each = architecture_search.multiply_adds(usual, network_input.shape)
    budget = architecture_search.Budget(architecture_search.BACKWARD * each * held * epochs, held)
    folder = Path(output).parent / f"{sampler}_state"
    options = {"sampler": sampler, "trials": trials, "budget": budget, "seed": seed, "folder": folder}
    table = architecture_search.search(
        learned, network_input, examples, Recipe(**recipe), **options, device=choose_device(), progress=progress
    )
    write_table(table, output)


def compare(tables, *, training, output):
    """Put the tables of several searches together and write the best architecture as a settings file.

    Parameters
    ----------
    tables : sequence of path
        Of ``search``.
    training : str
        Name of the training whose architecture was searched for.
    output : path
        The table of all, by loss, with ``gain``: the loss of the first architecture, the training's own, minus this
        one's. ``winner.yaml`` is next to it.

    Raises
    ------
    InputError
        If no architecture could be trained.
    """
    table = pd.concat([read_table(path) for path in tables], ignore_index=True)
    options = architecture_search.winner(table)
    own = table.loc[table["trial"] == 0, "val_loss"].mean()
    if not np.isfinite(own):
        raise InputError(f"{tables[0]}: the training's own architecture could not be trained; see its column reason")
    table = table.assign(gain=own - table["val_loss"]).sort_values("val_loss", ignore_index=True)
    best = table.iloc[0]
    lines = [
        f"# The best of {len(table)} architectures at equal compute. Its loss on validation is {best['val_loss']:.4f},",
        f"# {best['gain']:.4f} less than the training's own. Found by: {best['sampler']}. All: {Path(output).name}",
    ]
    chosen = {"train": {training: {"network": architecture_search.NETWORK, "options": options}}}
    text = "\n".join([*lines, yaml.safe_dump(chosen, sort_keys=False)])
    write_table(table, output)
    atomic.write(Path(output).with_name("winner.yaml"), text.encode())
