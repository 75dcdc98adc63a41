"""Whether the regressor's standard deviations are right."""

import itertools

import numpy as np
import pandas as pd
from scipy.stats import norm

from lenspipe.stats.weights import effective_size, priors_of, weighted_share

PIT = np.linspace(0, 1, 21)
LEVELS = np.linspace(0.05, 0.95, 19)
Z = np.linspace(-4, 4, 33)  # standardised residuals; those beyond are in the outermost bins


def table(objects, *, thresholds, edges, confidence):
    """regression_calibration.csv: a DataFrame, of ``regression_calibration``.

    ``objects`` is a DataFrame; ``thresholds`` a dict of str to float; ``edges`` a sequence, arcsec; ``confidence`` a
    float, 0 to 1: see ``diagnostics.optional_tables``.
    """
    return regression_calibration(objects[objects["is_lens"]], confidence)


def regression_calibration(lenses, confidence):
    """Probability integral transform, coverage and standardised residuals of the regressor's Gaussians.

    z = (theta_E_pred - theta_E) / theta_E_sigma; the transform is the Gaussian's distribution function at the true
    value, Phi(-z), flat if it is right (Gneiting, Balabdaoui & Raftery 2007).

    Parameters
    ----------
    lenses : DataFrame
        ``theta_E``, ``theta_E_pred``, ``theta_E_sigma``, ``kind``; ``weight`` where there is one.
    confidence : float
        Of the intervals, 0 to 1.

    Returns
    -------
    DataFrame
        ``prior``, ``what`` (``pit``, ``coverage``, ``z``), ``from``, ``to`` (of a bin; of coverage both the nominal
        level), ``share`` of the lenses, its ``low`` and ``high``, ``expected`` share, ``lenses`` (effective number).
    """
    lenses = lenses[lenses["theta_E_sigma"] > 0]
    z = ((lenses["theta_E_pred"] - lenses["theta_E"]) / lenses["theta_E_sigma"]).to_numpy()
    ends = np.r_[-np.inf, Z[1:-1], np.inf]
    bins = [("pit", a, b, 1 - b, 1 - a) for a, b in itertools.pairwise(PIT)]
    masks = [(panel, a, b, norm.ppf(low), norm.ppf(high)) for panel, a, b, low, high in bins]
    masks += [("coverage", p, p, norm.ppf(0.5 - p / 2), norm.ppf(0.5 + p / 2)) for p in LEVELS]
    masks += [("z", a, b, *limits) for a, b, *limits in zip(Z[:-1], Z[1:], ends[:-1], ends[1:], strict=True)]
    rows = []
    for prior, weight in priors_of(lenses):
        for panel, a, b, low, high in masks:
            share = weighted_share((z > low) & (z <= high), weight, confidence)
            rows.append((prior, panel, a, b, *share, norm.cdf(high) - norm.cdf(low), effective_size(weight)))
    names = ["prior", "what", "from", "to", "share", "low", "high", "expected", "lenses"]
    return pd.DataFrame(rows, columns=names)
