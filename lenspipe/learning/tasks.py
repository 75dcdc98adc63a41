"""The two tasks: what a network's numbers mean, how wrong they are, and how good."""

from dataclasses import dataclass

import numpy as np
import torch
from scipy.special import expit, softmax
from sklearn.metrics import recall_score, roc_auc_score
from torch.nn import functional as F

from lenspipe.columns import LENS

# Bounds on log sigma of the standardised target: one freak object cannot break a training.
LOG_SIGMA = (-4.0, 2.0)
UNKNOWN = -1  # target of an object whose kind is not among those that are learned


class Classifier:
    """Is it a lens? One number, the logit of the score."""

    name = "classifier"
    num_outputs = 1
    classes = ()
    metrics = ("val_auroc",)

    @staticmethod
    def scaling(target):
        """Labels stay as they are."""
        return {"mean": 0.0, "sd": 1.0}

    @staticmethod
    def loss(outputs, target):
        """Cross-entropy; ``outputs`` [n, 1], ``target`` [n] of 0 and 1."""
        return F.binary_cross_entropy_with_logits(outputs[:, 0], target)

    @staticmethod
    def measure(outputs, target, scaling):
        """Area under the ROC curve."""
        return {"val_auroc": float(roc_auc_score(target.numpy(), outputs[:, 0].double().numpy()))}


@dataclass(frozen=True)
class KindClassifier:
    """Which kind is it? A logit for each of ``classes``, of which the lens is one."""

    classes: tuple

    name = "classifier"
    metrics = ("val_auroc", "val_lens_loss", "val_balanced_accuracy")

    @property
    def num_outputs(self):
        return len(self.classes)

    @staticmethod
    def scaling(target):
        """Numbers of classes stay as they are."""
        return {"mean": 0.0, "sd": 1.0}

    @staticmethod
    def loss(outputs, target):
        """Cross-entropy of the softmax; ``outputs`` [n, class], ``target`` [n] their numbers, ``UNKNOWN`` left out."""
        return F.cross_entropy(outputs, target.long(), ignore_index=UNKNOWN)

    def measure(self, outputs, target, scaling):
        """Of the score, area under the ROC curve and cross-entropy, as of ``Classifier``; mean recall of the kinds."""
        logit, is_lens = lens_logit(outputs, self.classes), target == self.classes.index(LENS)
        known = (target != UNKNOWN).numpy()
        truth, guess = target.long().numpy()[known], outputs.argmax(dim=1).numpy()[known]
        recall = recall_score(truth, guess, labels=np.unique(truth), average="macro", zero_division=0)
        return {
            "val_auroc": float(roc_auc_score(is_lens.numpy(), logit.double().numpy())),
            "val_lens_loss": float(F.binary_cross_entropy_with_logits(logit, is_lens.to(logit.dtype))),
            "val_balanced_accuracy": float(recall),
        }


class Regressor:
    """How large is its Einstein radius? Two numbers: mean and log sigma of the standardised radius."""

    name = "regressor"
    num_outputs = 2
    classes = ()
    metrics = ("val_rmse", "val_bias")

    @staticmethod
    def scaling(target):
        """Mean and standard deviation of the training radii, arcsec."""
        return {"mean": float(target.double().mean()), "sd": float(target.double().std())}

    @staticmethod
    def loss(outputs, target):
        """Gaussian negative log-likelihood without its constant; ``outputs`` [n, 2], ``target`` [n] standardised.

        (y - mu)^2 / (2 sigma^2) + ln sigma: Nix & Weigend 1994, eq. 2 of the ICNN proceedings paper.
        """
        mean, log_sigma = outputs[:, 0], outputs[:, 1].clamp(*LOG_SIGMA)
        return (0.5 * ((target - mean) * torch.exp(-log_sigma)) ** 2 + log_sigma).mean()

    @staticmethod
    def measure(outputs, target, scaling):
        """Root mean square and mean of predicted minus true, arcsec."""
        error = (outputs[:, 0] - target).double().numpy() * scaling["sd"]
        return {"val_rmse": float(np.sqrt(np.mean(error**2))), "val_bias": float(np.mean(error))}


TASKS = {"classifier": Classifier, "regressor": Regressor}


def task_of(name, classes=()):
    """The task of a name; a classifier that tells kinds apart if any are given."""
    return KindClassifier(tuple(classes)) if classes else TASKS[name]


def lens_logit(outputs, classes=()):
    """Logit of the score: ln p / (1 - p) for the probability p of a lens.

    Parameters
    ----------
    outputs : tensor [..., output]
        Of a classifier.
    classes : sequence of str
        What its outputs stand for; none if there is one, which is this logit.

    Returns
    -------
    tensor [...]
        With the softmax's p = exp x_lens / sum over kinds of exp x_kind: x_lens - ln sum over the others of exp x_kind.
    """
    if not classes:
        return outputs[..., 0]
    others = [k for k, kind in enumerate(classes) if kind != LENS]
    return outputs[..., list(classes).index(LENS)] - torch.logsumexp(outputs[..., others], dim=-1)


def score(outputs, classes=()):
    """Scores 0 to 1 from logits: the probability of a lens.

    Parameters
    ----------
    outputs : array [view, n, output]
        Of several views of the same images: their logits are averaged, those of each class for itself.
    classes : sequence of str
        As for ``lens_logit``.

    Returns
    -------
    array [n], float64
    """
    logits = outputs.astype(np.float64).mean(axis=0)
    return expit(lens_logit(torch.from_numpy(logits), classes).numpy())


def probabilities(outputs):
    """Of each class [n, class], float64; ``outputs`` [view, n, class] as for ``score``, which is the lens's of them."""
    return softmax(outputs.astype(np.float64).mean(axis=0), axis=1)


def radius(outputs, scaling):
    """Einstein radius and its sigma, not yet calibrated.

    Parameters
    ----------
    outputs : array [view, n, 2]
        Of several views of the same images. Means are averaged; so are variances, since the views share the image's
        noise and their errors are nearly the same.
    scaling : dict
        ``mean`` and ``sd`` of the training radii, arcsec.

    Returns
    -------
    theta_E, sigma : array [n], float64, arcsec
        A radius below zero, far outside the training range, is given as 0.
    """
    mean = outputs[:, :, 0].astype(np.float64).mean(axis=0)
    log_sigma = np.clip(outputs[:, :, 1].astype(np.float64), *LOG_SIGMA)
    sigma = np.sqrt(np.exp(2 * log_sigma).mean(axis=0))
    return np.maximum(scaling["mean"] + scaling["sd"] * mean, 0.0), scaling["sd"] * sigma


def sigma_scale(outputs, theta_E, scaling):
    """Factor on sigma with which 68.3 % of |predicted - true| on validation are within one sigma."""
    predicted, sigma = radius(outputs, scaling)
    return float(np.quantile(np.abs(predicted - theta_E) / sigma, 0.6827))
