"""Whether a score is a probability: reliability, Brier score, calibration error."""

import numpy as np
import pandas as pd

from lenspipe.stats.calibration import class_weights, shifted, squared_calibration_error
from lenspipe.stats.weights import WEIGHTED, effective_size, priors_of_both, weighted_shares

BALANCED = 0.5  # share of lenses that the classes are weighted to, as the networks are trained
EDGES = np.linspace(0, 1, 21)  # of the diagram
BINS = 20  # of equal numbers of objects, for the calibration error
RESAMPLES = 300


def table(objects, *, thresholds, edges, confidence):
    """reliability.csv: a DataFrame, of ``reliability``.

    ``objects`` is a DataFrame; ``thresholds`` a dict of str to float; ``edges`` a sequence, arcsec; ``confidence`` a
    float, 0 to 1: see ``diagnostics.optional_tables``.
    """
    return reliability(objects, confidence)


def reliability(objects, confidence):
    """Share of lenses among objects of like score, the classes weighted to equal shares.

    Parameters
    ----------
    objects : DataFrame
        ``is_lens``, ``score``, ``kind``; ``weight`` where there is one.
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
        before = np.average(is_lens, weights=weight)
        rates = weighted_shares(is_lens, weight, place, count=len(EDGES) - 1, confidence=confidence)
        balanced = class_weights(is_lens, BALANCED, weight)
        total, mean = (np.bincount(place, w, len(EDGES) - 1) for w in (balanced, balanced * score))
        mean = np.divide(mean, total, out=np.full(len(total), np.nan), where=total > 0)
        rates |= {name: shifted(rates[name], before, BALANCED) for name in ("rate", "low", "high")}
        parts.append(pd.DataFrame({"score_low": EDGES[:-1], "score_high": EDGES[1:], "score": mean} | rates))
        parts[-1].insert(0, "prior", prior)
    return pd.concat(parts, ignore_index=True).assign(lens_fraction=BALANCED)


def calibration_summary(objects, confidence, rng):
    """Rows of ``columns.SUMMARY`` but the method: Brier score and debiased calibration error of the scores.

    With the classes weighted to equal shares, as in training, for the training prior and the survey's; and for the mix
    as it is, with the scores as they are and with those that Bayes' rule makes of them for the mix's share of lenses.
    Intervals are a bootstrap's, each class resampled; for the calibration error the percentiles are moved by what
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
    share, equal = is_lens.mean(), np.ones(len(is_lens))
    cases = {  # population: probability, weight
        f"all objects, classes weighted to a lens fraction of {BALANCED:g}": (score, class_weights(is_lens, BALANCED)),
        f"all objects, lens fraction {share:.3g}, scores as they are": (score, equal),
        f"all objects, lens fraction {share:.3g}, scores by Bayes' rule": (shifted(score, BALANCED, share), equal),
    }
    numbers = dict.fromkeys(cases, len(score))
    for _, weight in list(priors_of_both(objects))[1:]:
        population = f"all objects {WEIGHTED}, to a lens fraction of {BALANCED:g}"
        cases[population] = (score, class_weights(is_lens, BALANCED, weight))
        numbers[population] = int(effective_size(cases[population][1]))
    rows = []
    for population, (probability, weight) in cases.items():
        errors = _with_intervals(probability, is_lens, weight, confidence=confidence, rng=rng)
        rows += [(metric, *values, numbers[population], population) for metric, values in errors.items()]
    return rows


def _with_intervals(score, is_lens, weight, *, confidence, rng):
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
