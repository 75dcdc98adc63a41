"""The train stage: stores and catalogues in, a checkpoint and its history out."""

import hashlib
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pandas as pd
import torch

from lenspipe.columns import ARC_SNR
from lenspipe.errors import InputError
from lenspipe.families import NETWORKS, TASKS
from lenspipe.learning import checkpoint
from lenspipe.learning.build import BuildError
from lenspipe.learning.committee import calibrated
from lenspipe.learning.data import read_truth, targets_of
from lenspipe.learning.distributed import ALONE
from lenspipe.learning.examples import read_examples
from lenspipe.learning.hardware import choose_device, keep_freed_memory
from lenspipe.learning.image_input import ImageInput
from lenspipe.learning.loop import LossNotFiniteError, Recipe, Start, answer_validation, fit
from lenspipe.methods import HEADLINE
from lenspipe.provenance import code_digest, digest_of
from lenspipe.store import open_images


def train(
    name,
    task,
    stores,
    catalogs,
    *,
    output_dir,
    seed,
    recipe,
    method=HEADLINE,
    head=None,
    start_from=None,
    count=None,
    threads=None,
    group=ALONE,
    progress=None,
):
    """Train a network and write its checkpoint: see ``learning.loop.fit``.

    Parameters
    ----------
    name : str
        The training's, as in the settings: with the seed it decides all that is random.
    task : str
        One of ``families.TASKS``.
    stores, catalogs : dict of str to path
        ``train`` and ``val``.
    output_dir : path
        Gets weights.safetensors, history.csv, validation.safetensors and model.json, and the state resume.pt.
    seed : int
    recipe : dict
        Fields of ``learning.loop.Recipe``.
    method : str
        Whose answers the network gives; with others of its task and method it is a committee.
    head : str, optional
        Law of the number that the task measures, one of its ``heads``; its first if not given.
    start_from : path, optional
        Folder of a trained network, whose weights are trained on and whose stretch the images get.
    count : int, optional
        Train on the first so many objects; on all if not given.
    threads : int, optional
    group : learning.distributed.Group
        The processes that train together, each of which calls this; the first alone writes.
    progress : callable, optional
        Called after each epoch with epochs done, epochs in all, and a text.

    Raises
    ------
    InputError
        If the files do not fit together, or the loss is not finite any more.
    """
    keep_freed_memory()
    if threads:
        torch.set_num_threads(threads)
    device, recipe = choose_device(), Recipe(**recipe)
    Path(output_dir).mkdir(parents=True, exist_ok=True)
    first = checkpoint.load(start_from) if start_from else None
    start = Start(first.network.state_dict(), str(start_from)) if first else None
    first_input = first.input if first else None
    learned, network_input, examples = read(task, stores, catalogs, head=head, trained_input=first_input, count=count)
    settings = [name, task, seed, asdict(recipe), asdict(learned), checkpoint.sha256_of(start_from) if first else None]
    digest = _digest(settings, network_input, examples, recipe.network)
    place = {"name": name, "seed": seed, "folder": output_dir, "digest": digest, "device": device, "group": group}
    _check_shares(name, recipe.batch_size, len(examples["train"].target), group)
    try:
        network, training = fit(learned, network_input, examples, recipe, **place, start=start, progress=progress)
    except BuildError as error:
        raise InputError(
            f"train {name}: {error}; change train.{name}.options{' or start_from' * bool(start)}"
        ) from None
    except LossNotFiniteError as error:
        raise InputError(f"train {name}: {error}; lower train.{name}.learning_rate") from None
    if group.rank > 0:
        return
    answers = answer_validation(network, network_input, examples["val"], device=device)
    validation = checkpoint.Validation(answers, examples["val"].target)
    trained = checkpoint.Checkpoint(
        network,
        network_name=recipe.network,
        options=recipe.options,
        dropout=recipe.dropout,
        task_name=task,
        task=calibrated(learned, [validation], network_input.first_views),
        method=method,
        input=network_input,
        best_epoch=training.best["epoch"],
        seed=seed,
    )
    checkpoint.save(output_dir, trained, pd.DataFrame(training.history), validation)


def _check_shares(name, batch_size, count, group):
    """InputError unless all processes get as many images of each batch."""
    if batch_size % group.size or (group.size > 1 and batch_size > count):
        raise InputError(
            f"train {name}: batches of {batch_size} of {count:,} objects cannot be shared evenly by {group.size} "
            f"processes; change train.{name}.batch_size"
        )


def read(task, stores, catalogs, *, head=None, trained_input=None, count=None, in_memory=False):
    """What is learned, from what.

    Parameters
    ----------
    task : str
    stores, catalogs : dict of str to path
        ``train`` and ``val``.
    head : str, optional
        As of ``train``.
    trained_input : ImageInput, optional
        Of the network that is trained on: its stretch stays.
    count : int, optional
        Of the training objects; all if not given.
    in_memory : bool
        Even if there are many.

    Returns
    -------
    task : Task
        With what it takes from the training objects.
    network_input : ImageInput
    examples : dict of str to Examples
        ``train`` (``StoredExamples`` if they are too many) and ``val``.

    Raises
    ------
    InputError
        If the files do not fit together or there is nothing to learn.
    """
    datasets = {split: open_images(stores[split]) for split in ("train", "val")}
    network_input = ImageInput.fit(datasets["train"], stores["train"], count)
    if trained_input:
        network_input = replace(trained_input, sky=network_input.sky)
        network_input.check(datasets["train"], stores["train"])
    network_input.check(datasets["val"], stores["val"])
    if count and count > (held := datasets["train"].sizes["object"]):
        raise InputError(f"{stores['train']}: holds {held:,} objects, {count:,} are to be trained on; ask for fewer")
    truth = {split: _truth(TASKS[task], dataset, stores[split], catalogs[split]) for split, dataset in datasets.items()}
    truth["train"] = truth["train"].iloc[:count]
    try:
        learned = TASKS[task].fit(truth["train"], **({"head": head} if head else {}))
    except ValueError as error:
        raise InputError(f"{catalogs['train']}: {error}") from None
    targets = {split: targets_of(learned, truth[split], catalogs[split]) for split in datasets}
    examples = {
        split: read_examples(
            dataset, targets[split], network_input, path=stores[split], in_memory=in_memory or split == "val"
        )
        for split, dataset in datasets.items()
    }
    return learned, network_input, examples


def _truth(task, dataset, store, catalog):
    """The catalogue's columns that the task learns from, and what the store itself knows of its objects."""
    bands = [str(band) for band in dataset["band"].values]
    truth = read_truth(catalog, store, dataset["id"].to_numpy(), columns=task.truth, bands=bands)
    of_store = {ARC_SNR.name: dataset[ARC_SNR.name].to_numpy() if ARC_SNR.name in dataset else np.nan}
    return truth.assign(**{name: values for name, values in of_store.items() if name in task.truth})


def _digest(settings, network_input, examples, network):
    """Digest of all that the history follows from, but the machine."""
    data = hashlib.sha256()
    for split in ("train", "val"):
        for block in examples[split].blocks():
            data.update(np.ascontiguousarray(block.numpy()).data)
        for array in (examples[split].target.numpy(), examples[split].ids):
            data.update(np.ascontiguousarray(array).data)
    task = settings[1]
    code = code_digest("lenspipe.stages.train", NETWORKS.module_of(network), TASKS.module_of(task))
    return digest_of([settings, network_input.as_dict(), data.hexdigest(), code, torch.__version__])
