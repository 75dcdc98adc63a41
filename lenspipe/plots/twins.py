"""What the arc alone does to the score: lenses minus their twins, and how many are found as their twins too."""

import numpy as np

from lenspipe.labels import label_of
from lenspipe.plots._style import COLOURS, mark_seeing, points
from lenspipe.plots._style import middles as middles_of

LABELS = {"theta_E": r"true $\theta_\mathrm{E}$ of the lens [arcsec]", "arc S/N": "arc S/N of the lens"}
LOGARITHMIC = {"arc S/N": [1, 2, 5, 10, 20, 50, 100, 200, 500]}
TWINS = {"twin_without_source": COLOURS[6], "twin_unlensed": COLOURS[5]}
LOSSES = {"score": "score of the lens $-$ of its twin", "logit": "the same in logits"}
SERIES = [COLOURS[2], COLOURS[0], COLOURS[4], COLOURS[3], COLOURS[1]]  # of thresholds


def draw(figure, table):
    """Draw on ``figure`` (Figure) the ``table`` (DataFrame) of twins.csv."""
    figure.set_size_inches(9.4, 12.0)
    axes = figure.subplots(5, len(LABELS), sharey="row", sharex="col", height_ratios=[1.7, 1.7, 1.3, 1.3, 0.8])
    for column, against in zip(axes.T, LABELS, strict=True):
        rows = table[table["against"] == against]
        for ax, scale in zip(column[:2], LOSSES, strict=True):
            losses(ax, rows[rows["what"] == scale], against)
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
    labels = [*LOSSES.values(), *(f"share found too\n{label_of(twin)}" for twin in TWINS), "lenses"]
    for ax, label in zip(axes[:, 0], labels, strict=True):
        ax.set_ylabel(label)
    axes[2, 0].set_ylim(-0.02, 1.02)
    axes[3, 0].set_ylim(-0.02, 1.02)
    axes[4, 0].set_yscale("log")
    legends(axes)


def legends(axes):
    """Legends to the right of ``axes`` (array [row, column] of Axes): of medians, thresholds and counts."""
    axes[0, 1].fill_between([], [], color="0.4", alpha=0.5, lw=0, label="16-84 %")
    axes[2, 1].plot([], [], "o", ms=4, color="0.5", mfc="white", label="fewer than 5 twins")
    handles = dict(zip(*axes[0, 0].get_legend_handles_labels()[::-1], strict=True))
    handles |= dict(zip(*axes[0, 1].get_legend_handles_labels()[::-1], strict=True))
    place = {"loc": "upper left", "bbox_to_anchor": (1.0, 1.0), "alignment": "left"}
    axes[0, 1].legend(handles.values(), handles, title="lens minus twin", **place)
    axes[2, 1].legend(title="of the lenses found at", **place)
    axes[4, 1].legend(**place)


def losses(ax, rows, against):
    """Draw on ``ax`` medians in bins of ``against`` (str) from ``rows`` (DataFrame), and the range of 16 to 84 %."""
    ax.axhline(0, color="k", lw=0.8, ls=":")
    for twin, colour in TWINS.items():
        series = rows[rows["twin"] == twin]
        middle = middles(series, against)
        ax.fill_between(middle, series["p16"], series["p84"], color=colour, alpha=0.2, lw=0)
        errors = np.clip([series["value"] - series["low"], series["high"] - series["value"]], 0, None)
        label = f"median, {label_of(twin)}"
        ax.errorbar(middle, series["value"], errors, fmt="o-", ms=3.5, lw=1.2, color=colour, label=label)


def still(ax, rows, against):
    """Draw on ``ax`` (Axes) the share of the lenses found whose twin is found too; open: fewer than five twins are.

    ``rows`` (DataFrame) are in bins of ``against`` (str).
    """
    for place, (name, series) in enumerate(rows.groupby("threshold_name", sort=False)):
        middle = middles(series, against, 0.06 * (place - 1))
        series = series.rename(columns={"value": "rate"})
        points(ax, series, colour=SERIES[place % len(SERIES)], label=name, middle=middle)


def counts(ax, rows):
    """Draw on ``ax`` (Axes) the lenses in each bin of ``rows`` (DataFrame), and those found at each threshold."""
    lenses = rows[rows["what"] == "score"]
    edges = [*lenses["from"], lenses["to"].iloc[-1]]
    ax.stairs(lenses["trials"], edges, color="0.8", fill=True, label="all")
    for place, (name, series) in enumerate(rows[rows["what"] == "still"].groupby("threshold_name", sort=False)):
        ax.stairs(series["trials"], edges, baseline=None, color=SERIES[place % len(SERIES)], label=f"found, {name}")


def middles(rows, against, offset=0.0):
    """Middles of the bins of ``rows`` (DataFrame) of ``against`` (str), moved by ``offset`` bin widths: Series."""
    return middles_of(rows["from"], rows["to"], offset=offset, logarithmic=against in LOGARITHMIC)
