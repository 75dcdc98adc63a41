"""The two tasks: what a network's numbers mean, how wrong they are, and how good."""

import numpy as np
import torch
from scipy.special import expit
from sklearn.metrics import roc_auc_score
from torch.nn import functional as F

# Bounds on log sigma of the standardised target: one freak object cannot break a training.
LOG_SIGMA = (-4.0, 2.0)


class Classifier:
    """Is it a lens? One number, the logit of the score."""

    name = "classifier"
    num_outputs = 1
    target = "is_lens"
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


class Regressor:
    """How large is its Einstein radius? Two numbers: mean and log sigma of the standardised radius."""

    name = "regressor"
    num_outputs = 2
    target = "theta_E"
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


def score(outputs):
    """Scores 0 to 1 from logits.

    Parameters
    ----------
    outputs : array [view, n, 1]
        Of several views of the same images: their logits are averaged.

    Returns
    -------
    array [n], float64
    """
    logit = outputs[:, :, 0].astype(np.float64).mean(axis=0)
    return expit(logit)


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
