"""Numbers for the survey's own mix of objects: weighted, with the effective number of objects behind them."""

import numpy as np

from lenspipe.stats.rates import binomial_interval

FEWEST_EFFECTIVE = 100  # effective objects behind a weighted number
WEIGHTED = "weighted to the survey's (n: effective)"  # how the summary calls a population with the survey's prior


def effective_size(weight):
    """Effective number of objects behind a weighted number, (sum w)^2 / sum w^2 (Kish 1965); 0 for none.

    Parameters
    ----------
    weight : array [n]
    """
    weight = np.asarray(weight, float)
    return float(weight.sum() ** 2 / (weight**2).sum()) if weight.any() else 0.0


def priors_of(objects):
    """The training prior, and the survey's where weights are known and enough effective objects carry it.

    Parameters
    ----------
    objects : DataFrame
        ``kind``, and ``weight`` (survey prior over training prior, up to a constant for each kind) if it is known.

    Yields
    ------
    name, weight : str, array [n]
        Mean weight 1 in each kind: its share stays. A kind without survey law keeps the training prior.
    """
    yield "training prior", np.ones(len(objects))
    if "weight" not in objects or objects["weight"].isna().all():
        return
    weight = (objects["weight"] / objects.groupby("kind")["weight"].transform("mean")).fillna(1.0).to_numpy()
    if effective_size(weight) >= FEWEST_EFFECTIVE:
        yield "survey prior", weight


def priors_of_both(objects):
    """The same, for the priors that enough effective lenses as well as non-lenses carry.

    Parameters
    ----------
    objects : DataFrame
        ``is_lens`` too.
    """
    is_lens = objects["is_lens"].to_numpy(bool)
    lenses, others = (dict(priors_of(objects[which])) for which in (is_lens, ~is_lens))
    for prior in [prior for prior in lenses if prior in others]:
        weight = np.ones(len(objects))
        weight[is_lens], weight[~is_lens] = lenses[prior], others[prior]
        yield prior, weight


def weighted_share(hits, weight, confidence):
    """Share of the weight that is hit, with the binomial interval of as many objects as are effective.

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
    return value, min(float(low[0]), value), max(float(high[0]), value)  # of less than one event they may not hold it


def weighted_shares(hits, weight, place, *, count, confidence):
    """The same in bins.

    Parameters
    ----------
    hits : bool array [n]
    weight : array [n]
    place : int array [n]
        Each object's bin, below ``count``.
    count : int
    confidence : float

    Returns
    -------
    dict of str to array [count]
        ``trials``, effective number; ``events``, the share of them that is hit; ``rate``, ``low``, ``high``.
    """
    hits, weight = np.asarray(hits, bool), np.asarray(weight, float)
    total, squares, hit = (np.bincount(place, w, count) for w in (weight, weight**2, hits * weight))
    # Whole numbers where all weights are 1: no quotient before its product.
    trials, events = (np.divide(w * total, squares, out=np.zeros(count), where=total > 0) for w in (total, hit))
    rate = np.divide(hit, total, out=np.full(count, np.nan), where=total > 0)
    low, high = binomial_interval(events, trials, confidence)
    return {"events": events, "trials": trials, "rate": rate, "low": np.fmin(low, rate), "high": np.fmax(high, rate)}


def weighted_quantiles(values, weight, shares):
    """Quantiles of a weighted sample, linear between the mid-points of the objects' steps.

    Parameters
    ----------
    values, weight : array [n]
    shares : float or array [m]
        0 to 1. With equal weights the definition is Hazen's (numpy's method ``hazen``).

    Returns
    -------
    float or array [m]
    """
    order = np.argsort(values, kind="stable")
    steps = np.asarray(weight, float)[order]
    middle = (np.cumsum(steps) - steps / 2) / steps.sum()
    return np.interp(shares, middle, np.asarray(values)[order])


def quantiles_with_intervals(values, weight, shares, confidence):
    """Quantiles of a weighted sample with their intervals.

    The number of objects below a true quantile is binomial, so that the quantiles at the ends of the share's interval
    hold it (distribution-free; Conover 1999, section 3.2).

    Parameters
    ----------
    values, weight : array [n]
    shares : array [m]
        0 to 1.
    confidence : float

    Returns
    -------
    value, low, high : array [m]
    """
    shares, effective = np.asarray(shares, float), effective_size(weight)
    ends = binomial_interval(shares * effective, effective, confidence)
    return tuple(weighted_quantiles(values, weight, at) for at in (shares, *ends))
