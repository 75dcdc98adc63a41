"""What the arc alone does to the score: lenses minus their twins, and how many are found as their twins too."""

import numpy as np

from lenspipe.plots._style import COLOURS, mark_seeing, points

LABELS = {"theta_E": r"true $\theta_\mathrm{E}$ of the lens [arcsec]", "arc S/N": "arc S/N of the lens"}
LOGARITHMIC = {"arc S/N": [1, 2, 5, 10, 20, 50, 100, 200, 500]}
TWINS = {  # what they are called, and their colour
    "twin_without_source": ("without the source", COLOURS[6]),
    "twin_unlensed": ("with the source unlensed", COLOURS[5]),
}
LOSSES = {"score": "score of the lens $-$ of its twin", "logit": "the same in logits"}
SERIES = [COLOURS[2], COLOURS[0], COLOURS[4], COLOURS[3], COLOURS[1]]  # of thresholds


def draw(figure, table):
    """``table`` is twins.csv."""
    figure.set_size_inches(9.4, 12.0)
    axes = figure.subplots(5, len(LABELS), sharey="row", sharex="col", height_ratios=[1.7, 1.7, 1.3, 1.3, 0.8])
    for column, against in zip(axes.T, LABELS, strict=True):
        rows = table[table["against"] == against]
        for ax, what in zip(column[:2], LOSSES, strict=True):
            losses(ax, rows[rows["what"] == what], against)
        for ax, twin in zip(column[2:4], TWINS, strict=True):
            still(ax, rows[(rows["what"] == "still") & (rows["twin"] == twin)], against)
        counts(column[4], rows[rows["twin"] == next(iter(TWINS))])
        if against in LOGARITHMIC:
            column[4].set_xscale("log")
            column[4].set_xticks(LOGARITHMIC[against], [str(tick) for tick in LOGARITHMIC[against]])
            column[4].minorticks_off()
        else:
            for ax in column:
                mark_seeing(ax, rows["seeing_best"].iloc[0], rows["seeing_worst"].iloc[0])
        column[4].set(xlabel=LABELS[against], xlim=(rows["from"].min(), rows["to"].max()))
    labels = [*LOSSES.values(), *(f"share found too\n{said}" for said, _ in TWINS.values()), "lenses"]
    for ax, label in zip(axes[:, 0], labels, strict=True):
        ax.set_ylabel(label)
    axes[2, 0].set_ylim(-0.02, 1.02)
    axes[3, 0].set_ylim(-0.02, 1.02)
    axes[4, 0].set_yscale("log")
    legends(axes)


def legends(axes):
    """At the right: of the medians, of the thresholds and of the counts."""
    axes[0, 1].fill_between([], [], color="0.4", alpha=0.5, lw=0, label="16-84 %")
    axes[2, 1].plot([], [], "o", ms=4, color="0.5", mfc="white", label="fewer than 5 twins")
    handles = dict(zip(*axes[0, 0].get_legend_handles_labels()[::-1], strict=True))
    handles |= dict(zip(*axes[0, 1].get_legend_handles_labels()[::-1], strict=True))
    place = {"loc": "upper left", "bbox_to_anchor": (1.0, 1.0), "alignment": "left"}
    axes[0, 1].legend(handles.values(), handles, title="lens minus twin", **place)
    axes[2, 1].legend(title="of the lenses found at", **place)
    axes[4, 1].legend(**place)


def losses(ax, rows, against):
    """Median in bins with its interval, and the band from 16 to 84 %."""
    ax.axhline(0, color="k", lw=0.8, ls=":")
    for twin, (said, colour) in TWINS.items():
        own = rows[rows["twin"] == twin]
        middle = middles(own, against)
        ax.fill_between(middle, own["p16"], own["p84"], color=colour, alpha=0.2, lw=0)
        errors = np.clip([own["value"] - own["low"], own["high"] - own["value"]], 0, None)
        ax.errorbar(middle, own["value"], errors, fmt="o-", ms=3.5, lw=1.2, color=colour, label=f"median, {said}")


def still(ax, rows, against):
    """Share of the lenses found at each threshold that its twin passes too; open: fewer than five twins do."""
    for place, (name, own) in enumerate(rows.groupby("threshold_name", sort=False)):
        middle = middles(own, against, 0.06 * (place - 1))
        points(ax, own.rename(columns={"value": "rate"}), SERIES[place % len(SERIES)], name, middle)


def counts(ax, rows):
    """Lenses in each bin, and those found at each threshold."""
    everyone = rows[rows["what"] == "score"]
    edges = [*everyone["from"], everyone["to"].iloc[-1]]
    ax.stairs(everyone["trials"], edges, color="0.8", fill=True, label="all")
    for place, (name, own) in enumerate(rows[rows["what"] == "still"].groupby("threshold_name", sort=False)):
        ax.stairs(own["trials"], edges, baseline=None, color=SERIES[place % len(SERIES)], label=f"found, {name}")


def middles(rows, against, offset=0.0):
    """Middles of bins; ``offset``, of a bin's width, keeps the bars of several series apart."""
    low, high = rows["from"], rows["to"]
    if against in LOGARITHMIC:
        return np.sqrt(low * high) * (high / low) ** offset
    return (low + high) / 2 + offset * (high - low)
