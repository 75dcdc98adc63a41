"""Comparison of two samples: area under the ROC curve within folds, differences of medians, K-S tests."""

import numpy as np
import pandas as pd
from scipy.stats import ks_2samp

from lenspipe.measure.stamp_features import group_of

MIN_VALUES = 5  # in each sample, for a comparison


def assign_folds(is_real, folds, rng, *, partner=None):
    """Assign stamps to folds at random, with equal shares of real and of simulated ones in each.

    Parameters
    ----------
    is_real : bool array [n]
    folds : int
        Number of folds.
    rng : numpy.random.Generator
    partner : int array [n], optional
        A number for each real stamp, and for a simulated one the number of the real stamp that it was matched to. Both
        get the same fold; otherwise a classifier could recognise a real stamp by the features of its matches.

    Returns
    -------
    int array [n]
        From 0.
    """
    fold = np.empty(len(is_real), int)
    for which in (is_real, ~is_real):
        fold[which] = rng.permutation(which.sum()) % folds
    if partner is not None:
        fold_of_partner = dict(zip(partner[is_real].tolist(), fold[is_real].tolist(), strict=True))
        fold = np.array([fold_of_partner.get(k, f) for k, f in zip(partner.tolist(), fold.tolist(), strict=True)])
    return fold


def pairwise_wins(scores, is_real, fold=None):
    """Which real stamp scores above which simulated one, among pairs within a fold, which one classifier scored.

    Parameters
    ----------
    scores : array [n]
        Higher is more real.
    is_real : bool array [n]
    fold : int array [n], optional
        All stamps in one fold if not given.

    Returns
    -------
    wins : array [real, simulated]
        1, a half for equal scores, or 0.
    pairs : array [real, simulated]
        1 for a pair within a fold, otherwise 0.
    """
    real, simulated = scores[is_real][:, None], scores[~is_real][None]
    wins = (real > simulated) + 0.5 * (real == simulated)
    fold = np.zeros(len(scores), int) if fold is None else fold
    pairs = (fold[is_real][:, None] == fold[~is_real][None]).astype(float)
    return wins * pairs, pairs


def auc_with_interval(wins, pairs, *, draws, rng, confidence):
    """Share of pairs in which the real stamp scores higher, with a bootstrap interval over stamps.

    Parameters
    ----------
    wins, pairs : array [real, simulated]
        From ``pairwise_wins``, or sums of it over several seeds.
    draws : int
        Bootstrap samples of real and of simulated stamps.
    rng : numpy.random.Generator
    confidence : float
        Confidence of the interval.

    Returns
    -------
    value, low, high : float
        Classifiers are not retrained: the interval is that of the same classifiers on other stamps.
    """
    n, m = wins.shape
    real, simulated = (rng.multinomial(k, np.full(k, 1 / k), draws).astype(float) for k in (n, m))
    won, compared = (np.einsum("dn,nm,dm->d", real, part, simulated, optimize=True) for part in (wins, pairs))
    tail = (1 - confidence) / 2
    low, high = np.quantile(won[compared > 0] / compared[compared > 0], [tail, 1 - tail])
    return float(wins.sum() / pairs.sum()), float(low), float(high)


def compare_features(real, simulated, *, draws, rng, confidence):
    """Compare the two samples in each feature: medians, their difference, K-S test, area under the ROC curve.

    Parameters
    ----------
    real, simulated : DataFrame [n], DataFrame [m]
        From ``measure_stamps``.
    draws : int
        Bootstrap samples.
    rng : numpy.random.Generator
    confidence : float
        Confidence of the intervals.

    Returns
    -------
    DataFrame
        ``feature``, ``group``, ``real``, ``simulated`` (medians), ``difference`` (real minus simulated) with ``low``,
        ``high`` (bootstrap), ``ks``, ``p``, ``auc`` (0.5: no difference; above: larger in real stamps) with
        ``auc_low``, ``auc_high``, ``n_real``, ``n_simulated``: stamps in which the feature could be measured.
    """
    rows = []
    for feature in real:
        a, b = (table[feature].dropna().to_numpy(float) for table in (real, simulated))
        row = {"feature": feature, "group": group_of(feature), "n_real": len(a), "n_simulated": len(b)}
        if min(len(a), len(b)) >= MIN_VALUES:
            row |= _compare(a, b, draws, rng, confidence)
        rows.append(row)
    columns = ["feature", "group", "real", "simulated", "difference", "low", "high", "ks", "p"]
    return pd.DataFrame(rows).reindex(columns=[*columns, "auc", "auc_low", "auc_high", "n_real", "n_simulated"])


def _compare(a, b, draws, rng, confidence):
    tail = (1 - confidence) / 2
    medians = [np.median(x[rng.integers(len(x), size=(draws, len(x)))], axis=1) for x in (a, b)]
    low, high = np.quantile(medians[0] - medians[1], [tail, 1 - tail])
    test = ks_2samp(a, b)
    wins = pairwise_wins(np.concatenate([a, b]), np.arange(len(a) + len(b)) < len(a))
    auc = auc_with_interval(*wins, draws=draws, rng=rng, confidence=confidence)
    result = {"real": np.median(a), "simulated": np.median(b), "difference": np.median(a) - np.median(b)}
    result |= {"low": low, "high": high, "ks": test.statistic, "p": test.pvalue}
    return result | dict(zip(("auc", "auc_low", "auc_high"), auc, strict=True))
