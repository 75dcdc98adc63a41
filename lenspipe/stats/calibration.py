"""Probabilities: moved to another prior, and their calibration error."""

import numpy as np


def shifted(probability, before, after):
    """A probability of being a lens, at another share of lenses.

    Parameters
    ----------
    probability : float or array
        Right where the share of lenses is ``before``.
    before, after : float
        Shares of lenses, 0 to 1.

    Returns
    -------
    float or array
        The odds times the ratio of the prior odds. Source: Saerens, Latinne & Decaestecker 2002, equation 2.4.
    """
    right = probability * after / before
    return right / (right + (1 - probability) * (1 - after) / (1 - before))


def class_weights(is_lens, share, weight=None):
    """Weights that give the lenses a share.

    Parameters
    ----------
    is_lens : bool array [n]
    share : float
        That the lenses get.
    weight : array [n], optional
        Weights that the objects have already; equal if not given.

    Returns
    -------
    array [n]
    """
    is_lens = np.asarray(is_lens, bool)
    weight = np.ones(len(is_lens)) if weight is None else weight
    before = np.average(is_lens, weights=weight)
    return weight * np.where(is_lens, share / before, (1 - share) / (1 - before))


def squared_calibration_error(score, is_lens, weight, place):
    """Mean squared distance of score and share of lenses in bins: plug-in, and with its noise taken off.

    In a bin with residuals r = score - is_lens of weighted mean d, the plug-in is d^2; its expectation exceeds the true
    one by the variance of d, which is estimated by n / (n - 1) sum w^2 (r - d)^2 / (sum w)^2. With equal weights and
    one score a bin this is the debiased estimator of Kumar, Liang & Ma 2019, "Verified uncertainty calibration".

    Parameters
    ----------
    score, is_lens, weight : array [n]
    place : int array [n]
        Each object's bin.

    Returns
    -------
    plug_in, debiased : float
        The second may be negative.
    """
    residual = score - is_lens
    n = np.bincount(place)
    total = np.bincount(place, weight)
    n, total = np.maximum(n, 1), np.where(total > 0, total, 1.0)
    d = np.bincount(place, weight * residual) / total
    noise = np.bincount(place, (weight * (residual - d[place])) ** 2) / total**2
    share = np.bincount(place, weight) / weight.sum()
    return share @ d**2, share @ (d**2 - noise * n / np.maximum(n - 1, 1))
