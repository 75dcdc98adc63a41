"""Completeness against false-positive rate, on a logarithmic axis, with the quoted points and the baselines."""

import numpy as np

from lenspipe.labels import label_of_method
from lenspipe.plots._style import COLOURS

DASHES = ["--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (1, 3))]  # of the other methods, in the table's order


def draw(figure, table):
    """Draw on ``figure`` (Figure) the ``table`` (DataFrame) of roc.csv: its first method, and thin lines of others."""
    figure.set_size_inches(7.6, 4.6)
    ax, side = figure.subplots(1, 2, width_ratios=[1.7, 1])
    populations = list(dict.fromkeys(table["population"]))
    headline, *baselines = dict.fromkeys(table["method"])
    for colour, population in zip([COLOURS[6], COLOURS[5]], populations, strict=False):
        rows = table[table["population"] == population]
        curve(ax, rows[rows["method"] == headline], colour, population)
        for dashes, method in zip(DASHES, baselines, strict=False):
            thin_curve(ax, rows[rows["method"] == method], colour, dashes)
    for dashes, method in zip(DASHES, baselines, strict=False):
        ax.plot([], [], ls=dashes, lw=0.9, color="0.3", label=label_of_method(method))
    fewest = 1 / max(table["non_lenses"].iloc[0], 2)  # one non-lens alone would leave the axis without a length
    rates = np.geomspace(fewest, 1, 200)
    ax.plot(rates, rates, color="0.75", lw=0.8, label="chance")
    ax.set_xscale("log")
    ax.set(xlim=(fewest, 1), ylim=(0, 1), xlabel="false-positive rate", ylabel="completeness (true-positive rate)")
    ax.legend(loc="upper left")
    side.axis("off")
    text = listing(table[table["method"] == headline], populations)
    side.text(0, 1, text, va="top", family="monospace", fontsize=7, transform=side.transAxes)


def curve(ax, rows, colour, label):
    """Draw on ``ax`` one population's curve with its interval, and its quoted points.

    ``rows`` (DataFrame) are of roc.csv; ``colour`` and ``label`` are str.
    """
    line = points_of(rows)
    ax.fill_between(line["false_positive_rate"], line["low"], line["high"], color=colour, alpha=0.2, lw=0)
    ax.plot(line["false_positive_rate"], line["completeness"], color=colour, label=label)
    quoted = rows[rows["what"].str.startswith("TPR at")]
    errors = [quoted["completeness"] - quoted["low"], quoted["high"] - quoted["completeness"]]
    ax.errorbar(quoted["false_positive_rate"], quoted["completeness"], errors, fmt="o", ms=4, color=colour)


def points_of(rows):
    """The points among ``rows`` (DataFrame) of a curve that a logarithmic axis can show: DataFrame."""
    return rows[(rows["what"] == "curve") & (rows["false_positives"] > 0)].sort_values("false_positive_rate")


def thin_curve(ax, rows, colour, dashes):
    """Draw on ``ax`` the curve of ``rows`` (DataFrame), of another method, thin, in ``colour`` and ``dashes``."""
    line = points_of(rows)
    ax.plot(line["false_positive_rate"], line["completeness"], ls=dashes, lw=0.9, color=colour)


def listing(table, populations):
    """The quoted points of ``table`` for each of ``populations`` (list of str), with intervals and counts: str."""
    lines = []
    for population in populations:
        rows = table[(table["population"] == population) & (table["what"] != "curve")]
        lines += [population.replace(" (", "\n("), f"{rows['lenses'].iloc[0]:,} lenses"]
        lines.append(f"{rows['non_lenses'].iloc[0]:,} non-lenses")
        for p in rows.itertuples():
            rate = f"{p.completeness:.3f} [{p.low:.3f}, {p.high:.3f}]"
            lines.append(f"{p.what}\n  {rate}  {p.false_positives:,} false")
        lines.append("")
    return "\n".join(lines)
