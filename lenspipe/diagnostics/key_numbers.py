"""The ten numbers of a summary that somebody who searches for lenses needs first."""

from typing import NamedTuple

from lenspipe.labels import label_of
from lenspipe.methods import HEADLINE
from lenspipe.stats.strictest import strictest_threshold

RATE_AT = "false_positive_rate at "
EVERYTHING = "all non-lenses"
SHARE, RADIUS, PLAIN = "{:.1f} %", "{:.3f}″", "{:.3f}"


class KeyNumber(NamedTuple):
    """One number for people.

    Attributes
    ----------
    title : str
        What it is, in words.
    value, interval : str
        With their unit.
    metric, population : str
        Of its row in summary.csv.
    """

    title: str
    value: str
    interval: str
    metric: str
    population: str


def key_numbers(summary, method=HEADLINE):
    """The key numbers of a summary, as far as it has them.

    Parameters
    ----------
    summary : DataFrame
        ``columns.SUMMARY``.
    method : str
        Whose answers they describe.

    Returns
    -------
    list of KeyNumber
        Of the discoverable lenses, or of all where none is discoverable.
    """
    rows = summary[summary["method"] == method]
    at = strictest_threshold(metric.removeprefix(RATE_AT) for metric in rows["metric"])
    lenses, named = _lenses(rows)
    against = f"{lenses} against all non-lenses"
    hardest = _hardest_kind(rows, f"false_positive_rate at {at}")
    prevalence = _only(rows.loc[rows["metric"] == f"purity at {at}", "population"])
    one_in = f"{1 / float(prevalence.split()[-1]):,.0f}" if prevalence else ""
    chosen = [
        (f"AUROC: chance that a {named} scores above a non-lens", "auroc", against, PLAIN),
        (f"Completeness: share of {named}es found at a false-positive rate of 1 %", "TPR at FPR 0.01", against, SHARE),
        ("The same at a false-positive rate of 0.1 %", "TPR at FPR 0.001", against, SHARE),
        (
            f"False-positive rate of the hardest kind of non-lens ({label_of(hardest)}) at the strictest threshold",
            f"false_positive_rate at {at}",
            hardest,
            SHARE,
        ),
        (f"Purity there, if 1 object in {one_in} is a lens", f"purity at {at}", prevalence, SHARE),
        (
            "Lenses still found there after their source is removed (ideal: 0)",
            f"still found at {at}",
            "lenses found there, as twin_without_source",
            SHARE,
        ),
        (f"Einstein radius of {named}es: bias (median of predicted - true)", "theta_E bias", lenses, RADIUS),
        ("Scatter (half the width that holds 68 % of the errors)", "theta_E sigma68", lenses, RADIUS),
        ("Outliers: share of radii wrong by more than 30 %", "theta_E outliers", lenses, SHARE),
        ("Share of true radii within the predicted one sigma (ideal: 68 %)", "theta_E coverage", lenses, SHARE),
    ]
    numbers = rows.set_index(["metric", "population"])[["value", "low", "high"]]
    return [
        KeyNumber(title, *_formatted(*numbers.loc[metric, population], style), metric, population)
        for title, metric, population, style in chosen
        if (metric, population) in numbers.index
    ]


def _lenses(rows):
    """Population of the key numbers, and what one of it is called."""
    discoverable = rows["population"].str.extract(r"^(discoverable \([^)]*\))")[0].dropna()
    return (discoverable.iloc[0], "discoverable lens") if len(discoverable) else ("all lenses", "lens")


def _hardest_kind(rows, metric):
    """The kind of non-lens that is mistaken for lenses most often; empty if kinds are not known."""
    kinds = rows[(rows["metric"] == metric) & (rows["population"] != EVERYTHING)]
    return kinds.loc[kinds["value"].idxmax(), "population"] if len(kinds) else ""


def _only(populations):
    return populations.iloc[0] if len(populations) else ""


def _formatted(value, low, high, style):
    """Value and interval, as text with their unit."""
    scale = 100 if style == SHARE else 1
    value, low, high = (style.format(scale * number).replace("-", "−") for number in (value, low, high))
    return value, f"{low} to {high}"
