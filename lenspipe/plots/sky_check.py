"""The simulated sky and published numbers: how far each is from its reference, in units of what is allowed."""

import numpy as np

from lenspipe.plots._style import COLOURS

FARTHEST = 3.0  # allowed differences; what lies farther is drawn there


def draw(figure, table):
    """Draw on ``figure`` (Figure) the ``table`` (DataFrame) of sky_check.csv."""
    figure.set_size_inches(8, 1.2 + 0.24 * len(table))
    ax = figure.subplots()
    places = np.arange(len(table))
    ax.axvspan(-1, 1, color="0.92", lw=0)
    ax.axvline(0, color="0.5", lw=0.8)
    ours, low, high = (scaled(table, name) for name in ("ours", "low", "high"))
    for verdict, colour in (("met", COLOURS[2]), ("missed", COLOURS[5])):
        chosen = (table["verdict"] == verdict).to_numpy()
        ranged = chosen & np.isfinite(ours)
        ax.hlines(places[ranged], low[ranged], high[ranged], color=colour, lw=1.2)
        ax.plot(ours[ranged], places[ranged], "o", ms=4, color=colour, label=f"{verdict}: {chosen.sum()}")
        ax.plot(np.zeros((chosen & ~ranged).sum()), places[chosen & ~ranged], "s", ms=4, mfc="white", color=colour)
    for place, row in zip(places, table.itertuples(), strict=True):
        text = f"{row.ours:.4g} / {row.reference:.4g}  ({row.allowed})"
        ax.annotate(text, (1.01, place), xycoords=("axes fraction", "data"), va="center", fontsize=7)
    ax.set_yticks(places, table["quantity"], fontsize=7)
    ax.set(xlim=(-FARTHEST, FARTHEST), ylim=(len(table) - 0.5, -0.5), xlabel="difference / allowed difference")
    ax.annotate("ours / reference (allowed)", (1.01, 1), xycoords="axes fraction", va="bottom", fontsize=8)
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2)


def scaled(table, name):
    """Place (array [n]) of column ``name`` of ``table`` between reference, 0, and the allowed ends, -1 and 1."""
    difference = table[name] - table["reference"]
    room = np.where(difference > 0, table["most"] - table["reference"], table["reference"] - table["least"])
    return np.clip(difference / room, -FARTHEST, FARTHEST).to_numpy()
