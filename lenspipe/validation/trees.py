"""Boosted trees that separate real stamps from simulated ones by hand-made features, and their importances."""

import numpy as np
from threadpoolctl import threadpool_limits

from lenspipe.measure.stamp_features import GROUPS, group_of
from lenspipe.validation.two_sample import pairwise_wins

TREES = {"max_iter": 60, "learning_rate": 0.05, "max_leaf_nodes": 6, "min_samples_leaf": 6, "l2_regularization": 1.0}
REPEATS = 3  # permutations of each feature


def cross_validated_scores(features, is_real, fold, rng, *, importances=True):
    """Score of each stamp from trees trained on the other folds, and the importance of each feature.

    Parameters
    ----------
    features : DataFrame [n]
        A column a feature; NaN where it could not be measured.
    is_real : bool array [n]
    fold : int array [n]
    rng : numpy.random.Generator
    importances : bool
        Compute importances.

    Returns
    -------
    scores : array [n]
        Decision function; higher is more real.
    importance : dict of str to float
        By feature and by group: the decrease of the area under the ROC curve when its values are permuted among the
        stamps of the test fold, mean of three permutations. Empty if not computed. Source: Breiman 2001, Machine
        Learning 45, 5.
    """
    from sklearn.ensemble import HistGradientBoostingClassifier

    values, scores = features.to_numpy(float), np.zeros(len(features))
    columns = _columns_by_name(list(features)) if importances else {}
    permuted_scores = {name: np.zeros((REPEATS, len(features))) for name in columns}
    with threadpool_limits(1):  # many small fits, which several threads only slow down
        for k in np.unique(fold):
            train, test = fold != k, np.flatnonzero(fold == k)
            model = HistGradientBoostingClassifier(
                **TREES, early_stopping=False, random_state=int(rng.integers(2**31))
            ).fit(values[train], is_real[train])
            scores[test] = model.decision_function(values[test])
            if not columns:
                continue
            permuted = [_permuted(values[test], numbers, rng) for numbers in columns.values() for _ in range(REPEATS)]
            outputs = model.decision_function(np.concatenate(permuted)).reshape(len(columns), REPEATS, -1)
            for name, output in zip(columns, outputs, strict=True):
                permuted_scores[name][:, test] = output
    auc = _auc(scores, is_real, fold)
    return scores, {
        name: auc - np.mean([_auc(one, is_real, fold) for one in repeats]) for name, repeats in permuted_scores.items()
    }


def _columns_by_name(features):
    """Column numbers of each feature, and of each group of features."""
    numbers = {feature: [k] for k, feature in enumerate(features)}
    groups = {group: [k for k, feature in enumerate(features) if group_of(feature) == group] for group in GROUPS}
    return numbers | {group: columns for group, columns in groups.items() if columns}


def _permuted(values, columns, rng):
    permuted = values.copy()
    permuted[:, columns] = values[rng.permutation(len(values))][:, columns]
    return permuted


def _auc(scores, is_real, fold):
    wins, pairs = pairwise_wins(scores, is_real, fold)
    return wins.sum() / pairs.sum()
