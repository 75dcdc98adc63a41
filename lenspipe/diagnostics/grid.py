"""Trainings compared: each one's metrics, and their spread over seeds."""

import numpy as np
import pandas as pd

from lenspipe.diagnostics.roc import RATES, completeness_at
from lenspipe.diagnostics.summary import populations_of
from lenspipe.stats.auroc import auroc
from lenspipe.stats.rates import rates_in_bins, threshold_at
from lenspipe.stats.scatter import radius_summary

RATE = 1e-2  # false-positive rate on validation whose threshold is held fixed against radius
MEASURED = ("bias", "sigma68", "rmse")  # of the Einstein radii, arcsec
COLUMNS = ["metric", "population", "radius_low", "radius_high", "value", "low", "high", "n"]
EXPERIMENT = ["network", "train_count", "metric", "population", "radius_low", "radius_high"]  # all but the seed


def metrics_of_training(val, test, *, edges, confidence, rng):
    """The metrics of one training.

    Parameters
    ----------
    val, test : DataFrame
        Objects: ``is_lens``, ``theta_E``, ``radius``, ``score``, ``arc_snr``; ``theta_E_pred`` if it is measured.
    edges : sequence, arcsec
        Of the bins of radius.
    confidence : float
        Of the intervals, 0 to 1.
    rng : numpy.random.Generator
        Of the bootstrap.

    Returns
    -------
    DataFrame
        ``COLUMNS``. ``auroc`` and ``TPR at FPR r`` are of each population of lenses against all non-lenses; ``theta_E
        bias`` (median), ``theta_E sigma68`` and ``theta_E rmse`` of its radii, arcsec; ``false_positive_rate`` of the
        non-lenses in bins of radius, at the score that a share ``RATE`` of validation's non-lenses exceeds. ``n``
        counts the population; the radii are NaN but in bins.
    """
    non_lenses = test[~test["is_lens"]]
    rows = []
    for name, lenses in populations_of(test).items():
        scores = lenses["score"].to_numpy()
        metrics = {"auroc": auroc(scores, non_lenses["score"], confidence)}
        for rate in RATES:
            threshold = threshold_at(non_lenses["score"].to_numpy(), rate)
            metrics[f"TPR at FPR {rate:g}"] = completeness_at(scores, threshold, confidence)
        if "theta_E_pred" in lenses:
            radii = radius_summary(lenses["theta_E"], lenses["theta_E_pred"], None, confidence=confidence, rng=rng)
            metrics |= {f"theta_E {statistic}": radii[statistic] for statistic in MEASURED}
        rows += [(metric, name, np.nan, np.nan, *values, len(lenses)) for metric, values in metrics.items()]
    threshold = threshold_at(val.loc[~val["is_lens"], "score"].to_numpy(), RATE)
    bins = rates_in_bins(non_lenses["score"] > threshold, non_lenses["radius"], edges, confidence=confidence)
    rows += [
        ("false_positive_rate", "all non-lenses", b.radius_low, b.radius_high, b.rate, b.low, b.high, b.trials)
        for b in bins.itertuples()
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def spread_over_seeds(trainings):
    """Mean and spread over the seeds.

    Parameters
    ----------
    trainings : DataFrame
        Rows of ``metrics_of_training`` with ``network``, ``train_count``, ``seed``.

    Returns
    -------
    DataFrame
        ``EXPERIMENT``, ``seeds`` (their number), ``mean``, ``sd`` (sample standard deviation, n - 1; NaN for one seed),
        ``below`` and ``above``: how far one training's own interval reaches from its value, mean over the seeds.
    """
    reach = trainings.assign(below=trainings["value"] - trainings["low"], above=trainings["high"] - trainings["value"])
    return (
        reach.groupby(EXPERIMENT, dropna=False, sort=False)
        .agg(
            seeds=("seed", "nunique"),
            mean=("value", "mean"),
            sd=("value", "std"),
            below=("below", "mean"),
            above=("above", "mean"),
        )
        .reset_index()
    )
