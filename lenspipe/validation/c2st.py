"""Networks and trees that are told to tell real stamps from simulated ones, cross-validated by stamp."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lenspipe.learning import discriminator
from lenspipe.measure.stamp_features import GROUPS, group_of
from lenspipe.validation.trees import judge_by_trees
from lenspipe.validation.two_sample import auc_with_interval, fold_wins, folds_of
from lenspipe.validation.views import views_of

NETWORK, TREES = "network", "trees"
ALL_FEATURES = "all hand-made features"


@dataclass(frozen=True)
class Trial:
    """How stamps are judged.

    Attributes
    ----------
    folds, repeats : int
        Each repeat draws other folds and starts from other weights.
    bootstrap : int
        Draws of stamps, for the interval.
    confidence : float
    seed : int
    threads : int
    """

    folds: int
    repeats: int
    bootstrap: int
    confidence: float
    seed: int
    threads: int

    def run(self, judge, is_real, partner):
        """Area under the ROC curve of a judge ``(fold, seed, rng) -> scores``: a dict of a table's row."""
        wins, pairs, each = 0.0, 0.0, []
        for repeat in range(self.repeats):
            rng = np.random.default_rng([self.seed, repeat])
            fold = folds_of(is_real, self.folds, rng, partner)
            won, of = fold_wins(judge(fold, int(rng.integers(2**31)), rng), is_real, fold)
            wins, pairs = wins + won, pairs + of
            each.append(won.sum() / of.sum())
        rng = np.random.default_rng([self.seed, self.repeats])
        value, low, high = auc_with_interval(wins, pairs, self.bootstrap, rng, self.confidence)
        spread = np.std(each, ddof=1) if len(each) > 1 else np.nan
        sizes = {"n_real": int(is_real.sum()), "n_simulated": int((~is_real).sum())}
        return {"auc": value, "low": low, "high": high, "seeds": len(each), "sd_of_seeds": spread} | sizes


def judge_pixels(images, sky, is_real, partner, pixel_scale, trial, only=None):
    """The network's area under the ROC curve, shown all of the stamps and less and less.

    Parameters
    ----------
    images : array [n, band, y, x], counts
    sky : tuple
        From ``measure_stamps``.
    is_real : bool array [n]
    partner : int array [n] or None
        See ``folds_of``.
    pixel_scale : float, arcsec
    trial : Trial
    only : str, optional
        Name of the one view that is wanted.

    Yields
    ------
    dict
        A row with ``judge`` and ``shown``. A view that too few stamps have is left out.
    """
    for shown, inputs, usable in views_of(images, sky, pixel_scale):
        real, inputs = is_real[usable], inputs[usable]
        if only in (None, shown) and min(real.sum(), (~real).sum()) >= 2 * trial.folds:

            def judge(fold, seed, rng, inputs=inputs, real=real):
                return discriminator.judge(inputs, real, fold, seed, trial.threads)

            yield {"judge": NETWORK, "shown": shown} | trial.run(
                judge, real, None if partner is None else partner[usable]
            )


def judge_features(features, is_real, partner, trial, groups):
    """The trees' area under the ROC curve by all features, and by those of each group alone; and what they go by.

    Parameters
    ----------
    features : DataFrame [n]
    is_real : bool array [n]
    partner : int array [n] or None
        See ``folds_of``.
    trial : Trial
    groups : bool
        Whether each group of features is tried alone.

    Returns
    -------
    rows : list of dict
    importance : Series
        By feature and by group, mean over the repeats.
    """
    losses = []

    def judge(fold, seed, rng):
        scores, lost = judge_by_trees(features, is_real, fold, rng)
        losses.append(lost)
        return scores

    rows = [{"judge": TREES, "shown": ALL_FEATURES} | trial.run(judge, is_real, partner)]
    importance = pd.DataFrame(losses).mean()
    for group in GROUPS if groups else []:
        part = features[[name for name in features if group_of(name) == group]]
        if part.shape[1]:

            def alone(fold, seed, rng, part=part):
                return judge_by_trees(part, is_real, fold, rng, permuted=False)[0]

            rows.append({"judge": TREES, "shown": f"{group} alone"} | trial.run(alone, is_real, partner))
    return rows, importance
