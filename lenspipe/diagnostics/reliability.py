"""Whether a score is a probability: reliability, Brier score, calibration error."""

import numpy as np
import pandas as pd

from lenspipe.stats.weights import WEIGHTED, effective_size, priors_of_both, weighted_shares

BALANCED = 0.5  # share of lenses that the classes are weighted to, as the networks are trained
EDGES = np.linspace(0, 1, 21)  # of the diagram
BINS = 20  # of equal numbers of objects, for the calibration error
RESAMPLES = 300


def shifted(probability, before, after):
    """A probability of being a lens, at another share of lenses.

    Parameters
    ----------
    probability : float or array
        Right where the share of lenses is ``before``.
    before, after : float

    Returns
    -------
    float or array
        The odds times the ratio of the prior odds. Source: Saerens, Latinne & Decaestecker 2002, equation 2.4.
    """
    right = probability * after / before
    return right / (right + (1 - probability) * (1 - after) / (1 - before))


def class_weights(is_lens, share, weight=None):
    """Weights [n] that give the lenses a share: of objects that count alike, or by their ``weight``."""
    is_lens = np.asarray(is_lens, bool)
    weight = np.ones(len(is_lens)) if weight is None else weight
    own = np.average(is_lens, weights=weight)
    return weight * np.where(is_lens, share / own, (1 - share) / (1 - own))


def reliability(objects, confidence):
    """Share of lenses among objects of like score, the classes weighted to equal shares.

    Parameters
    ----------
    objects : DataFrame
        ``is_lens``, ``score``, ``kind``; ``weight`` if it is known.
    confidence : float

    Returns
    -------
    DataFrame [bin]
        ``prior``, ``score_low``, ``score_high``, ``score`` (weighted mean), ``events`` (lenses) and ``trials``
        (effective numbers), ``rate``, ``low``, ``high``, ``lens_fraction`` that they are weighted to. The interval is
        the binomial one of the share at the prior's own mix, moved to the same share of lenses as ``rate``.
    """
    score, is_lens = objects["score"].to_numpy(), objects["is_lens"].to_numpy()
    place = np.clip(np.searchsorted(EDGES, score, side="right") - 1, 0, len(EDGES) - 2)
    parts = []
    for prior, weight in priors_of_both(objects):
        own = np.average(is_lens, weights=weight)
        found = weighted_shares(is_lens, weight, place, count=len(EDGES) - 1, confidence=confidence)
        balanced = class_weights(is_lens, BALANCED, weight)
        total, mean = (np.bincount(place, w, len(EDGES) - 1) for w in (balanced, balanced * score))
        mean = np.divide(mean, total, out=np.full(len(total), np.nan), where=total > 0)
        found |= {name: shifted(found[name], own, BALANCED) for name in ("rate", "low", "high")}
        parts.append(pd.DataFrame({"score_low": EDGES[:-1], "score_high": EDGES[1:], "score": mean} | found))
        parts[-1].insert(0, "prior", prior)
    return pd.concat(parts, ignore_index=True).assign(lens_fraction=BALANCED)


def squared_calibration_error(score, is_lens, weight, place):
    """Mean squared distance of score and share of lenses in bins: plug-in, and with its noise taken off.

    In a bin with residuals r = score - is_lens of weighted mean d, the plug-in is d^2; its expectation exceeds the true
    one by the variance of d, which is estimated by n / (n - 1) sum w^2 (r - d)^2 / (sum w)^2. With equal weights and
    one score a bin this is the debiased estimator of Kumar, Liang & Ma 2019, "Verified uncertainty calibration".

    Parameters
    ----------
    score, is_lens, weight : array [n]
    place : int array [n]
        Each object's bin.

    Returns
    -------
    plug_in, debiased : float
        The second may be negative.
    """
    residual = score - is_lens
    n = np.bincount(place)
    weighed = np.bincount(place, weight)
    n, weighed = np.maximum(n, 1), np.where(weighed > 0, weighed, 1.0)
    d = np.bincount(place, weight * residual) / weighed
    noise = np.bincount(place, (weight * (residual - d[place])) ** 2) / weighed**2
    share = np.bincount(place, weight) / weight.sum()
    return share @ d**2, share @ (d**2 - noise * n / np.maximum(n - 1, 1))


def calibration_summary(objects, confidence, rng):
    """Rows of ``columns.SUMMARY``: Brier score and debiased calibration error of the scores.

    With the classes weighted to equal shares, as in training, for the training prior and the survey's; and for the mix
    as it is, with the scores as they are and with those that Bayes' rule makes of them for the mix's share of lenses.
    Intervals are a bootstrap's, each class drawn anew; for the calibration error the percentiles are moved by what
    debiasing takes off, as a resample takes the plug-in value for the truth.

    Parameters
    ----------
    objects : DataFrame
        ``is_lens``, ``score``.
    confidence : float
    rng : numpy.random.Generator

    Returns
    -------
    list of tuple
    """
    score, is_lens = objects["score"].to_numpy(), objects["is_lens"].to_numpy()
    own, equal = is_lens.mean(), np.ones(len(is_lens))
    cases = {  # population: probability, weight
        f"all objects, classes weighted to a lens fraction of {BALANCED:g}": (score, class_weights(is_lens, BALANCED)),
        f"all objects, lens fraction {own:.3g}, scores as they are": (score, equal),
        f"all objects, lens fraction {own:.3g}, scores by Bayes' rule": (shifted(score, BALANCED, own), equal),
    }
    numbers = dict.fromkeys(cases, len(score))
    for _, weight in list(priors_of_both(objects))[1:]:
        said = f"all objects {WEIGHTED}, to a lens fraction of {BALANCED:g}"
        cases[said] = (score, class_weights(is_lens, BALANCED, weight))
        numbers[said] = int(effective_size(cases[said][1]))
    rows = []
    for said, (probability, weight) in cases.items():
        found = _with_intervals(probability, is_lens, weight, confidence, rng)
        rows += [(metric, *values, numbers[said], said) for metric, values in found.items()]
    return rows


def _with_intervals(score, is_lens, weight, confidence, rng):
    inner = np.quantile(score, np.arange(1, BINS) / BINS)
    place = np.searchsorted(inner, score, side="right")

    def measured(chosen):
        squares = squared_calibration_error(score[chosen], is_lens[chosen], weight[chosen], place[chosen])
        return np.average((score[chosen] - is_lens[chosen]) ** 2, weights=weight[chosen]), *squares

    classes = [np.flatnonzero(is_lens), np.flatnonzero(~is_lens)]
    resampled = [measured(np.concatenate([rng.choice(c, len(c)) for c in classes])) for _ in range(RESAMPLES)]
    brier, plug_in, debiased = measured(np.arange(len(score)))
    tail = (1 - confidence) / 2
    low, high = np.quantile(resampled, [tail, 1 - tail], axis=0)
    moved = debiased - plug_in
    error = np.sqrt(np.clip([debiased, min(low[2] + moved, debiased), max(high[2] + moved, debiased)], 0, None))
    return {"Brier score": (brier, low[0], high[0]), "calibration error, debiased": tuple(error.tolist())}
