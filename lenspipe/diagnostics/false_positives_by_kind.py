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

POOLED = "all non-lenses"
COLUMNS = ["method", "prior", "completeness", "threshold", "kind", "events", "trials", "rate", "low", "high"]


def false_positives_by_kind(methods, *, completeness, confidence):
    """Share of each kind that is called a lens, at thresholds of fixed completeness.

    Parameters
    ----------
    methods : dict of str to (DataFrame, DataFrame)
        By method, objects of validation, which set its thresholds, for each prior its own, and of the test set:
        ``kind``, ``is_lens``, ``score``, and ``weight`` where there is one.
    completeness : sequence of float
        Shares of validation's lenses that the thresholds keep.
    confidence : float
        Of the intervals, 0 to 1.

    Returns
    -------
    DataFrame
        ``method``, ``prior``, ``completeness``, ``threshold``, ``kind`` (``lens``: what is found in ``test``;
        ``all non-lenses``), ``events`` that pass and ``trials`` (effective numbers), ``rate``, ``low``, ``high``. With
        the survey's weights a kind of fewer than a hundred effective objects is left out.
    """
    rows = []
    for method, (val, test) in methods.items():
        lenses = val[val["is_lens"]]
        weights = {prior: pd.Series(weight, test.index) for prior, weight in priors_of_both(test)}
        for prior, of_lenses in priors_of(lenses):
            for share in completeness:
                threshold = threshold_keeping(lenses["score"].to_numpy(), of_lenses, share)
                for kind, group in _groups(test):
                    weight = weights[prior][group.index].to_numpy() if prior in weights else np.zeros(0)
                    if prior != "training prior" and effective_size(weight) < FEWEST_EFFECTIVE:
                        continue
                    passed, place = group["score"] > threshold, np.zeros(len(group), int)
                    shares = weighted_shares(passed, weight, place, count=1, confidence=confidence)
                    numbers = [float(shares[name][0]) for name in COLUMNS[5:]]
                    rows.append((method, prior, share, threshold, kind, *numbers))
    return pd.DataFrame(rows, columns=COLUMNS)


def _groups(objects):
    """Lenses, all non-lenses, and each kind of these."""
    non_lenses = objects[~objects["is_lens"]]
    yield from (("lens", objects[objects["is_lens"]]), (POOLED, non_lenses), *non_lenses.groupby("kind"))


def kinds_summary(table):
    """Rows of ``columns.SUMMARY``, a list of tuple: the false-positive rates of ``table``, a DataFrame."""
    rows = []
    for row in table[table["kind"] != "lens"].itertuples():
        population = row.kind if row.prior == "training prior" else f"{row.kind} {WEIGHTED}"
        metric = f"false_positive_rate at completeness {row.completeness:g}"
        rows.append((metric, row.rate, row.low, row.high, int(row.trials), population, row.method))
    return rows
