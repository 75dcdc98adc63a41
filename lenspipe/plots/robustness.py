"""Rates where images are off-centre, incomplete, miscalibrated or blurred, at the threshold of unchanged ones."""

import numpy as np

from lenspipe.plots._style import COLOURS

AXES = {
    "shift": "shift in x and y [pixels]",
    "missing band": "missing band",
    "missing pixels": "missing pixels",
    "zero point": "zero point of one band off by [mag]",
    "seeing": "seeing, times its own",
}
UNCHANGED = "as they are"


def draw(figure, table):
    """Draw on ``figure`` (Figure) the ``table`` (DataFrame) of robustness.csv."""
    groups = list(dict.fromkeys(table["population"]))
    figure.set_size_inches(11, 2.6 * len(groups))
    axes = figure.subplots(len(groups), len(AXES), sharex="col", sharey="row", squeeze=False)
    for row, group in zip(axes, groups, strict=True):
        rows = table[table["population"] == group]
        before = rows[rows["change"] == UNCHANGED].iloc[0]
        for ax, change in zip(row, AXES, strict=True):
            ax.axhspan(before["low"], before["high"], color="0.85", lw=0)
            ax.axhline(before["rate"], color="0.5", lw=1, label="as they are")
            changed = rows[rows["change"] == change]
            place = np.arange(len(changed))
            reach = [changed["rate"] - changed["low"], changed["high"] - changed["rate"]]
            colour = COLOURS[6] if group != groups[-1] else COLOURS[5]
            ax.margins(x=0.15)
            ax.errorbar(
                place,
                changed["rate"],
                yerr=reach,
                fmt="o" if change == "missing band" else "o-",
                ms=4,
                color=colour,
                capsize=2,
            )
            ax.set_xticks(place, changed["label"], rotation=45 if change == "zero point" else 0)
        row[0].set_ylim(bottom=0)
        row[0].set_ylabel("completeness" if group != groups[-1] or len(groups) == 1 else "false-positive rate")
        row[0].set_title(f"{group}, {before['trials']:,.0f} images", fontsize=9)
    for ax, change in zip(axes[-1], AXES.values(), strict=True):
        ax.set_xlabel(change)
    axes[0, -1].legend(loc="lower left")
