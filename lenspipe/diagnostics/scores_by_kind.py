"""How the scores of each kind of object are distributed."""

import numpy as np
import pandas as pd
from scipy.special import logit

from lenspipe.stats.rates import binomial_interval

EDGES = np.arange(-10.0, 10.01, 0.5)  # of logit(score); scores beyond fall in the outermost bins


def scores_by_kind(objects, thresholds, confidence):
    """Histogram of logit(score) for each kind, and the share above each threshold.

    Parameters
    ----------
    objects : DataFrame
        ``kind``, ``score``.
    thresholds : dict of str to float
    confidence : float
        Of the intervals, 0 to 1.

    Returns
    -------
    DataFrame
        ``kind``, ``what`` (``bin``, or the threshold's name), ``logit_low``, ``logit_high`` (of a bin; the threshold's
        logit otherwise), ``events``, ``trials``, ``rate``, ``low``, ``high``.
    """
    rows = []
    for kind, group in objects.groupby("kind"):
        logits = logit(group["score"].to_numpy()).clip(EDGES[0], EDGES[-1])
        counts = np.histogram(logits, EDGES)[0]
        rows += [(kind, "bin", a, b, n) for a, b, n in zip(EDGES[:-1], EDGES[1:], counts, strict=True)]
        for name, threshold in thresholds.items():
            edge = logit(np.clip(threshold, 0, 1))
            rows.append((kind, name, edge, edge, int((group["score"] > threshold).sum())))
    table = pd.DataFrame(rows, columns=["kind", "what", "logit_low", "logit_high", "events"])
    table["trials"] = table["kind"].map(objects["kind"].value_counts())
    table["rate"] = table["events"] / table["trials"]
    table["low"], table["high"] = binomial_interval(table["events"], table["trials"], confidence)
    return table
