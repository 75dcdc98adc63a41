"""Rates with confidence intervals, also in bins of radius, and score thresholds at given rates."""

import numpy as np
import pandas as pd
from scipy.special import betaincinv

DRAWS = 4000  # per rate, for the interval of a quotient of rates


def binomial_interval(events, trials, confidence):
    """Confidence interval of a binomial rate: Jeffreys, with equal tails of the Beta law; NaN without trials.

    The interval starts at 0 without events and ends at 1 if all trials are events (Brown, Cai & DasGupta 2001).
    astropy's interval is the same for whole numbers but truncates others.

    Parameters
    ----------
    events, trials : array [n]
        Numbers, or effective numbers of weighted objects, which need not be whole.
    confidence : float

    Returns
    -------
    low, high : array [n]
    """
    events, trials = np.broadcast_arrays(np.atleast_1d(events).astype(float), np.atleast_1d(trials).astype(float))
    low, high = np.full((2, len(events)), np.nan)
    some = trials > 0
    law, tail = (events[some] + 0.5, np.maximum(trials - events, 0)[some] + 0.5), (1 - confidence) / 2
    low[some] = np.where(events[some] > 0, betaincinv(*law, tail), 0.0)
    high[some] = np.where(events[some] < trials[some], betaincinv(*law, 1 - tail), 1.0)
    return low, high


def threshold_at(scores, rate):
    """Lowest threshold that at most a given share of the scores exceeds.

    Parameters
    ----------
    scores : array [n]
        Of non-lenses.
    rate : float
        The share.

    Returns
    -------
    float
        An object is selected if its score is greater.
    """
    allowed = int(rate * len(scores) + 1e-9)
    return threshold_allowing(scores, allowed)


def threshold_allowing(scores, allowed):
    """Lowest threshold, float, that at most ``allowed``, int, of the ``scores``, array [n], exceed."""
    if allowed >= len(scores):
        return -np.inf
    return float(np.sort(scores)[::-1][allowed])


def threshold_keeping(scores, weight, share):
    """Highest threshold that at least a given share of the weight exceeds.

    Parameters
    ----------
    scores, weight : array [n]
        Of lenses.
    share : float
        Completeness to keep.

    Returns
    -------
    float
        An object is selected if its score is greater.
    """
    order = np.argsort(scores)[::-1]
    selected = np.cumsum(np.asarray(weight, float)[order])
    last = np.argmax(selected >= share * selected[-1] * (1 - 1e-9))
    return float(np.nextafter(np.asarray(scores, float)[order[last]], -np.inf))


def rates_in_bins(selected, radius, edges, confidence):
    """Share of selected objects in bins of radius.

    Parameters
    ----------
    selected : bool array [n]
    radius : array [n], arcsec
    edges : sequence of float, arcsec
        Of the bins; the last bin includes its upper edge.
    confidence : float

    Returns
    -------
    DataFrame [bin]
        ``radius_low``, ``radius_high``, ``events``, ``trials``, ``rate``, ``low``, ``high``.
    """
    trials = np.histogram(radius, edges)[0]
    events = np.histogram(np.asarray(radius)[np.asarray(selected, bool)], edges)[0]
    low, high = binomial_interval(events, trials, confidence)
    rate = np.divide(events, trials, out=np.full(len(trials), np.nan), where=trials > 0)
    return _table(edges, events, trials, rate=rate, low=low, high=high)


def contamination(selected, is_lens, radius, *, edges, prevalence, confidence, rng):
    """Share of false positives among selected candidates, in bins of radius, at a prevalence of lenses.

    With f the share of a class that is selected and lies in a bin, (1 - p) f_false / ((1 - p) f_false + p f_true).
    The interval comes from draws of the Jeffreys posteriors of both shares.

    Parameters
    ----------
    selected, is_lens : bool array [n]
    radius : array [n], arcsec
    edges : sequence of float, arcsec
        Of the bins.
    prevalence : float
        Lenses per candidate, p.
    confidence : float
    rng : numpy.random.Generator

    Returns
    -------
    DataFrame [bin]
        As ``rates_in_bins``: ``events`` are false positives, ``trials`` all selected objects of the simulated mix.
    """
    selected, is_lens, radius = np.asarray(selected, bool), np.asarray(is_lens, bool), np.asarray(radius)
    n_true, n_false = is_lens.sum(), (~is_lens).sum()
    true = np.histogram(radius[selected & is_lens], edges)[0]
    false = np.histogram(radius[selected & ~is_lens], edges)[0]

    def share(f_false, f_true):
        wrong, right = (1 - prevalence) * f_false, prevalence * f_true
        return np.divide(wrong, wrong + right, out=np.full(np.shape(wrong), np.nan), where=wrong + right > 0)

    size = (DRAWS, len(true))
    f_false = rng.beta(false + 0.5, n_false - false + 0.5, size)
    f_true = rng.beta(true + 0.5, n_true - true + 0.5, size)
    tail = (1 - confidence) / 2
    low, high = np.quantile(share(f_false, f_true), [tail, 1 - tail], axis=0)
    rate = share(false / n_false, true / n_true)
    # Without false positives all draws are above 0, without true ones below 1: extend the interval to the estimate.
    low, high = np.fmin(low, rate), np.fmax(high, rate)
    low[np.isnan(rate)] = high[np.isnan(rate)] = np.nan
    return _table(edges, false, true + false, rate=rate, low=low, high=high)


def _table(edges, events, trials, *, rate, low, high):
    columns = {"radius_low": edges[:-1], "radius_high": edges[1:], "events": events, "trials": trials}
    return pd.DataFrame(columns | {"rate": rate, "low": low, "high": high})
