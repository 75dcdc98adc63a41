"""Bias, scatter, outliers and coverage of measured numbers, with intervals."""

import numpy as np

from lenspipe.stats.rates import binomial_interval
from lenspipe.stats.weights import effective_size, weighted_quantiles, weighted_share

OUTLIER = 0.3  # of |predicted - true| / true
RESAMPLES = 300


def robust_sigma(difference):
    """Half of the range that holds the middle 68.27 % (sigma68) of ``difference``, array [..., n]: array [...]."""
    low, high = np.quantile(difference, [0.15865, 0.84135], axis=-1)
    return (high - low) / 2


def nmad(difference):
    """Normalised median absolute deviation, 1.4826 median |d - median d|, of ``difference`` [..., n]: array [...]."""
    return 1.4826 * np.median(np.abs(difference - np.median(difference, axis=-1, keepdims=True)), axis=-1)


STATISTICS = {  # of a difference predicted minus true, arcsec, along the last axis
    "bias": lambda d: np.median(d, axis=-1),
    "sigma68": robust_sigma,
    "nmad": nmad,
    "rmse": lambda d: np.sqrt(np.mean(d**2, axis=-1)),
}


def weighted_statistics(difference, weight):
    """``STATISTICS`` of a weighted sample, ``difference`` and ``weight`` [n]: dict of str to float."""
    low, bias, high = weighted_quantiles(difference, weight, [0.15865, 0.5, 0.84135])
    return {
        "bias": bias,
        "sigma68": (high - low) / 2,
        "nmad": 1.4826 * weighted_quantiles(np.abs(difference - bias), weight, 0.5),
        "rmse": np.sqrt(np.average(difference**2, weights=weight)),
    }


def radius_summary(theta_E, predicted, sigma, *, confidence, rng):
    """Bias, scatter, outliers and coverage of predicted radii.

    Parameters
    ----------
    theta_E, predicted : array [n], arcsec
    sigma : array [n], arcsec, or None
        The method's standard deviations.
    confidence : float
        Of the intervals, 0 to 1.
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
    summary = {}
    for name, statistic in STATISTICS.items():
        low, high = np.quantile(statistic(resampled), [tail, 1 - tail])
        summary[name] = (float(statistic(difference)), float(low), float(high))
    for name, inside in _outlying_and_covered(difference, theta_E, sigma).items():
        low, high = binomial_interval(inside.sum(), n, confidence)
        summary[name] = (float(inside.mean()), float(low[0]), float(high[0]))
    return summary


def weighted_radius_summary(theta_E, predicted, sigma, weight, *, confidence, rng):
    """``radius_summary`` of weighted lenses.

    The bootstrap draws as many lenses as are effective, by their weights; shares have the binomial interval of so many.

    Parameters
    ----------
    theta_E, predicted : array [n], arcsec
    sigma : array [n], arcsec, or None
    weight : array [n]
    confidence : float
    rng : numpy.random.Generator

    Returns
    -------
    dict of str to (value, low, high)
    """
    difference, weight = np.asarray(predicted) - np.asarray(theta_E), np.asarray(weight, float)
    size = (RESAMPLES, int(effective_size(weight)))
    resampled = difference[rng.choice(len(weight), size, p=weight / weight.sum())]
    tail = (1 - confidence) / 2
    summary = {}
    for name, value in weighted_statistics(difference, weight).items():
        low, high = np.quantile(STATISTICS[name](resampled), [tail, 1 - tail])
        summary[name] = (float(value), float(min(low, value)), float(max(high, value)))
    shares = _outlying_and_covered(difference, theta_E, sigma)
    return summary | {name: weighted_share(inside, weight, confidence) for name, inside in shares.items()}


def _outlying_and_covered(difference, theta_E, sigma):
    """Which lenses count for each of the shares."""
    counted = {"outliers": np.abs(difference) > OUTLIER * np.asarray(theta_E)}
    return counted if sigma is None else counted | {"coverage": np.abs(difference) < np.asarray(sigma)}
