"""Rates with their intervals, in bins of a radius."""

import numpy as np
import pandas as pd
from scipy.special import betaincinv

DRAWS = 4000  # of each rate, for the interval of a quotient of rates


def binomial_interval(events, trials, confidence):
    """Interval of a binomial rate (Jeffreys: equal tails of the Beta law); NaN where there are no trials.

    It begins at 0 without an event, and ends at 1 if all trials are events (Brown, Cai & DasGupta 2001). That of
    astropy is the same for whole numbers, and cuts others to such.

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
    """Least threshold that at most a share ``rate`` of the scores exceeds.

    Parameters
    ----------
    scores : array [n]
        Of non-lenses.
    rate : float

    Returns
    -------
    float
        An object is selected if its score is greater.
    """
    allowed = int(rate * len(scores) + 1e-9)
    return threshold_allowing(scores, allowed)


def threshold_allowing(scores, allowed):
    """Least threshold that at most ``allowed`` of the scores exceed."""
    if allowed >= len(scores):
        return -np.inf
    return float(np.sort(scores)[::-1][allowed])


def threshold_keeping(scores, weight, share):
    """Greatest threshold that at least a share of the weight exceeds.

    Parameters
    ----------
    scores, weight : array [n]
        Of lenses.
    share : float
        Completeness that is kept.

    Returns
    -------
    float
        An object is selected if its score is greater.
    """
    order = np.argsort(scores)[::-1]
    kept = np.cumsum(np.asarray(weight, float)[order])
    last = np.argmax(kept >= share * kept[-1] * (1 - 1e-9))
    return float(np.nextafter(np.asarray(scores, float)[order[last]], -np.inf))


def rates_in_bins(selected, radius, edges, confidence):
    """Share of selected objects in bins of radius.

    Parameters
    ----------
    selected : bool array [n]
    radius : array [n], arcsec
    edges : sequence, arcsec
        Of bins; the last one contains its upper edge.
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
    """Share of false ones among selected candidates, in bins of a radius, at a prevalence of lenses.

    With f the share of a class that is selected and lies in a bin, (1 - p) f_false / ((1 - p) f_false + p f_true).
    The interval comes from draws of both shares' Jeffreys posteriors.

    Parameters
    ----------
    selected, is_lens : bool array [n]
    radius : array [n], arcsec
    edges : sequence, arcsec
    prevalence : float
        Lenses per candidate, p.
    confidence : float
    rng : numpy.random.Generator

    Returns
    -------
    DataFrame [bin]
        As ``rates_in_bins``: ``events`` are false ones, ``trials`` all selected ones of the simulated mix.
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
    # With no false one at all the draws lie above 0, and with no true one below 1: the interval holds the estimate.
    low, high = np.fmin(low, rate), np.fmax(high, rate)
    low[np.isnan(rate)] = high[np.isnan(rate)] = np.nan
    return _table(edges, false, true + false, rate=rate, low=low, high=high)


def _table(edges, events, trials, *, rate, low, high):
    columns = {"radius_low": edges[:-1], "radius_high": edges[1:], "events": events, "trials": trials}
    return pd.DataFrame(columns | {"rate": rate, "low": low, "high": high})
