"""Whether the regressor's standard deviations are right, and what its residuals depend on."""

import itertools

import numpy as np
import pandas as pd
from scipy.stats import norm

from lenspipe.diagnostics.completeness_vs_arc_snr import ARC_SNR
from lenspipe.diagnostics.einstein_radius import FEWEST
from lenspipe.stats.weights import (
    FEWEST_EFFECTIVE,
    effective_size,
    priors_of,
    quantiles_with_intervals,
    weighted_quantiles,
    weighted_share,
)

PIT = np.linspace(0, 1, 21)
LEVELS = np.linspace(0.05, 0.95, 19)
Z = np.linspace(-4, 4, 33)  # standardised residuals; those beyond are in the outermost bins
SEEINGS = (0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 1.75, 2.0, 2.5, 3.0, 4.0)  # theta_E over the seeing of the best band
STANDARD = (0.15865, 0.84135)  # shares within one standard deviation of a Gaussian


def regression_calibration(lenses, confidence):
    """Probability integral transform, coverage and standardised residuals of the regressor's Gaussians.

    z = (theta_E_pred - theta_E) / theta_E_sigma; the transform is the Gaussian's distribution function at the true
    value, Phi(-z), flat if it is right (Gneiting, Balabdaoui & Raftery 2007).

    Parameters
    ----------
    lenses : DataFrame
        ``theta_E``, ``theta_E_pred``, ``theta_E_sigma``, ``kind``; ``weight`` if it is known.
    confidence : float

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
    masks = [(what, a, b, norm.ppf(low), norm.ppf(high)) for what, a, b, low, high in bins]
    masks += [("coverage", p, p, norm.ppf(0.5 - p / 2), norm.ppf(0.5 + p / 2)) for p in LEVELS]
    masks += [("z", a, b, *limits) for a, b, *limits in zip(Z[:-1], Z[1:], ends[:-1], ends[1:], strict=True)]
    rows = []
    for prior, weight in priors_of(lenses):
        for what, a, b, low, high in masks:
            found = weighted_share((z > low) & (z <= high), weight, confidence)
            rows.append((prior, what, a, b, *found, norm.cdf(high) - norm.cdf(low), effective_size(weight)))
    names = ["prior", "what", "from", "to", "share", "low", "high", "expected", "lenses"]
    return pd.DataFrame(rows, columns=names)


def regression_residuals(lenses, edges, confidence):
    """Median and 16-84 % of theta_E_pred - theta_E in bins of what it may depend on.

    Parameters
    ----------
    lenses : DataFrame
        ``theta_E``, ``theta_E_pred``, ``kind``; ``seeing_best`` (arcsec), ``arc_snr``, ``weight`` if they are known.
    edges : sequence, arcsec
        Of the bins of theta_E.
    confidence : float

    Returns
    -------
    DataFrame
        ``prior``, ``against`` (``theta_E``, ``theta_E / seeing``, ``arc S/N``), ``from``, ``to``, ``lenses``,
        ``effective`` number, ``median``, its interval ``low``, ``high``, ``p16``, ``p84``, arcsec; NaN below
        five lenses, for the survey prior below a hundred effective ones.
    """
    residual = (lenses["theta_E_pred"] - lenses["theta_E"]).to_numpy()
    known = {"theta_E": (lenses["theta_E"], edges)}
    if "seeing_best" in lenses:
        known["theta_E / seeing"] = (lenses["theta_E"] / lenses["seeing_best"], SEEINGS)
    if "arc_snr" in lenses and lenses["arc_snr"].notna().any():
        known["arc S/N"] = (lenses["arc_snr"], ARC_SNR)
    rows = []
    for prior, weight in priors_of(lenses):
        fewest = FEWEST if prior == "training prior" else FEWEST_EFFECTIVE
        for against, (x, ends) in known.items():
            place = bins_of(x, ends)
            for k in range(len(ends) - 1):
                inside = place == k
                found = median_and_spread(residual[inside], weight[inside], fewest, confidence)
                rows.append((prior, against, ends[k], ends[k + 1], int(inside.sum()), *found))
    names = ["prior", "against", "from", "to", "lenses", "effective", "median", "low", "high", "p16", "p84"]
    return pd.DataFrame(rows, columns=names)


def bins_of(x, edges):
    """Number of the bin that each value lies in; the last one holds its upper edge."""
    return np.digitize(x, [*edges[:-1], np.nextafter(edges[-1], np.inf)]) - 1


def median_and_spread(values, weight, fewest, confidence):
    """Effective number; median with the ends of its interval, 16 and 84 %; NaN where too few are effective."""
    effective = effective_size(weight)
    if effective < fewest:
        return effective, *[np.nan] * 5
    median = quantiles_with_intervals(values, weight, [0.5], confidence)
    return effective, *(float(end[0]) for end in median), *weighted_quantiles(values, weight, STANDARD)
