"""Statistics weighted to the survey's mix of objects, and the effective number of objects behind them."""

import numpy as np

from lenspipe.stats.rates import binomial_interval

FEWEST_EFFECTIVE = 100  # effective objects that a weighted number needs
WEIGHTED = "weighted to the survey's (n: effective)"  # the summary's name for populations under the survey prior


def effective_size(weight):
    """Effective number of objects behind a weighted number, (sum w)^2 / sum w^2 (Kish 1965).

    Parameters
    ----------
    weight : array [n]

    Returns
    -------
    float
        0 if there is no weight.
    """
    weight = np.asarray(weight, float)
    return float(weight.sum() ** 2 / (weight**2).sum()) if weight.any() else 0.0


def priors_of(objects):
    """Weights of the training prior, and of the survey prior if enough effective objects support it.

    Parameters
    ----------
    objects : DataFrame [n]
        ``kind``, and ``weight`` (survey prior over training prior, up to a constant per kind) if it is known.

    Yields
    ------
    name, weight : str, array [n]
        The mean weight of each kind is 1, so that its share does not change. A kind without survey law keeps the
        training prior.
    """
    yield "training prior", np.ones(len(objects))
    if "weight" not in objects or objects["weight"].isna().all():
        return
    weight = (objects["weight"] / objects.groupby("kind")["weight"].transform("mean")).fillna(1.0).to_numpy()
    if effective_size(weight) >= FEWEST_EFFECTIVE:
        yield "survey prior", weight


def priors_of_both(objects):
    """As ``priors_of``, for the priors that enough effective lenses and enough effective non-lenses support.

    Parameters
    ----------
    objects : DataFrame [n]
        As for ``priors_of``, with ``is_lens``.

    Yields
    ------
    name, weight : str, array [n]
    """
    is_lens = objects["is_lens"].to_numpy(bool)
    lenses, non_lenses = (dict(priors_of(objects[chosen])) for chosen in (is_lens, ~is_lens))
    for prior in [prior for prior in lenses if prior in non_lenses]:
        weight = np.ones(len(objects))
        weight[is_lens], weight[~is_lens] = lenses[prior], non_lenses[prior]
        yield prior, weight


def weighted_share(hits, weight, confidence):
    """Share of the weight that is hit, with the binomial interval for the effective number of objects.

    Parameters
    ----------
    hits : bool array [n]
    weight : array [n]
    confidence : float

    Returns
    -------
    value, low, high : float
    """
    effective = effective_size(weight)
    if not effective:
        return np.nan, np.nan, np.nan
    value = float(np.average(hits, weights=weight))
    low, high = binomial_interval(value * effective, effective, confidence)
    # With less than one event the interval may not hold the value.
    return value, min(float(low[0]), value), max(float(high[0]), value)


def weighted_shares(hits, weight, place, *, count, confidence):
    """As ``weighted_share``, in bins.

    Parameters
    ----------
    hits : bool array [n]
    weight : array [n]
    place : int array [n]
        Bin of each object, below ``count``.
    count : int
        Number of bins.
    confidence : float

    Returns
    -------
    dict of str to array [count]
        ``trials``, the effective number; ``events``, the number of them that are hit; ``rate``, ``low``, ``high``.
    """
    hits, weight = np.asarray(hits, bool), np.asarray(weight, float)
    total, squares, hit = (np.bincount(place, w, count) for w in (weight, weight**2, hits * weight))
    # Multiply before dividing: then the numbers are whole where all weights are 1.
    trials, events = (np.divide(w * total, squares, out=np.zeros(count), where=total > 0) for w in (total, hit))
    rate = np.divide(hit, total, out=np.full(count, np.nan), where=total > 0)
    low, high = binomial_interval(events, trials, confidence)
    return {"events": events, "trials": trials, "rate": rate, "low": np.fmin(low, rate), "high": np.fmax(high, rate)}


def weighted_quantiles(values, weight, shares):
    """Quantiles of a weighted sample, linear between the mid-points of the steps of its distribution.

    Parameters
    ----------
    values, weight : array [n]
    shares : float or array [m]
        0 to 1. With equal weights the definition is Hazen's (numpy's method ``hazen``).

    Returns
    -------
    float or array [m]
        In the unit of ``values``.
    """
    order = np.argsort(values, kind="stable")
    steps = np.asarray(weight, float)[order]
    middle = (np.cumsum(steps) - steps / 2) / steps.sum()
    return np.interp(shares, middle, np.asarray(values)[order])


def quantiles_with_intervals(values, weight, shares, confidence):
    """Quantiles of a weighted sample with confidence intervals.

    The number of objects below a true quantile is binomial. The interval therefore runs between the quantiles at the
    ends of the binomial interval of the share (distribution-free; Conover 1999, section 3.2).

    Parameters
    ----------
    values, weight : array [n]
    shares : array [m]
        0 to 1.
    confidence : float

    Returns
    -------
    value, low, high : array [m]
        In the unit of ``values``.
    """
    shares, effective = np.asarray(shares, float), effective_size(weight)
    ends = binomial_interval(shares * effective, effective, confidence)
    return tuple(weighted_quantiles(values, weight, at) for at in (shares, *ends))
