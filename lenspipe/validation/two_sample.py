"""How well two samples can be told apart: area under the ROC curve within folds, differences, K-S tests."""

import numpy as np
import pandas as pd
from scipy.stats import ks_2samp

from lenspipe.measure.stamp_features import group_of

FEWEST = 5  # values in each sample that a comparison needs


def folds_of(is_real, folds, rng, partner=None):
    """Fold of each stamp, at random, an equal share of real and of simulated ones in each.

    Parameters
    ----------
    is_real : bool array [n]
    folds : int
    rng : numpy.random.Generator
    partner : int array [n], optional
        A number for each real stamp, and for a simulated one that of the real stamp that it was matched to: both then
        share a fold. Otherwise a judge would know the place of a real stamp, among features, as its twins' place.

    Returns
    -------
    int array [n]
    """
    fold = np.empty(len(is_real), int)
    for which in (is_real, ~is_real):
        fold[which] = rng.permutation(which.sum()) % folds
    if partner is not None:
        own = dict(zip(partner[is_real].tolist(), fold[is_real].tolist(), strict=True))
        fold = np.array([own.get(k, f) for k, f in zip(partner.tolist(), fold.tolist(), strict=True)])
    return fold


def fold_wins(scores, is_real, fold=None):
    """Which real stamp scores above which simulated one, of the pairs within a fold, which one network judged.

    Parameters
    ----------
    scores : array [n]
        Higher is more real.
    is_real : bool array [n]
    fold : int array [n], optional
        All in one if not given.

    Returns
    -------
    wins : array [real, simulated]
        1, a half for equal scores, or 0.
    pairs : array [real, simulated]
        1 within a fold, 0 else.
    """
    real, others = scores[is_real][:, None], scores[~is_real][None]
    wins = (real > others) + 0.5 * (real == others)
    fold = np.zeros(len(scores), int) if fold is None else fold
    pairs = (fold[is_real][:, None] == fold[~is_real][None]).astype(float)
    return wins * pairs, pairs


def auc_with_interval(wins, pairs, draws, rng, confidence):
    """Share of pairs in which the real stamp scores higher, with a bootstrap interval over stamps.

    Parameters
    ----------
    wins, pairs : array [real, simulated]
        From ``fold_wins``; sums over several seeds.
    draws : int
        Times that real and simulated stamps are drawn anew.
    rng : numpy.random.Generator
    confidence : float

    Returns
    -------
    value, low, high : float
        Networks are not trained anew: the interval is that of these judges on other stamps of the kind.
    """
    n, m = wins.shape
    real, others = (rng.multinomial(k, np.full(k, 1 / k), draws).astype(float) for k in (n, m))
    above, below = (np.einsum("dn,nm,dm->d", real, what, others, optimize=True) for what in (wins, pairs))
    tail = (1 - confidence) / 2
    low, high = np.quantile(above[below > 0] / below[below > 0], [tail, 1 - tail])
    return float(wins.sum() / pairs.sum()), float(low), float(high)


def compare_features(real, simulated, draws, rng, confidence):
    """Each feature by itself: medians, their difference, K-S test, and how well it tells real from simulated.

    Parameters
    ----------
    real, simulated : DataFrame
        From ``measure_stamps``.
    draws : int
    rng : numpy.random.Generator
    confidence : float

    Returns
    -------
    DataFrame
        ``feature``, ``group``, ``real``, ``simulated`` (medians), ``difference`` (real minus simulated) with ``low``,
        ``high`` (bootstrap), ``ks``, ``p``, ``auc`` (0.5: no difference; above: real ones are larger) with
        ``auc_low``, ``auc_high``, ``n_real``, ``n_simulated``: stamps on which the feature could be measured.
    """
    rows = []
    for feature in real:
        a, b = (table[feature].dropna().to_numpy(float) for table in (real, simulated))
        row = {"feature": feature, "group": group_of(feature), "n_real": len(a), "n_simulated": len(b)}
        if min(len(a), len(b)) >= FEWEST:
            row |= _compared(a, b, draws, rng, confidence)
        rows.append(row)
    names = ["feature", "group", "real", "simulated", "difference", "low", "high", "ks", "p"]
    return pd.DataFrame(rows).reindex(columns=[*names, "auc", "auc_low", "auc_high", "n_real", "n_simulated"])


def _compared(a, b, draws, rng, confidence):
    tail = (1 - confidence) / 2
    medians = [np.median(x[rng.integers(len(x), size=(draws, len(x)))], axis=1) for x in (a, b)]
    low, high = np.quantile(medians[0] - medians[1], [tail, 1 - tail])
    test = ks_2samp(a, b)
    wins = fold_wins(np.concatenate([a, b]), np.arange(len(a) + len(b)) < len(a))
    auc = auc_with_interval(*wins, draws, rng, confidence)
    found = {"real": np.median(a), "simulated": np.median(b), "difference": np.median(a) - np.median(b)}
    found |= {"low": low, "high": high, "ks": test.statistic, "p": test.pvalue}
    return found | dict(zip(("auc", "auc_low", "auc_high"), auc, strict=True))
