"""Area under the ROC curve with DeLong's interval, also of weighted objects."""

import numpy as np
from scipy.special import ndtri


def auroc(lenses, non_lenses, confidence):
    """Area under the ROC curve with DeLong's interval.

    Parameters
    ----------
    lenses, non_lenses : array [n], array [m]
        Scores.
    confidence : float
        Of the interval, 0 to 1.

    Returns
    -------
    value, low, high : float

    Source: DeLong et al. 1988; by ranks, Sun & Xu 2014.
    """
    m, n = len(lenses), len(non_lenses)
    of_lenses = _share_below(lenses, non_lenses, np.ones(n))
    of_non_lenses = 1 - _share_below(non_lenses, lenses, np.ones(m))
    value = of_lenses.mean()
    variance = of_lenses.var(ddof=1) / m + of_non_lenses.var(ddof=1) / n if min(m, n) > 1 else np.nan
    half = ndtri(0.5 + confidence / 2) * np.sqrt(variance)
    return value, max(value - half, 0.0), min(value + half, 1.0)


def weighted_auroc(lenses, non_lenses, weights, confidence):
    """Area under the ROC curve of weighted objects; with equal weights that of ``auroc``.

    The chance that a lens drawn by weight scores above a non-lens drawn by weight. DeLong's variance: each object's
    share of the other class below (above) it spreads about the mean, and counts by its weight squared.

    Parameters
    ----------
    lenses, non_lenses : array [n], array [m]
        Scores.
    weights : (array [n], array [m])
        Of the lenses and of the non-lenses.
    confidence : float
        Of the interval, 0 to 1.

    Returns
    -------
    value, low, high : float
    """
    shares = (_share_below(lenses, non_lenses, weights[1]), 1 - _share_below(non_lenses, lenses, weights[0]))
    value = float(np.average(shares[0], weights=weights[0]))
    variance = sum((w**2 * (share - value) ** 2).sum() / w.sum() ** 2 for w, share in zip(weights, shares, strict=True))
    half = ndtri(0.5 + confidence / 2) * np.sqrt(variance)
    return value, max(value - half, 0.0), min(value + half, 1.0)


def _share_below(scores, reference, weight):
    """Share of the weight of ``reference`` scores below each score; ties count half."""
    order = np.argsort(reference, kind="stable")
    cumulative = np.concatenate([[0.0], np.cumsum(np.asarray(weight, float)[order])])
    places = [np.searchsorted(np.asarray(reference)[order], scores, side) for side in ("left", "right")]
    return (cumulative[places[0]] + cumulative[places[1]]) / 2 / cumulative[-1]
