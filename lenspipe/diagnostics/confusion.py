"""Which kinds a classifier tells apart, if it was trained to."""

import numpy as np
import pandas as pd

from lenspipe.columns import LENS, classes_among
from lenspipe.stats.rates import DRAWS, binomial_interval


def table(objects, *, thresholds, edges, confidence):
    """confusion.csv: a DataFrame, of ``confusion``.

    ``objects`` is a DataFrame; ``thresholds`` a dict of str to float; ``edges`` a sequence, arcsec; ``confidence`` a
    float, 0 to 1: see ``diagnostics.optional_tables``.
    """
    return confusion(objects, confidence)


def confusion(objects, confidence):
    """Kinds by predicted kinds.

    Parameters
    ----------
    objects : DataFrame
        ``kind``, ``kind_pred``, and ``p_<kind>`` of the kinds that the classifier knows; without these, it knows those
        that it names.
    confidence : float
        Of the intervals, 0 to 1.

    Returns
    -------
    DataFrame
        A row for each kind that there is and each that is known, lens first: ``kind``, ``kind_pred``, ``events`` that
        are taken for it of ``trials`` of the kind, ``rate``, ``low``, ``high``. An unknown kind is a ``kind`` and no
        ``kind_pred``.
    """
    kinds, classes = (_in_order(names) for names in (objects["kind"], _classes_of(objects)))
    labels = _in_order([*kinds, *classes])
    counts = pd.crosstab(objects["kind"], objects["kind_pred"]).reindex(index=labels, columns=labels, fill_value=0)
    events = counts.loc[kinds, classes].to_numpy().ravel()
    trials = np.repeat(counts.loc[kinds].sum(axis=1).to_numpy(), len(classes))
    low, high = binomial_interval(events, trials, confidence)
    names = {"kind": np.repeat(kinds, len(classes)), "kind_pred": np.tile(classes, len(kinds))}
    numbers = {"events": events, "trials": trials, "rate": events / trials, "low": low, "high": high}
    return pd.DataFrame(names | numbers)


def _classes_of(objects):
    """Kinds that the classifier tells apart."""
    return [*classes_among(objects.columns), *objects["kind_pred"].unique()]


def _in_order(names):
    return sorted(set(names), key=lambda name: (name != LENS, name))


def confusion_summary(table, confidence):
    """Recall of each kind that was trained on, and their mean, the balanced accuracy.

    Parameters
    ----------
    table : DataFrame
        From ``confusion``.
    confidence : float
        Of the intervals; that of the mean comes from draws of the recalls' Jeffreys posteriors.

    Returns
    -------
    list of tuple
        Rows of ``columns.SUMMARY`` but the method.
    """
    right = table[table["kind"] == table["kind_pred"]]
    rows = [("recall", row.rate, row.low, row.high, row.trials, row.kind) for row in right.itertuples()]
    if not rows:
        return []
    events, trials = right["events"].to_numpy(), right["trials"].to_numpy()
    drawn = np.random.default_rng(0).beta(events + 0.5, trials - events + 0.5, (DRAWS, len(right))).mean(axis=1)
    low, high = np.quantile(drawn, [(1 - confidence) / 2, (1 + confidence) / 2])
    mean = right["rate"].mean()
    return [("balanced accuracy", mean, min(low, mean), max(high, mean), trials.sum(), "kinds that are known"), *rows]
