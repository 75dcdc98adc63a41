"""Completeness against the arc's signal-to-noise ratio, and over theta_E and arc S/N."""

import numpy as np

from lenspipe.plots._style import COLOURS, middles, points

FEWEST = 10  # lenses of a cell that is coloured
SERIES = [COLOURS[2], COLOURS[6], COLOURS[5], COLOURS[3], COLOURS[4], COLOURS[1]]
TICKS = [1, 2, 5, 10, 20, 50, 100, 200, 500]
ARC_SNR = "arc S/N"


def draw(figure, table):
    """Draw on ``figure`` (Figure) the ``table`` (DataFrame) of completeness_vs_arc_snr.csv."""
    priors = list(dict.fromkeys(table["prior"]))
    figure.set_size_inches(10.4, 4.6 * len(priors))
    for part, prior in zip(np.ravel(figure.subfigures(len(priors), 1)), priors, strict=True):
        row(part, table[table["prior"] == prior], prior)


def row(figure, table, prior):
    """Draw on ``figure`` (SubFigure) curves, counts of lenses and the map of a ``prior`` (str) from ``table``."""
    left, right = figure.subfigures(1, 2, width_ratios=[1, 1.15])
    above, below = left.subplots(2, 1, sharex=True, height_ratios=[3.2, 1])
    curves = table[table["panel"] == "curve"]
    names = list(dict.fromkeys(curves["threshold_name"]))
    for place, name in enumerate(names):
        rows = curves[curves["threshold_name"] == name]
        count = f": {rows['events'].sum():,.0f} of {rows['trials'].sum():,.0f}" if prior == "training prior" else ""
        middle = middles(rows["arc_snr_low"], rows["arc_snr_high"], offset=0.06 * (place - 1), logarithmic=True)
        points(above, rows, colour=SERIES[place % len(SERIES)], label=name + count, middle=middle)
    above.plot([], [], "o", ms=4, color="0.5", mfc="white", label="fewer than 5 events")
    above.set(ylim=(0, 1.02), ylabel="completeness")
    above.legend(loc="lower left", bbox_to_anchor=(0, 1), title=prior, alignment="left")
    below.stairs(rows["trials"], [*rows["arc_snr_low"], rows["arc_snr_high"].iloc[-1]], color="0.7", fill=True)
    below.set(ylabel="lenses" if prior == "training prior" else "effective\nlenses")
    cells(right, table[table["panel"] == "map"])
    for ax in (below, right.axes[0]):
        ax.set_xscale("log")
        ax.set_xticks(TICKS, [str(tick) for tick in TICKS])
        ax.minorticks_off()
        ax.set_xlabel(ARC_SNR)
        ax.set_xlim(rows["arc_snr_low"].min(), rows["arc_snr_high"].max())


def cells(figure, rows):
    """Draw on ``figure`` (SubFigure) completeness over theta_E and arc S/N, per cent in each cell, of ``rows``.

    ``rows`` is a DataFrame. With few lenses a cell gives their number.
    """
    ax = figure.subplots()
    edges = [np.unique(rows[[f"{of}_low", f"{of}_high"]]) for of in ("arc_snr", "radius")]
    shape = len(edges[1]) - 1, len(edges[0]) - 1
    rates = rows["rate"].where(rows["trials"] >= FEWEST).to_numpy().reshape(shape)
    drawn = ax.pcolormesh(*edges, rates, cmap="viridis", vmin=0, vmax=1, linewidth=0.4, edgecolor="white")
    for cell in rows[rows["trials"] > 0].itertuples():
        place = np.sqrt(cell.arc_snr_low * cell.arc_snr_high), (cell.radius_low + cell.radius_high) / 2
        coloured = cell.trials >= FEWEST
        text = f"{100 * cell.rate:.0f}" if coloured else f"n={cell.trials:.0f}"
        shade = "0.35" if not coloured else "white" if cell.rate < 0.6 else "black"
        ax.text(*place, text, ha="center", va="center", fontsize=7 if coloured else 6, color=shade)
    if np.isfinite(rows["seeing_best"].iloc[0]):
        mark = {"color": COLOURS[5], "clip_on": False, "transform": ax.get_yaxis_transform()}
        ax.plot([1.02], [rows["seeing_best"].iloc[0] / 2], "<", ms=7, label="seeing / 2, best band", **mark)
        ax.legend(loc="lower right", bbox_to_anchor=(1, 1))
    ax.set_ylabel(r"true $\theta_\mathrm{E}$ of the lens [arcsec]")
    ax.set_title(rows["threshold_name"].iloc[0], pad=6)
    figure.colorbar(drawn, ax=ax, label="completeness (numbers: per cent)")
