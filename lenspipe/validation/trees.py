"""Boosted trees that tell real stamps from simulated ones by hand-made features, and what they go by."""

import numpy as np
from threadpoolctl import threadpool_limits

from lenspipe.measure.stamp_features import GROUPS, group_of
from lenspipe.validation.two_sample import fold_wins

TREES = {"max_iter": 60, "learning_rate": 0.05, "max_leaf_nodes": 6, "min_samples_leaf": 6, "l2_regularization": 1.0}
REPEATS = 3  # permutations of each feature


def judge_by_trees(table, is_real, fold, rng, permuted=True):
    """Scores from trees that saw the other folds, and what they lose without a feature.

    Parameters
    ----------
    table : DataFrame [n]
        Features, which may be missing.
    is_real : bool array [n]
    fold : int array [n]
    rng : numpy.random.Generator
    permuted : bool
        Whether importances are wanted.

    Returns
    -------
    scores : array [n]
    lost : dict of str to float
        By feature and by group: the fall of the area under the ROC curve when its values are exchanged among the
        stamps of the fold that is judged (permutation importance, Breiman 2001), mean of three permutations.
    """
    from sklearn.ensemble import HistGradientBoostingClassifier

    values, scores = table.to_numpy(float), np.zeros(len(table))
    columns = _columns_of(list(table)) if permuted else {}
    without = {name: np.zeros((REPEATS, len(table))) for name in columns}
    with threadpool_limits(1):  # many small fits: threads would wait for each other
        for k in np.unique(fold):
            seen, judged = fold != k, np.flatnonzero(fold == k)
            trees = HistGradientBoostingClassifier(
                **TREES, early_stopping=False, random_state=int(rng.integers(2**31))
            ).fit(values[seen], is_real[seen])
            scores[judged] = trees.decision_function(values[judged])
            if not columns:
                continue
            mixed = [_exchanged(values[judged], places, rng) for places in columns.values() for _ in range(REPEATS)]
            answers = trees.decision_function(np.concatenate(mixed)).reshape(len(columns), REPEATS, -1)
            for name, answer in zip(columns, answers, strict=True):
                without[name][:, judged] = answer
    whole = _area(scores, is_real, fold)
    return scores, {n: whole - np.mean([_area(s, is_real, fold) for s in parts]) for n, parts in without.items()}


def _columns_of(features):
    """Places of each feature, and of each group of them."""
    places = {feature: [k] for k, feature in enumerate(features)}
    groups = {group: [k for k, feature in enumerate(features) if group_of(feature) == group] for group in GROUPS}
    return places | {group: found for group, found in groups.items() if found}


def _exchanged(values, places, rng):
    mixed = values.copy()
    mixed[:, places] = values[rng.permutation(len(values))][:, places]
    return mixed


def _area(scores, is_real, fold):
    wins, pairs = fold_wins(scores, is_real, fold)
    return wins.sum() / pairs.sum()
