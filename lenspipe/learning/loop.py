"""The training loop: examples in, the weights of the best epoch and the history out."""

import logging
import math
from contextlib import contextmanager
from dataclasses import dataclass
from zlib import crc32

import numpy as np
import torch

from lenspipe.learning import resume
from lenspipe.learning.build import build, take_weights, try_out
from lenspipe.learning.concrete_dropout import divergence, with_dropout
from lenspipe.learning.distributed import ALONE
from lenspipe.learning.hardware import bf16_is_faster
from lenspipe.learning.inference import ALL_VIEWS, FIRST_VIEW, answers_of, for_answers, outputs
from lenspipe.learning.optimisation import RunningMean, make_optimizer, step_size

log = logging.getLogger("lenspipe")
VAL_BATCH = 128  # a convolution's output stays in the cache
MAX_GRADIENT = 1.0  # norm; a longer gradient is shortened to it


@dataclass(frozen=True)
class Recipe:
    """How a network is trained.

    Attributes
    ----------
    network : str
        One of ``families.NETWORKS``.
    options : dict
        Arguments of the network that differ from its defaults.
    epochs, batch_size : int
    learning_rate : float
        Largest step size.
    weight_decay, ema_decay : float
    max_shift : int, pixels
    imperfect : float
        Share of the images, in training, that are off-centre, incomplete, miscalibrated or blurred.
    dropout : str
        As of ``concrete_dropout.with_dropout``.
    """

    network: str
    options: dict
    epochs: int
    batch_size: int
    learning_rate: float
    weight_decay: float
    ema_decay: float
    max_shift: int
    imperfect: float
    dropout: str


@dataclass(frozen=True)
class Start:
    """A trained network that a training goes on from.

    Attributes
    ----------
    weights : dict of str to tensor
    source : str
        Its folder.
    """

    weights: dict
    source: str


class LossNotFiniteError(ArithmeticError):
    """The loss became infinite or NaN."""


def fit(
    task, network_input, examples, recipe, *, name, seed, folder, digest, device, group=ALONE, start=None, progress=None
):
    """Train a network; keep the weights of the epoch with the least loss on validation.

    The state after each epoch is kept in ``folder``. A killed training resumes there, with the history of an
    uninterrupted one: to the last digit on the same kind of machine with as many threads. The state stays after the
    last epoch, so that outputs deleted by a killed workflow are restored without training. A training with another
    ``digest`` starts from the beginning.

    Parameters
    ----------
    task : Task
    network_input : ImageInput
    examples : dict of str to Examples
        ``train``, which may be ``StoredExamples``, and ``val``.
    recipe : Recipe
    name : str
        Of the training; together with ``seed`` it seeds all random numbers.
    seed : int
    folder : path
    digest : str
        Of everything that the history depends on.
    device : torch.device
    group : Group
        The processes that train together; the first alone writes.
    start : Start, optional
        Whose weights are trained on; random ones if not given.
    progress : callable, optional
        Called after each epoch with epochs done, epochs in all, and a text.

    Returns
    -------
    network : torch.nn.Module
        In evaluation mode, with the best epoch's weights.
    training : resume.Training
        With the history.

    Raises
    ------
    LossNotFiniteError
    BuildError
    """
    with randomness(seed, name, epoch=0):
        network = build(recipe.network, network_input.shape, task.output_shape, **recipe.options)
        with_dropout(network, recipe.dropout)
    if start:
        take_weights(network, start.weights, start.source)
    try_out(network, network_input.shape)
    network_input.place(network, device)
    optimizer = make_optimizer(network, recipe.weight_decay)
    training = resume.Training(network, optimizer, RunningMean(network, recipe.ema_decay))
    training.restore(folder, digest, device)
    learner = group.wrapped(network)
    augment = network_input.augmenter(recipe.max_shift, recipe.imperfect, device)
    count = len(examples["train"].target)
    steps = max(1, count // recipe.batch_size)  # an incomplete last batch is left out
    seen = f"{count} examples, {len(training.history)} epochs done"
    log.info("%s: %s, %d processes", name, seen, group.size)

    for epoch in range(len(training.history) + 1, recipe.epochs + 1):
        numbers = range((epoch - 1) * steps, epoch * steps)
        rates = [step_size(step, recipe.epochs * steps, recipe.learning_rate) for step in numbers]
        with randomness(seed, name, epoch, rank=group.rank) as generator:
            share = group.share(recipe.batch_size)
            batches = shuffled_batches(examples["train"], recipe.batch_size, augment, generator=generator, share=share)
            loss = train_epoch(training, learner, task, batches, rates, group=group, count=count)
            row = {"epoch": epoch, "train_loss": loss}
        row |= validate(training.mean.network, task, network_input, examples["val"], device=device)
        row |= {"learning_rate": rates[-1]}
        if not math.isfinite(row["train_loss"] + row["val_loss"]):
            raise LossNotFiniteError(f"the loss is not finite in epoch {epoch}")
        training.add_epoch(row)
        if group.rank == 0:
            training.save(folder, digest)
        group.wait()
        text = ", ".join(f"{metric} {row[metric]:.4f}" for metric in ("train_loss", "val_loss", *task.metrics))
        log.info("epoch %d: %s", epoch, text)
        if progress:
            progress(epoch, recipe.epochs, text)

    network.load_state_dict(training.best["weights"])
    return network.eval(), training


@contextmanager
def randomness(seed, name, epoch, rank=0):
    """Seed all random numbers of an epoch from seed, training and epoch, so that a resumed training does not differ.

    Parameters
    ----------
    seed : int
    name : str
        The training's.
    epoch : int
        0 for the initial weights.
    rank : int
        Of the process: dropout differs between processes, and nothing else does.

    Yields
    ------
    torch.Generator
        Dropout and initial weights use torch's global generator: it is seeded too, and restored at the end.
    """
    states = np.random.SeedSequence([seed, crc32(name.encode()), epoch]).generate_state(2, np.uint64)
    first, second = (int(state >> np.uint64(1)) for state in states)
    with torch.random.fork_rng():
        torch.manual_seed(first + rank)
        yield torch.Generator().manual_seed(second)


def shuffled_batches(examples, batch_size, augment, *, generator, share=slice(None)):
    """One pass over the examples in random order, each changed at random.

    Parameters
    ----------
    examples : Examples or StoredExamples
    batch_size : int
    augment : Augmenter
    generator : torch.Generator
    share : slice
        Of each batch, whose images are asked for.

    Yields
    ------
    images : tensor [share, band, y, x], float32
    target : tensor [batch]
        Of the whole batch.
    """
    for images, target in examples.batches(batch_size, generator, share):
        changed = augment(images.to(augment.device), generator, whole=len(target), share=share)
        yield changed.float(), target.to(augment.device)


def train_epoch(training, learner, task, batches, rates, *, count, group=ALONE):
    """Mean loss (float) over an epoch's batches; weights, running mean and optimizer move on.

    Of a network with concrete dropout, its divergence from the prior is added, for each object.

    Parameters
    ----------
    training : resume.Training
    learner : torch.nn.Module
        Its network, as several processes call it (``Group.wrapped``).
    task : Task
    batches : iterable of (tensor, tensor)
        Of ``shuffled_batches``.
    rates : sequence of float
        Step size for each batch.
    count : int
        Objects to learn from.
    group : Group
    """
    learner.train()
    losses = []
    for (images, target), rate in zip(batches, rates, strict=True):
        for weights in training.optimizer.param_groups:
            weights["lr"] = rate
        with torch.autocast(images.device.type, torch.bfloat16, enabled=bf16_is_faster(images.device)):
            answer = learner(images)
        loss = task.loss(group.gathered(answer.float()), target)
        training.optimizer.zero_grad()
        penalty = divergence(training.network) / count  # the same in all processes, whose gradients are averaged
        (loss * group.size + penalty).backward()
        torch.nn.utils.clip_grad_norm_(training.network.parameters(), MAX_GRADIENT)
        training.optimizer.step()
        training.mean.update(training.network)
        losses.append((loss + penalty).detach())
    return float(torch.stack(losses).mean())


def validate(network, task, network_input, examples, *, device):
    """Loss and metrics on validation, dict of str to float, without augmentation, in the precision of the training.

    Parameters
    ----------
    network : torch.nn.Module
    task : Task
    network_input : ImageInput
    examples : Examples
    device : torch.device
    """
    images = examples.images.permute(0, 3, 1, 2)
    options = {"batch_size": VAL_BATCH, "views": FIRST_VIEW, "device": device, "bf16": bf16_is_faster(device)}
    (answer,) = outputs(network, images, network_input, **options)
    return {"val_loss": float(task.loss(answer, examples.target))} | task.measure(answer, examples.target)


def answer_validation(network, network_input, examples, *, device):
    """Outputs for all views of the validation examples, as predictions are made.

    Parameters
    ----------
    network, network_input, examples, device
        As of ``validate``.

    Returns
    -------
    tensor [view, n, *output_shape], float32
    """
    network = network_input.place(for_answers(network), device)
    images = examples.images.permute(0, 3, 1, 2)
    return answers_of(network, images, network_input, batch_size=VAL_BATCH, views=ALL_VIEWS, device=device)
