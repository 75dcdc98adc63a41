"""Completeness against false-positive rate, on a logarithmic axis, with the quoted points and the baselines."""

import numpy as np

from lenspipe.plots._style import COLOURS

DASHES = ["--", "-.", ":"]  # of the baselines, in the table's order


def draw(figure, table):
    """``table`` is roc.csv."""
    figure.set_size_inches(7.6, 4.6)
    ax, side = figure.subplots(1, 2, width_ratios=[1.7, 1])
    populations = list(dict.fromkeys(table["population"]))
    network = table["method"] == "network"
    baselines = list(dict.fromkeys(table.loc[~network, "method"]))
    for colour, population in zip([COLOURS[6], COLOURS[5]], populations, strict=False):
        rows = table[table["population"] == population]
        curve(ax, rows[rows["method"] == "network"], colour, population)
        for dashes, method in zip(DASHES, baselines, strict=False):
            thin(ax, rows[rows["method"] == method], colour, dashes)
    for dashes, method in zip(DASHES, baselines, strict=False):
        ax.plot([], [], ls=dashes, lw=0.9, color="0.3", label=method)
    fewest = 1 / table["non_lenses"].iloc[0]
    rates = np.geomspace(fewest, 1, 200)
    ax.plot(rates, rates, color="0.75", lw=0.8, label="chance")
    ax.set_xscale("log")
    ax.set(xlim=(fewest, 1), ylim=(0, 1), xlabel="false-positive rate", ylabel="completeness (true-positive rate)")
    ax.legend(loc="upper left")
    side.axis("off")
    side.text(
        0, 1, listing(table[network], populations), va="top", family="monospace", fontsize=7, transform=side.transAxes
    )


def curve(ax, rows, colour, label):
    """One population's curve with its interval, and its quoted points."""
    line = points_of(rows)
    ax.fill_between(line["false_positive_rate"], line["low"], line["high"], color=colour, alpha=0.2, lw=0)
    ax.plot(line["false_positive_rate"], line["completeness"], color=colour, label=label)
    quoted = rows[rows["what"].str.startswith("TPR at")]
    errors = [quoted["completeness"] - quoted["low"], quoted["high"] - quoted["completeness"]]
    ax.errorbar(quoted["false_positive_rate"], quoted["completeness"], errors, fmt="o", ms=4, color=colour)


def points_of(rows):
    """The points of a curve that a logarithmic axis can show."""
    return rows[(rows["what"] == "curve") & (rows["false_positives"] > 0)].sort_values("false_positive_rate")


def thin(ax, rows, colour, dashes):
    """A baseline's curve, as a thin line."""
    line = points_of(rows)
    ax.plot(line["false_positive_rate"], line["completeness"], ls=dashes, lw=0.9, color=colour)


def listing(table, populations):
    """The quoted points as text, with their intervals and counts."""
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
