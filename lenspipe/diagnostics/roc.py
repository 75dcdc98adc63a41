"""Completeness against false-positive rate."""

import numpy as np
import pandas as pd
from scipy.stats import norm, rankdata

from lenspipe.stats.rates import binomial_interval, threshold_allowing, threshold_at

RATES = (1e-1, 1e-2, 1e-3)
FEWEST = {"TPR0": 0, "TPR10": 9}  # false positives allowed: none, fewer than ten (Metcalf et al. 2019)
POINTS = 400  # of a curve


def auroc(lenses, others, confidence):
    """Area under the ROC curve with DeLong's interval.

    Parameters
    ----------
    lenses, others : array
        Scores.
    confidence : float

    Returns
    -------
    value, low, high : float

    Source: DeLong et al. 1988; by mid-ranks, Sun & Xu 2014.
    """
    m, n = len(lenses), len(others)
    ranks = rankdata(np.concatenate([lenses, others]))
    of_lenses = (ranks[:m] - rankdata(lenses)) / n  # share of non-lenses below each lens
    of_others = 1 - (ranks[m:] - rankdata(others)) / m
    value = of_lenses.mean()
    variance = of_lenses.var(ddof=1) / m + of_others.var(ddof=1) / n if min(m, n) > 1 else np.nan
    half = norm.ppf(0.5 + confidence / 2) * np.sqrt(variance)
    return value, max(value - half, 0.0), min(value + half, 1.0)


def weighted_auroc(lenses, others, weights, confidence):
    """Area under the ROC curve of weighted objects; with equal weights that of ``auroc``.

    The chance that a lens drawn by weight scores above a non-lens drawn by weight. DeLong's variance: each object's
    share of the other class below (above) it spreads about the mean, and counts by its weight squared.

    Parameters
    ----------
    lenses, others : array [n], [m]
        Scores.
    weights : array [n], array [m]
    confidence : float

    Returns
    -------
    value, low, high : float
    """
    shares = (_share_below(lenses, others, weights[1]), 1 - _share_below(others, lenses, weights[0]))
    value = float(np.average(shares[0], weights=weights[0]))
    variance = sum((w**2 * (share - value) ** 2).sum() / w.sum() ** 2 for w, share in zip(weights, shares, strict=True))
    half = norm.ppf(0.5 + confidence / 2) * np.sqrt(variance)
    return value, max(value - half, 0.0), min(value + half, 1.0)


def _share_below(scores, others, weight):
    """Share of the others' weight below each score; ties count half."""
    order = np.argsort(others, kind="stable")
    held = np.concatenate([[0.0], np.cumsum(np.asarray(weight, float)[order])])
    places = [np.searchsorted(np.asarray(others)[order], scores, side) for side in ("left", "right")]
    return (held[places[0]] + held[places[1]]) / 2 / held[-1]


def completeness_at(lenses, threshold, confidence):
    """Share of lenses above a threshold.

    Returns
    -------
    value, low, high : float
    """
    found = int((np.asarray(lenses) > threshold).sum())
    low, high = binomial_interval(found, len(lenses), confidence)
    return found / len(lenses), low[0], high[0]


def thresholds_of(others):
    """The thresholds whose completeness is quoted, by name: at false-positive rates, and at fewest false positives."""
    named = {f"TPR at FPR {rate:g}": threshold_at(others, rate) for rate in RATES}
    return named | {name: threshold_allowing(others, allowed) for name, allowed in FEWEST.items()}


def roc_table(lenses, others, population, confidence):
    """A curve and its quoted points.

    Parameters
    ----------
    lenses, others : array
        Scores.
    population : str
        Which lenses.
    confidence : float

    Returns
    -------
    DataFrame
        ``what`` (``curve``, or the name of a quoted point), ``population``, ``threshold``, ``false_positives``,
        ``false_positive_rate``, ``completeness``, ``low``, ``high``, ``lenses``, ``non_lenses``.
    """
    counts = np.unique(np.geomspace(1, max(len(others), 2), POINTS).round().astype(int)) - 1
    points = [("curve", threshold_allowing(others, count)) for count in counts]
    points += thresholds_of(others).items()
    ordered = np.sort(others)
    rows = []
    for what, threshold in points:
        false = len(others) - int(np.searchsorted(ordered, threshold, side="right"))
        value, low, high = completeness_at(lenses, threshold, confidence)
        rows.append(
            (what, population, threshold, false, false / len(others), value, low, high, len(lenses), len(others))
        )
    names = ["what", "population", "threshold", "false_positives", "false_positive_rate"]
    return pd.DataFrame(rows, columns=[*names, "completeness", "low", "high", "lenses", "non_lenses"])
