"""The train stage: stores and catalogues in, a checkpoint and its history out."""

import hashlib
import logging
import math
from contextlib import contextmanager
from pathlib import Path
from zlib import crc32

import numpy as np
import pandas as pd
import torch

from lenspipe.errors import InputError
from lenspipe.learning import checkpoint, image_spec, resume
from lenspipe.learning.augmentation import Augmenter
from lenspipe.learning.build import build
from lenspipe.learning.data import fit_stretch_on, read_classes, read_examples
from lenspipe.learning.hardware import bf16_pays, choose_device, keep_freed_memory
from lenspipe.learning.inference import outputs
from lenspipe.learning.optimisation import RunningMean, make_optimizer, step_size
from lenspipe.learning.tasks import sigma_scale, task_of
from lenspipe.provenance import code_digest, digest_of
from lenspipe.store import open_images

log = logging.getLogger("lenspipe")
VAL_BATCH = 128  # a convolution's output stays in the cache
MAX_GRADIENT = 1.0  # norm; a longer gradient is shortened to it


def train(
    task,
    stores,
    catalogs,
    output_dir,
    seed,
    network,
    epochs,
    batch_size,
    learning_rate,
    weight_decay,
    ema_decay,
    max_shift,
    head="lens",
    count=None,
    threads=None,
    progress=None,
):
    """Train a network and keep the weights of its best epoch: the one with the least loss on validation.

    A classifier's loss is the cross-entropy of what it learns: of kinds, that of lens or not, plus for non-lenses that
    of which.

    The state after each epoch is kept in ``resume.pt`` beside the outputs. A killed training goes on from it, with the
    history that it would have had: to the last digit on the same kind of machine with as many threads. It stays there
    after the last epoch: outputs that a killed workflow takes back cost no epoch. A training of other data, settings,
    code or torch starts afresh.

    Parameters
    ----------
    task : str
        ``classifier`` (all objects, is_lens) or ``regressor`` (lenses alone, theta_E).
    stores, catalogs : dict of str to path
        ``train`` and ``val``.
    output_dir : path
        Gets weights.safetensors, history.csv and model.json.
    seed : int
    network : str
        One of ``models.NETWORKS``.
    epochs, batch_size : int
    learning_rate : float
        Largest step size.
    weight_decay, ema_decay : float
    max_shift : int, pixels
    head : str
        Of the classifier: ``lens`` has one output, the logit of the score; ``kinds`` one for each kind that there is
        among the training objects, lens and others. A kind that only validation has counts as a non-lens there.
    count : int, optional
        Train on the first so many objects; on all if not given.
    threads : int, optional
    progress : callable, optional
        Called after each epoch with epochs done, epochs in all, and a text.

    Raises
    ------
    InputError
        If the files do not fit together, or the loss is no number any more.
    """
    keep_freed_memory()
    if threads:
        torch.set_num_threads(threads)
    device = choose_device()
    Path(output_dir).mkdir(parents=True, exist_ok=True)
    tells_kinds = task == "classifier" and head == "kinds"
    learned = task_of(task, _classes(stores["train"], catalogs["train"], count) if tells_kinds else ())
    images, stretch, examples, scaling = _read(learned, stores, catalogs, count)
    numbers = (batch_size, learning_rate, weight_decay, ema_decay, max_shift)
    digest = _digest([task, seed, network, epochs, *numbers, learned.classes], images, examples)
    arguments = {
        "num_bands": len(images["bands"]),
        "num_pix": images["num_pix"],
        "num_outputs": learned.num_outputs,
    }
    with _randomness(seed, task, epoch=0):
        net = build(network, **arguments).to(device, memory_format=torch.channels_last)
    training = resume.Training(net, make_optimizer(net, weight_decay), RunningMean(net, ema_decay))
    training.recall(output_dir, digest, device)
    augment = Augmenter(images["num_pix"], max_shift, device)
    steps = max(1, len(examples["train"].target) // batch_size)  # an incomplete last batch is left out
    log.info("%s: %d examples, %d epochs done", task, len(examples["train"].target), len(training.history))

    for epoch in range(len(training.history) + 1, epochs + 1):
        rates = [step_size(step, epochs * steps, learning_rate) for step in range((epoch - 1) * steps, epoch * steps)]
        with _randomness(seed, task, epoch) as generator:
            batches = _batches(examples["train"], batch_size, augment, generator, device)
            row = {"epoch": epoch, "train_loss": _train_epoch(training, learned, batches, rates)}
        row |= _validate(training.mean.network, learned, examples["val"], scaling, device)
        row |= {"learning_rate": rates[-1]}
        if not math.isfinite(row["train_loss"] + row["val_loss"]):
            raise InputError(f"train {task}: the loss is no number in epoch {epoch}; lower train.{task}.learning_rate")
        training.note(row)
        training.keep(output_dir, digest)
        text = ", ".join(f"{name} {row[name]:.4f}" for name in ("train_loss", "val_loss", *learned.metrics))
        log.info("epoch %d: %s", epoch, text)
        if progress:
            progress(epoch, epochs, text)

    net.load_state_dict(training.best["weights"])
    scale = _calibrate(net, task, examples["val"], scaling, device)
    trained = checkpoint.Checkpoint(
        net,
        network,
        arguments,
        task,
        **images,
        stretch=stretch,
        scaling=scaling,
        sigma_scale=scale,
        best_epoch=training.best["epoch"],
        seed=seed,
        classes=learned.classes,
    )
    checkpoint.save(output_dir, trained, pd.DataFrame(training.history))


def _classes(store, catalog, count):
    """The kinds that the training objects are of."""
    return read_classes(catalog, open_images(store)["id"].to_numpy()[:count])


def _read(task, stores, catalogs, count):
    """Both splits, stretched; their target standardised with the mean and sd of the training examples."""
    datasets = {split: open_images(stores[split]) for split in ("train", "val")}
    images = image_spec.describe_images(datasets["train"], stores["train"])
    image_spec.check_images(images, datasets["val"], stores["val"])
    if count and count > (held := datasets["train"].sizes["object"]):
        raise InputError(f"{stores['train']}: holds {held:,} objects, {count:,} are to be trained on; ask for fewer")
    stretch = fit_stretch_on(datasets["train"].isel(object=slice(count)), stores["train"])
    counts = {"train": count, "val": None}
    learned = (task.name, stretch)
    examples = {
        split: read_examples(datasets[split], stores[split], catalogs[split], *learned, counts[split], task.classes)
        for split in datasets
    }
    scaling = task.scaling(examples["train"].target)
    for split in examples:
        examples[split].target.sub_(scaling["mean"]).div_(scaling["sd"])
    return images, stretch, examples, scaling


def _digest(settings, images, examples):
    """Digest of all that the history follows from, but the machine."""
    data = hashlib.sha256()
    for split in ("train", "val"):
        for array in (examples[split].images.numpy(), examples[split].target.numpy(), examples[split].ids):
            data.update(np.ascontiguousarray(array).data)
    return digest_of([settings, images, data.hexdigest(), code_digest("lenspipe.stages.train"), torch.__version__])


@contextmanager
def _randomness(seed, task, epoch):
    """Everything random in an epoch follows from the seed, the task and its number, wherever the run began.

    Yields a generator of its own. Dropout and fresh weights know torch's global one alone: it is seeded here too, and
    given back as it was.
    """
    words = np.random.SeedSequence([seed, crc32(task.encode()), epoch]).generate_state(2, np.uint64)
    first, second = (int(word >> np.uint64(1)) for word in words)
    with torch.random.fork_rng():
        torch.manual_seed(first)
        yield torch.Generator().manual_seed(second)


def _batches(examples, batch_size, augment, generator, device):
    """One pass over the examples in random order, each changed at random."""
    n = len(examples.target)
    order = torch.randperm(n, generator=generator)
    for rows in order[: max(n - n % batch_size, min(n, batch_size))].split(batch_size):
        images = augment(examples.images[rows].to(device), generator)
        yield images.float(), examples.target[rows].to(device)


def _train_epoch(training, task, batches, rates):
    """Mean loss over an epoch's batches; weights, running mean and optimizer move on."""
    training.network.train()
    losses = []
    for (images, target), rate in zip(batches, rates, strict=True):
        for group in training.optimizer.param_groups:
            group["lr"] = rate
        with torch.autocast(images.device.type, torch.bfloat16, enabled=bf16_pays(images.device)):
            numbers = training.network(images)
        loss = task.loss(numbers.float(), target)
        training.optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(training.network.parameters(), MAX_GRADIENT)
        training.optimizer.step()
        training.mean.update(training.network)
        losses.append(loss.detach())
    return float(torch.stack(losses).mean())


def _validate(network, task, examples, scaling, device):
    """Loss and metrics on validation, without augmentation, in the precision of the training."""
    images = examples.images.permute(0, 3, 1, 2)
    numbers = outputs(network, images, VAL_BATCH, False, device, bf16_pays(device))[0]
    loss = float(task.loss(numbers, examples.target))
    return {"val_loss": loss} | task.measure(numbers, examples.target, scaling)


def _calibrate(network, task, examples, scaling, device):
    """Factors on the regressor's sigma for a single view and for the mean of eight."""
    if task != "regressor":
        return {}
    views = outputs(network.eval(), examples.images.permute(0, 3, 1, 2), VAL_BATCH, True, device).numpy()
    theta_E = scaling["mean"] + scaling["sd"] * examples.target.double().numpy()
    return {"single": sigma_scale(views[:1], theta_E, scaling), "d4": sigma_scale(views, theta_E, scaling)}
