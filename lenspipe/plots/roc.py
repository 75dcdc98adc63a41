"""Completeness against false-positive rate, on a logarithmic axis, with the quoted points."""

import numpy as np

from lenspipe.plots._style import COLOURS


def draw(figure, table):
    """``table`` is roc.csv."""
    figure.set_size_inches(7.6, 4.6)
    ax, side = figure.subplots(1, 2, width_ratios=[1.7, 1])
    populations = list(dict.fromkeys(table["population"]))
    for colour, population in zip([COLOURS[6], COLOURS[5]], populations, strict=False):
        curve(ax, table[table["population"] == population], colour, population)
    fewest = 1 / table["non_lenses"].iloc[0]
    rates = np.geomspace(fewest, 1, 200)
    ax.plot(rates, rates, ":", color="0.6", lw=1, label="chance")
    ax.set_xscale("log")
    ax.set(xlim=(fewest, 1), ylim=(0, 1), xlabel="false-positive rate", ylabel="completeness (true-positive rate)")
    ax.legend(loc="upper left")
    side.axis("off")
    side.text(0, 1, listing(table, populations), va="top", family="monospace", fontsize=7, transform=side.transAxes)


def curve(ax, rows, colour, label):
    """One population's curve with its interval, and its quoted points."""
    line = rows[(rows["what"] == "curve") & (rows["false_positives"] > 0)].sort_values("false_positive_rate")
    ax.fill_between(line["false_positive_rate"], line["low"], line["high"], color=colour, alpha=0.2, lw=0)
    ax.plot(line["false_positive_rate"], line["completeness"], color=colour, label=label)
    quoted = rows[rows["what"].str.startswith("TPR at")]
    errors = [quoted["completeness"] - quoted["low"], quoted["high"] - quoted["completeness"]]
    ax.errorbar(quoted["false_positive_rate"], quoted["completeness"], errors, fmt="o", ms=4, color=colour)


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
