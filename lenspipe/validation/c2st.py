"""Classifier two-sample tests (C2ST): how well a classifier separates real stamps from simulated ones.

The classifiers, a small network and boosted trees, are cross-validated by stamp. An area under the ROC curve of 0.5
means that they cannot separate the samples.

Source: Lopez-Paz & Oquab 2017, ICLR, "Revisiting classifier two-sample tests".
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lenspipe.learning import discriminator
from lenspipe.measure.stamp_features import GROUPS, group_of
from lenspipe.validation import trees
from lenspipe.validation.image_views import image_views
from lenspipe.validation.two_sample import assign_folds, auc_with_interval, pairwise_wins

NETWORK, TREES = "network", "trees"  # classifiers
ALL_FEATURES = "all hand-made features"


@dataclass(frozen=True)
class CrossValidation:
    """How a classifier is cross-validated.

    Attributes
    ----------
    folds : int
        Number of folds.
    repeats : int
        Number of repeats; each draws new folds and new initial weights.
    bootstrap : int
        Bootstrap samples of stamps, for the interval.
    confidence : float
        Confidence of the interval.
    seed : int
    threads : int
        Folds trained at a time.
    """

    folds: int
    repeats: int
    bootstrap: int
    confidence: float
    seed: int
    threads: int

    def auc(self, classify, is_real, partner):
        """Area under the ROC curve of a classifier, with its interval.

        Parameters
        ----------
        classify : callable
            ``(fold, seed, rng)`` to scores [n], each from a classifier that was not trained on the stamp's fold.
        is_real : bool array [n]
        partner : int array [n] or None
            See ``assign_folds``.

        Returns
        -------
        dict
            ``auc``, ``low``, ``high``, ``seeds`` (number of repeats), ``sd_of_seeds``, ``n_real``, ``n_simulated``.
        """
        wins, pairs, repeats = 0.0, 0.0, []
        for repeat in range(self.repeats):
            rng = np.random.default_rng([self.seed, repeat])
            fold = assign_folds(is_real, self.folds, rng, partner=partner)
            new_wins, new_pairs = pairwise_wins(classify(fold, int(rng.integers(2**31)), rng), is_real, fold)
            wins, pairs = wins + new_wins, pairs + new_pairs
            repeats.append(new_wins.sum() / new_pairs.sum())
        rng = np.random.default_rng([self.seed, self.repeats])
        value, low, high = auc_with_interval(wins, pairs, draws=self.bootstrap, rng=rng, confidence=self.confidence)
        spread = np.std(repeats, ddof=1) if len(repeats) > 1 else np.nan
        sizes = {"n_real": int(is_real.sum()), "n_simulated": int((~is_real).sum())}
        return {"auc": value, "low": low, "high": high, "seeds": len(repeats), "sd_of_seeds": spread} | sizes


def c2st_images(images, sky_estimate, is_real, cross_validation, *, partner, pixel_scale, view=None):
    """Test with the network: its area under the ROC curve on whole stamps and on views of less and less of them.

    Parameters
    ----------
    images : array [n, band, y, x], counts
    sky_estimate : tuple
        ``level``, ``sigma`` [n, band] in counts and ``free`` [n, y, x], from ``measure_stamps``.
    is_real : bool array [n]
    cross_validation : CrossValidation
    partner : int array [n] or None
        See ``assign_folds``.
    pixel_scale : float, arcsec
    view : str, optional
        Name of the only view to test; all views if not given.

    Yields
    ------
    dict
        ``classifier``, ``input`` (the view), and the values of ``CrossValidation.auc``. A view that too few stamps have
        is left out.
    """
    for name, inputs, usable in image_views(images, sky_estimate, pixel_scale):
        real, inputs = is_real[usable], inputs[usable]
        if view in (None, name) and min(real.sum(), (~real).sum()) >= 2 * cross_validation.folds:

            def classify(fold, seed, rng, inputs=inputs, real=real):
                threads = cross_validation.threads
                return discriminator.cross_validated_logits(inputs, real, fold, seed=seed, threads=threads)

            usable_partner = None if partner is None else partner[usable]
            yield {"classifier": NETWORK, "input": name} | cross_validation.auc(classify, real, usable_partner)


def c2st_features(features, is_real, cross_validation, *, partner, groups):
    """Test with boosted trees: their area under the ROC curve by all features and by each group, and importances.

    Parameters
    ----------
    features : DataFrame [n]
        From ``measure_stamps``.
    is_real : bool array [n]
    cross_validation : CrossValidation
    partner : int array [n] or None
        See ``assign_folds``.
    groups : bool
        Also test each group of features alone.

    Returns
    -------
    rows : list of dict
        ``classifier``, ``input`` (the features), and the values of ``CrossValidation.auc``.
    importance : Series
        Permutation importance by feature and by group, mean over the repeats.
    """
    importances = []

    def classify(fold, seed, rng):
        scores, importance = trees.cross_validated_scores(features, is_real, fold, rng)
        importances.append(importance)
        return scores

    rows = [{"classifier": TREES, "input": ALL_FEATURES} | cross_validation.auc(classify, is_real, partner)]
    importance = pd.DataFrame(importances).mean()
    for group in GROUPS if groups else []:
        part = features[[name for name in features if group_of(name) == group]]
        if part.shape[1]:

            def classify_by_group(fold, seed, rng, part=part):
                return trees.cross_validated_scores(part, is_real, fold, rng, importances=False)[0]

            auc = cross_validation.auc(classify_by_group, is_real, partner)
            rows.append({"classifier": TREES, "input": f"{group} alone"} | auc)
    return rows, importance
