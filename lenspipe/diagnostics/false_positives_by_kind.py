"""Which kinds of non-lens a finder takes for lenses, when it finds a given share of the lenses."""

import numpy as np
import pandas as pd

from lenspipe.stats.rates import threshold_keeping
from lenspipe.stats.weights import (
    FEWEST_EFFECTIVE,
    WEIGHTED,
    effective_size,
    priors_of,
    priors_of_both,
    weighted_shares,
)

FINDERS = {"network": "score", "hand-made features": "score_hand"}  # what is compared: column of scores
POOLED = "all non-lenses"
COLUMNS = ["method", "prior", "completeness", "threshold", "kind", "events", "trials", "rate", "low", "high"]


def false_positives_by_kind(val, test, completeness, confidence):
    """Share of each kind that is called a lens, at thresholds of fixed completeness.

    Parameters
    ----------
    val, test : DataFrame
        ``kind``, ``is_lens``, columns of ``FINDERS``, and ``weight`` if it is known. The first sets the thresholds, for
        each prior its own.
    completeness : sequence of float
        Shares of validation's lenses that the thresholds keep.
    confidence : float

    Returns
    -------
    DataFrame
        ``method``, ``prior``, ``completeness``, ``threshold``, ``kind`` (``lens``: what is found in ``test``;
        ``all non-lenses``), ``events`` that pass and ``trials`` (effective numbers), ``rate``, ``low``, ``high``. With
        the survey's weights a kind of fewer than a hundred effective objects is left out.
    """
    lenses = val[val["is_lens"]]
    weights = {prior: pd.Series(weight, test.index) for prior, weight in priors_of_both(test)}
    rows = []
    for method in [method for method, column in FINDERS.items() if column in test]:
        for prior, of_lenses in priors_of(lenses):
            for share in completeness:
                threshold = threshold_keeping(lenses[FINDERS[method]].to_numpy(), of_lenses, share)
                for kind, group in _groups(test):
                    weight = weights[prior][group.index].to_numpy() if prior in weights else np.zeros(0)
                    if prior != "training prior" and effective_size(weight) < FEWEST_EFFECTIVE:
                        continue
                    passed = group[FINDERS[method]] > threshold
                    found = weighted_shares(passed, weight, np.zeros(len(group), int), count=1, confidence=confidence)
                    numbers = [float(found[name][0]) for name in COLUMNS[5:]]
                    rows.append((method, prior, share, threshold, kind, *numbers))
    return pd.DataFrame(rows, columns=COLUMNS)


def _groups(objects):
    """Lenses, all non-lenses, and each kind of these."""
    others = objects[~objects["is_lens"]]
    yield from (("lens", objects[objects["is_lens"]]), (POOLED, others), *others.groupby("kind"))


def kinds_summary(table):
    """Rows of ``columns.SUMMARY``: the false-positive rates of the table."""
    rows = []
    for row in table[table["kind"] != "lens"].itertuples():
        said = row.kind if row.prior == "training prior" else f"{row.kind} {WEIGHTED}"
        said += "" if row.method == "network" else f"; {row.method}"
        metric = f"false_positive_rate at completeness {row.completeness:g}"
        rows.append((metric, row.rate, row.low, row.high, int(row.trials), said))
    return rows
