"""Which kind of object is it? One logit for each kind; the score is the lens's probability."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch
from scipy.special import expit, softmax
from sklearn.metrics import recall_score, roc_auc_score
from torch.nn import functional as F

from lenspipe.columns import LENS, SCORE, kind_columns

UNKNOWN = -1  # target of an object whose kind is not among the classes: left out of the loss


@dataclass(frozen=True)
class Task:
    """See ``tasks._interface`` for what every task has. The target is the number of the object's kind in ``classes``.

    Attributes
    ----------
    classes : tuple of str
        Kinds among the training objects: the lens first, the non-lenses sorted by name.
    truth, metrics
        As of ``tasks._interface.Task``.
    """

    classes: tuple

    truth: ClassVar[tuple[str, ...]] = ("is_lens", "kind")
    metrics: ClassVar[tuple[str, ...]] = ("val_auroc", "val_lens_loss", "val_balanced_accuracy")

    def __post_init__(self):
        object.__setattr__(self, "classes", tuple(self.classes))  # a checkpoint holds a list
        if LENS not in self.classes:
            raise ValueError(f"the classes {self.classes} lack {LENS!r}")

    @property
    def output_shape(self):
        """Shape of a network's output for one object: tuple of int, one logit for each kind."""
        return (len(self.classes),)

    @property
    def columns(self):
        """Columns of a table of predictions: tuple of Column."""
        return (SCORE, *kind_columns(self.classes))

    @classmethod
    def fit(cls, truth):
        """The task with the kinds of ``truth`` (DataFrame of the training objects) as classes."""
        return cls((LENS, *sorted(set(kinds_of(truth)) - {LENS})))

    def target(self, truth):
        """Number of each kind, float32 array [n], of ``truth`` (DataFrame [n]); ``UNKNOWN`` for one not in ``classes``.

        Raises
        ------
        ValueError
            Unless there are lenses and non-lenses.
        """
        is_lens = truth["is_lens"].to_numpy(bool)
        if is_lens.all() or not is_lens.any():
            raise ValueError(f"has {is_lens.sum()} lenses of {len(is_lens)} objects; give it both classes")
        number = {kind: k for k, kind in enumerate(self.classes)}
        return kinds_of(truth).map(number).fillna(UNKNOWN).to_numpy(np.float32)

    def loss(self, outputs, target):
        """Cross-entropy of the softmax (tensor); ``outputs`` [n, class], ``target`` [n] numbers of classes."""
        return F.cross_entropy(outputs, target.long(), ignore_index=UNKNOWN)

    def measure(self, outputs, target):
        """Area under the ROC curve and cross-entropy of the score, mean recall of the kinds: dict of str to float.

        Parameters
        ----------
        outputs : tensor [n, class]
        target : tensor [n]
        """
        logit, is_lens = self.logit(outputs), target == self.classes.index(LENS)
        has_class = (target != UNKNOWN).numpy()
        truth, guess = target.long().numpy()[has_class], outputs.argmax(dim=1).numpy()[has_class]
        recall = recall_score(truth, guess, labels=np.unique(truth), average="macro", zero_division=0)
        return {
            "val_auroc": float(roc_auc_score(is_lens.numpy(), logit.double().numpy())),
            "val_lens_loss": float(F.binary_cross_entropy_with_logits(logit, is_lens.to(logit.dtype))),
            "val_balanced_accuracy": float(recall),
        }

    def logit(self, outputs):
        """Logit of the score, ln p / (1 - p) for the probability p of a lens.

        Parameters
        ----------
        outputs : tensor [..., class]

        Returns
        -------
        tensor [...]
            With the softmax's p = exp x_lens / sum over kinds of exp x_kind: x_lens - ln sum over the other kinds of
            exp x_kind.
        """
        non_lenses = [k for k, kind in enumerate(self.classes) if kind != LENS]
        return outputs[..., self.classes.index(LENS)] - torch.logsumexp(outputs[..., non_lenses], dim=-1)

    def answers(self, outputs):
        """Columns ``score``, ``kind_pred`` and a probability ``p_<kind>`` for each kind.

        Parameters
        ----------
        outputs : array [view, n, class]
            The logits of each class are averaged over the views.

        Returns
        -------
        dict of str to array [n]
        """
        logits = outputs.astype(np.float64).mean(axis=0)
        probabilities = softmax(logits, axis=1)
        likeliest = np.array(self.classes)[probabilities.argmax(axis=1)]
        return {
            "score": expit(self.logit(torch.from_numpy(logits)).numpy()),
            "kind_pred": likeliest,
            **{f"p_{kind}": probabilities[:, k] for k, kind in enumerate(self.classes)},
        }

    def calibrated(self, outputs, target):
        """The task, unchanged: Task. Logits need no factor from ``outputs`` [view, n, class] and ``target`` [n]."""
        return self


def kinds_of(truth):
    """Kind of each object, Series of str [n], of ``truth`` (DataFrame [n] with ``is_lens`` and ``kind``).

    Raises
    ------
    ValueError
        If an object is of kind ``lens`` and not a lens.
    """
    is_lens = truth["is_lens"].to_numpy(bool)
    wrong = ~is_lens & (truth["kind"] == LENS)
    if wrong.any():
        raise ValueError(
            f"object {truth['id'][wrong].iloc[0]} is of kind {LENS!r} and not a lens; correct one of the two"
        )
    return truth["kind"].astype(str).where(~is_lens, LENS)
