"""How well Einstein radii are measured."""

import itertools

import numpy as np
import pandas as pd

from lenspipe.stats.rates import binomial_interval
from lenspipe.stats.weights import effective_size, weighted_quantiles, weighted_share

OUTLIER = 0.3  # of |predicted - true| / true
RESAMPLES = 300
FEWEST = 5  # objects of a bin that is given numbers


def robust_sigma(difference):
    """Half of the range that holds the middle 68.27 % (sigma68)."""
    low, high = np.quantile(difference, [0.15865, 0.84135], axis=-1)
    return (high - low) / 2


def nmad(difference):
    """Normalised median absolute deviation: 1.4826 median |d - median d|."""
    return 1.4826 * np.median(np.abs(difference - np.median(difference, axis=-1, keepdims=True)), axis=-1)


STATISTICS = {  # of a difference predicted minus true, arcsec, along the last axis
    "bias": lambda d: np.median(d, axis=-1),
    "sigma68": robust_sigma,
    "nmad": nmad,
    "rmse": lambda d: np.sqrt(np.mean(d**2, axis=-1)),
}


def _outlying_and_covered(difference, theta_E, sigma):
    """Which lenses count for each of the shares."""
    counted = {"outliers": np.abs(difference) > OUTLIER * np.asarray(theta_E)}
    return counted if sigma is None else counted | {"coverage": np.abs(difference) < np.asarray(sigma)}


def weighted_statistics(difference, weight):
    """``STATISTICS`` of a weighted sample."""
    low, bias, high = weighted_quantiles(difference, weight, [0.15865, 0.5, 0.84135])
    return {
        "bias": bias,
        "sigma68": (high - low) / 2,
        "nmad": 1.4826 * weighted_quantiles(np.abs(difference - bias), weight, 0.5),
        "rmse": np.sqrt(np.average(difference**2, weights=weight)),
    }


def weighted_radius_summary(theta_E, predicted, sigma, weight, confidence, rng):
    """``radius_summary`` of weighted lenses.

    The bootstrap draws as many lenses as are effective, by their weights; shares have the binomial interval of so many.
    """
    difference, weight = np.asarray(predicted) - np.asarray(theta_E), np.asarray(weight, float)
    size = (RESAMPLES, int(effective_size(weight)))
    resampled = difference[rng.choice(len(weight), size, p=weight / weight.sum())]
    tail = (1 - confidence) / 2
    found = {}
    for name, value in weighted_statistics(difference, weight).items():
        low, high = np.quantile(STATISTICS[name](resampled), [tail, 1 - tail])
        found[name] = (float(value), float(min(low, value)), float(max(high, value)))
    shares = _outlying_and_covered(difference, theta_E, sigma)
    return found | {name: weighted_share(inside, weight, confidence) for name, inside in shares.items()}


def radius_summary(theta_E, predicted, sigma, confidence, rng):
    """Bias, scatter, outliers and coverage of predicted radii.

    Parameters
    ----------
    theta_E, predicted : array [n], arcsec
    sigma : array [n], arcsec, or None
        The regressor's own.
    confidence : float
    rng : numpy.random.Generator
        Of the bootstrap, whose percentiles are the intervals of ``STATISTICS``.

    Returns
    -------
    dict of str to (value, low, high)
        ``bias`` (median), ``sigma68``, ``nmad``, ``rmse``, arcsec; ``outliers``, the share with
        |predicted - true| > 0.3 true; ``coverage``, the share within one sigma (0.683 is right), with ``sigma`` only.
    """
    difference = np.asarray(predicted) - np.asarray(theta_E)
    n = len(difference)
    resampled = difference[rng.integers(0, n, (RESAMPLES, n))]
    tail = (1 - confidence) / 2
    found = {}
    for name, statistic in STATISTICS.items():
        low, high = np.quantile(statistic(resampled), [tail, 1 - tail])
        found[name] = (float(statistic(difference)), float(low), float(high))
    for name, inside in _outlying_and_covered(difference, theta_E, sigma).items():
        low, high = binomial_interval(inside.sum(), n, confidence)
        found[name] = (float(inside.mean()), float(low[0]), float(high[0]))
    return found


def radius_bins(theta_E, predicted, sigma, edges, method, confidence, rng):
    """The same in bins of true radius.

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
            own = None if sigma is None else np.asarray(sigma)[inside]
            for name, values in radius_summary(theta_E[inside], predicted[inside], own, confidence, rng).items():
                row |= dict(zip((name, f"{name}_low", f"{name}_high"), values, strict=True))
        rows.append(row)
    names = [*STATISTICS, "outliers", "coverage"]
    columns = ["method", "radius_low", "radius_high", "n"]
    return pd.DataFrame(rows).reindex(columns=columns + [f"{n}{end}" for n in names for end in ("", "_low", "_high")])
