"""A search for the architecture that learns most from a fixed amount of computing, by optuna, and at random.

Each architecture is trained with as many multiply-adds: a larger network sees fewer objects, or sees them less often.
"""

import logging
import math
import time
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from torch.utils.flop_counter import FlopCounterMode

from lenspipe.errors import InputError
from lenspipe.families import NETWORKS
from lenspipe.learning.build import BuildError, build
from lenspipe.learning.examples import Examples
from lenspipe.learning.loop import LossNotFiniteError, fit
from lenspipe.provenance import digest_of

log = logging.getLogger("lenspipe")
NETWORK = "resnet"
CHOICES = {  # of the network's options
    "width": tuple(range(8, 49, 4)),
    "depth": (1, 2, 3, 4),
    "stem_stride": (1, 2),
    "stem_size": (3, 5, 7),
    "kernel": (3, 5),
    "dropout": (0.0, 0.1, 0.2, 0.3, 0.4, 0.5),
}
TPE, RANDOM = "tpe", "random"  # tree-structured Parzen estimator (Bergstra et al. 2011), and independent draws
SAMPLERS = (TPE, RANDOM)
BACKWARD = 3  # a step of training takes three times the multiply-adds of an answer
JOURNAL = "journal.log"


@dataclass(frozen=True)
class Budget:
    """What each architecture may use.

    Attributes
    ----------
    multiply_adds : float
        Of a training.
    objects : int
        That there are to learn from.
    """

    multiply_adds: float
    objects: int

    def plan(self, each):
        """Objects and epochs (int, int) that use it up, for a network with ``each`` (float) multiply-adds an object.

        As few epochs as possible over as many objects as there are.
        """
        samples = max(1, int(self.multiply_adds / (BACKWARD * each)))
        epochs = math.ceil(samples / self.objects)
        return samples // epochs, epochs


def multiply_adds(network, input_shape):
    """Multiply-adds (float) of ``network`` (torch.nn.Module) for one object of ``input_shape`` (tuple of int)."""
    with FlopCounterMode(display=False) as counter, torch.inference_mode():
        network.eval()(torch.zeros(1, *input_shape))
    return counter.get_total_flops() / 2


def search(task, network_input, examples, recipe, *, sampler, trials, budget, seed, folder, device, progress=None):
    """Train architectures, one after the other; what is done is kept, and a killed search goes on.

    The first is that of ``recipe``, by which the others are judged. The random numbers of each choice follow from the
    seed and the number of finished ones, so that a killed search tries what an uninterrupted one would have.

    Parameters
    ----------
    task : Task
    network_input : ImageInput
    examples : dict of str to Examples
        ``train`` and ``val``.
    recipe : learning.loop.Recipe
        Of all, but for network, options and epochs.
    sampler : str
        One of ``SAMPLERS``.
    trials : int
    budget : Budget
    seed : int
    folder : path
        For the journal of the search, and the state of the training that is under way.
    device : torch.device
    progress : callable, optional
        Called after each training with those done, all, and a text.

    Returns
    -------
    DataFrame
        A row a trial: ``sampler``, ``trial``, the options, ``weights``, ``multiply_adds`` of an object, ``objects``,
        ``epochs``, ``seconds``, ``val_loss`` and the task's metrics; NaN for an architecture that cannot be trained,
        with ``reason``.

    Raises
    ------
    InputError
        If optuna is not installed.
    """
    optuna = _optuna()
    study = _study(optuna, sampler, Path(folder) / JOURNAL)
    for stale in study.get_trials(states=[optuna.trial.TrialState.RUNNING]):
        study.enqueue_trial(stale.params)
        study.tell(stale.number, state=optuna.trial.TrialState.PRUNED)
    if not study.trials:
        study.enqueue_trial(_own_options(recipe))
    space = {name: optuna.distributions.CategoricalDistribution(values) for name, values in CHOICES.items()}
    while (done := len(_finished(optuna, study))) < trials:
        study.sampler = _sampler(optuna, sampler, seed=int(np.random.SeedSequence([seed, done]).generate_state(1)[0]))
        trial = study.ask(space)
        row = _trained(task, network_input, examples, recipe, trial.params, budget, seed, folder, device)
        for name, value in row.items():
            trial.set_user_attr(name, value)
        failed = "reason" in row
        study.tell(trial, None if failed else row["val_loss"], state=optuna.trial.TrialState.FAIL if failed else None)
        if progress:
            text = row.get("reason") or f"val_loss {row['val_loss']:.4f}, best {study.best_value:.4f}"
            progress(done + 1, trials, text)
    rows = [trial.params | trial.user_attrs for trial in _finished(optuna, study)[:trials]]
    return pd.DataFrame(rows).assign(sampler=sampler, trial=np.arange(len(rows)))


def _trained(task, network_input, examples, recipe, options, budget, seed, folder, device):
    """What came out of one architecture: dict of str to number, or ``reason``."""
    started = time.monotonic()
    try:
        network = build(NETWORK, network_input.shape, task.output_shape, **options)
        each = multiply_adds(network, network_input.shape)
        objects, epochs = budget.plan(each)
        row = {"weights": sum(p.numel() for p in network.parameters()), "multiply_adds": each}
        row |= {"objects": objects, "epochs": epochs}
        chosen = replace(recipe, network=NETWORK, options=options, epochs=epochs)
        train = examples["train"]
        part = Examples(train.images[:objects], train.target[:objects], train.ids[:objects])
        place = {"name": "architecture_search", "seed": seed, "folder": folder, "device": device}
        digest = digest_of([repr(chosen), objects, seed])
        _, training = fit(task, network_input, {"train": part, "val": examples["val"]}, chosen, **place, digest=digest)
    except (BuildError, LossNotFiniteError) as error:
        return {"reason": str(error)}
    best = training.history[training.best["epoch"] - 1]
    return row | {"seconds": time.monotonic() - started} | {k: best[k] for k in ("val_loss", *task.metrics)}


def winner(table):
    """Options (dict), where they differ from the defaults, of the architecture with the least loss.

    ``table`` (DataFrame) is from ``search``, or several of them together.

    Raises
    ------
    InputError
        If none could be trained.
    """
    trained = table[table["val_loss"].notna()] if "val_loss" in table else table.iloc[:0]
    if trained.empty:
        raise InputError("no architecture of the search could be trained; see the column reason of its tables")
    best = trained.loc[trained["val_loss"].idxmin()]
    defaults = NETWORKS.options_of(NETWORK)
    options = {name: type(defaults[name])(best[name]) for name in CHOICES}
    return {name: value for name, value in options.items() if value != defaults[name]}


def _own_options(recipe):
    defaults = NETWORKS.options_of(NETWORK)
    own = defaults | (recipe.options if recipe.network == NETWORK else {})
    chosen = {name: own[name] for name in CHOICES}
    return {name: min(CHOICES[name], key=lambda choice: abs(choice - value)) for name, value in chosen.items()}


def _optuna():
    if find_spec("optuna") is None:
        raise InputError("the search needs the library optuna; install it with pip install 'lenspipe[search]'")
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    return optuna


def _study(optuna, sampler, journal):
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend

    journal.parent.mkdir(parents=True, exist_ok=True)
    storage = JournalStorage(JournalFileBackend(str(journal)))
    return optuna.create_study(study_name=sampler, storage=storage, direction="minimize", load_if_exists=True)


def _sampler(optuna, name, seed):
    if name == RANDOM:
        return optuna.samplers.RandomSampler(seed=seed)
    return optuna.samplers.TPESampler(seed=seed, multivariate=True, n_startup_trials=6)


def _finished(optuna, study):
    """Trials of the study that came to an end, in order, those left out that were killed."""
    states = (optuna.trial.TrialState.COMPLETE, optuna.trial.TrialState.FAIL)
    return study.get_trials(states=states)
