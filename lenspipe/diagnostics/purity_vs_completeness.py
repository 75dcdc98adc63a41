"""Purity against completeness at a survey's prevalences of lenses."""

import numpy as np
import pandas as pd

from lenspipe.stats.rates import threshold_allowing
from lenspipe.stats.weights import effective_size, priors_of, weighted_share

PREVALENCES = (1e-3, 1e-4, 1e-5)  # lenses per candidate
POINTS = 120  # of a curve


def purity(prevalence, completeness, false_positive_rate):
    """Share of lenses among the selected candidates, by Bayes' rule: p TPR / (p TPR + (1 - p) FPR).

    Parameters
    ----------
    prevalence, completeness, false_positive_rate : float
        p, TPR and FPR, 0 to 1.

    Returns
    -------
    float
        NaN where nothing is selected.
    """
    right, wrong = prevalence * completeness, (1 - prevalence) * false_positive_rate
    return right / (right + wrong) if right + wrong > 0 else np.nan


def table(objects, *, thresholds, edges, confidence):
    """purity_vs_completeness.csv: a DataFrame, of ``purity_vs_completeness``.

    ``objects`` is a DataFrame; ``thresholds`` a dict of str to float; ``edges`` a sequence, arcsec; ``confidence`` a
    float, 0 to 1: see ``diagnostics.optional_tables``.
    """
    return purity_vs_completeness(objects, confidence)


def purity_vs_completeness(objects, confidence):
    """Purity and completeness as the threshold moves, for each prior and prevalence.

    Parameters
    ----------
    objects : DataFrame
        ``is_lens``, ``kind``, ``score``, and ``weight`` where there is one.
    confidence : float
        Of the intervals, 0 to 1.

    Returns
    -------
    DataFrame
        ``prior``, ``prevalence``, ``threshold``, ``completeness``, ``false_positive_rate``, ``purity``, ``low``,
        ``high`` (from the binomial interval of the false-positive rate), and effective numbers of objects:
        ``true_positives``, ``false_positives`` (that pass), ``lenses``, ``non_lenses`` (all).
    """
    lenses, non_lenses = objects[objects["is_lens"]], objects[~objects["is_lens"]]
    thresholds = _thresholds(lenses["score"].to_numpy(), non_lenses["score"].to_numpy())
    weights = dict(priors_of(non_lenses))
    rows = []
    for prior, of_lenses in priors_of(lenses):
        if prior not in weights:
            continue
        sizes = effective_size(of_lenses), effective_size(weights[prior])
        for threshold in thresholds:
            true, false = ((group["score"] > threshold).to_numpy() for group in (lenses, non_lenses))
            completeness = weighted_share(true, of_lenses, confidence)[0]
            rates = weighted_share(false, weights[prior], confidence)
            left = effective_size(of_lenses[true]), effective_size(weights[prior][false])
            for prevalence in PREVALENCES:
                value, high, low = (purity(prevalence, completeness, rate) for rate in rates)
                rows.append((prior, prevalence, threshold, completeness, rates[0], value, low, high, *left, *sizes))
    names = ["prior", "prevalence", "threshold", "completeness", "false_positive_rate", "purity", "low", "high"]
    return pd.DataFrame(rows, columns=[*names, "true_positives", "false_positives", "lenses", "non_lenses"])


def _thresholds(lenses, non_lenses):
    """Thresholds that one lens to all pass: even in the false ones' logarithms, and in the lenses."""
    few = np.unique(np.geomspace(1, len(non_lenses), POINTS // 2).round().astype(int)) - 1
    even = np.linspace(1, len(lenses) - 1, POINTS // 2).round().astype(int)
    thresholds = [threshold_allowing(non_lenses, n) for n in few] + [threshold_allowing(lenses, n) for n in even]
    thresholds = np.unique([*thresholds, 0.0])
    return thresholds[thresholds < lenses.max()]
