"""Completeness against false-positive rate."""

import numpy as np
import pandas as pd

from lenspipe.stats.rates import binomial_interval, threshold_allowing, threshold_at

RATES = (1e-1, 1e-2, 1e-3)
FEWEST = {"TPR0": 0, "TPR10": 9}  # false positives allowed: none, fewer than ten (Metcalf et al. 2019)
POINTS = 400  # of a curve


def completeness_at(lenses, threshold, confidence):
    """Share of lenses above a threshold.

    Parameters
    ----------
    lenses : array [n]
        Scores.
    threshold : float
    confidence : float
        Of the binomial interval, 0 to 1.

    Returns
    -------
    value, low, high : float
    """
    selected = int((np.asarray(lenses) > threshold).sum())
    low, high = binomial_interval(selected, len(lenses), confidence)
    return selected / len(lenses), low[0], high[0]


def thresholds_of(non_lenses):
    """The thresholds whose completeness is quoted: at false-positive rates, and at fewest false positives.

    Parameters
    ----------
    non_lenses : array [n]
        Scores.

    Returns
    -------
    dict of str to float
    """
    named = {f"TPR at FPR {rate:g}": threshold_at(non_lenses, rate) for rate in RATES}
    return named | {name: threshold_allowing(non_lenses, allowed) for name, allowed in FEWEST.items()}


def roc(objects, populations, confidence):
    """The curves of all populations of lenses against all non-lenses.

    Parameters
    ----------
    objects : DataFrame
        ``is_lens``, ``score``.
    populations : dict of str to DataFrame
        From ``populations_of``.
    confidence : float

    Returns
    -------
    DataFrame
        Rows of ``roc_table``.
    """
    non_lenses = objects.loc[~objects["is_lens"], "score"].to_numpy()
    scores = {name: lenses["score"].to_numpy() for name, lenses in populations.items()}
    return pd.concat(roc_table(lenses, non_lenses, name, confidence) for name, lenses in scores.items())


def roc_table(lenses, non_lenses, population, confidence):
    """A curve and its quoted points.

    Parameters
    ----------
    lenses, non_lenses : array [n], array [m]
        Scores.
    population : str
        Which lenses.
    confidence : float
        Of the binomial intervals, 0 to 1.

    Returns
    -------
    DataFrame
        ``what`` (``curve``, or the name of a quoted point), ``population``, ``threshold``, ``false_positives``,
        ``false_positive_rate``, ``completeness``, ``low``, ``high``, ``lenses``, ``non_lenses``.
    """
    counts = np.unique(np.geomspace(1, max(len(non_lenses), 2), POINTS).round().astype(int)) - 1
    points = [("curve", threshold_allowing(non_lenses, count)) for count in counts]
    points += thresholds_of(non_lenses).items()
    ordered, n, m = np.sort(non_lenses), len(lenses), len(non_lenses)
    rows = []
    for point, threshold in points:
        false = m - int(np.searchsorted(ordered, threshold, side="right"))
        value, low, high = completeness_at(lenses, threshold, confidence)
        rows.append((point, population, threshold, false, false / m, value, low, high, n, m))
    names = ["what", "population", "threshold", "false_positives", "false_positive_rate"]
    return pd.DataFrame(rows, columns=[*names, "completeness", "low", "high", "lenses", "non_lenses"])
