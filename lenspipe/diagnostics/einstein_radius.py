"""How well Einstein radii are measured."""

import itertools

import numpy as np
import pandas as pd

from lenspipe.stats.medians import FEWEST
from lenspipe.stats.scatter import STATISTICS, radius_summary


def radius_bins(theta_E, predicted, sigma, *, edges, method, confidence, rng):
    """``radius_summary`` in bins of true radius.

    Parameters
    ----------
    theta_E, predicted : array [n], arcsec
    sigma : array [n], arcsec, or None
        The method's standard deviations.
    edges : sequence, arcsec
        Of the bins; the last one contains its upper edge.
    method : str
    confidence : float
        Of the intervals, 0 to 1.
    rng : numpy.random.Generator
        Of the bootstrap.

    Returns
    -------
    DataFrame [bin]
        ``method``, ``radius_low``, ``radius_high``, ``n``, and for each statistic its value, ``_low`` and ``_high``;
        NaN in bins with fewer than five objects.
    """
    theta_E, predicted = np.asarray(theta_E), np.asarray(predicted)
    edges = np.asarray(edges, float)
    rows = []
    for low, high in itertools.pairwise(edges):
        inside = (theta_E >= low) & ((theta_E < high) | ((high == edges[-1]) & (theta_E == high)))
        row = {"method": method, "radius_low": low, "radius_high": high, "n": int(inside.sum())}
        if row["n"] >= FEWEST:
            errors = None if sigma is None else np.asarray(sigma)[inside]
            summary = radius_summary(theta_E[inside], predicted[inside], errors, confidence=confidence, rng=rng)
            for name, values in summary.items():
                row |= dict(zip((name, f"{name}_low", f"{name}_high"), values, strict=True))
        rows.append(row)
    names = [*STATISTICS, "outliers", "coverage"]
    columns = ["method", "radius_low", "radius_high", "n"]
    return pd.DataFrame(rows).reindex(columns=columns + [f"{n}{end}" for n in names for end in ("", "_low", "_high")])


def radii_of_lenses(lenses):
    """The radii that are drawn as points: columns of ``lenses``, the headline's, as a DataFrame."""
    shown = ("id", "theta_E", "theta_E_pred", "theta_E_sigma", "arc_snr")
    return lenses[[name for name in shown if name in lenses]]
