"""The thresholds at which methods are compared."""

from lenspipe.stats.rates import threshold_at


def thresholds_at(scores, rates, where="validation"):
    """Thresholds with a false-positive rate.

    Parameters
    ----------
    scores : Series
        Of non-lenses.
    rates : sequence of float
    where : str
        What the scores are of: a part of the names.

    Returns
    -------
    dict of str to float
    """
    return {f"FPR {rate:g} on {where}": threshold_at(scores.to_numpy(), rate) for rate in rates}


def headline_thresholds(objects, rates, where="validation"):
    """Score 0.5, and the thresholds with a false-positive rate on some objects.

    Parameters
    ----------
    objects : DataFrame
        ``is_lens``, ``score``.
    rates : sequence of float
    where : str

    Returns
    -------
    dict of str to float
    """
    non_lenses = objects.loc[~objects["is_lens"], "score"]
    return {"score 0.5": 0.5} | (thresholds_at(non_lenses, rates, where) if len(non_lenses) else {})
