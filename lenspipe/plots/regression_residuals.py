"""Residual of the Einstein radius against what it may depend on: running median, 16-84 %, and counts."""

import numpy as np
from matplotlib.ticker import LogLocator

from lenspipe.plots._style import PRIORS, middles

LABELS = {
    "theta_E": r"true $\theta_\mathrm{E}$ [arcsec]",
    "theta_E / seeing": r"true $\theta_\mathrm{E}$ / seeing of the best band",
    "arc S/N": "arc S/N",
}
LOGARITHMIC = {"arc S/N": [1, 2, 5, 10, 20, 50, 100, 200, 500]}


def draw(figure, table):
    """Draw on ``figure`` (Figure) the ``table`` (DataFrame) of regression_residuals.csv."""
    shown = [name for name in LABELS if (table["against"] == name).any()]
    figure.set_size_inches(3.5 * len(shown) + 0.3, 4.9)
    above, below = figure.subplots(2, len(shown), squeeze=False, sharey="row", sharex="col", height_ratios=[3.2, 1])
    for top, bottom, name in zip(above, below, shown, strict=True):
        rows = table[table["against"] == name]
        top.axhline(0, color="k", lw=0.8, ls=":")
        for prior, series in rows.groupby("prior", sort=False):
            residuals(top, series, colour=PRIORS[prior], label=prior, logarithmic=name in LOGARITHMIC)
            edges = [*series["from"], series["to"].iloc[-1]]
            counts = "lenses" if prior == "training prior" else "effective"
            bottom.stairs(series[counts], edges, baseline=None, color=PRIORS[prior], lw=1.4)
        if name in LOGARITHMIC:
            bottom.set_xscale("log")
            bottom.set_xticks(LOGARITHMIC[name], [str(tick) for tick in LOGARITHMIC[name]])
            bottom.minorticks_off()
        bottom.set(xlabel=LABELS[name], yscale="log", xlim=(rows["from"].min(), rows["to"].max()))
    below[0].set_ylim(bottom=1)
    below[0].yaxis.set_major_locator(LogLocator(numticks=9))
    above[0].set_ylabel(r"predicted $-$ true $\theta_\mathrm{E}$ [arcsec]")
    below[0].set_ylabel("lenses in bin\n(or effective)")
    above[0].fill_between([], [], color="0.4", alpha=0.2, lw=0, label="16-84 %")
    figure.legend(*above[0].get_legend_handles_labels(), loc="outside lower center", ncols=4)


def residuals(ax, rows, *, colour, label, logarithmic):
    """Median with its interval, and the range that holds the middle 68 %.

    Parameters
    ----------
    ax : Axes
    rows : DataFrame
    colour, label : str
    logarithmic : bool
        Whether the axis is.
    """
    middle = middles(rows["from"], rows["to"], logarithmic=logarithmic)
    ax.fill_between(middle, rows["p16"], rows["p84"], color=colour, alpha=0.2, lw=0)
    errors = np.clip([rows["median"] - rows["low"], rows["high"] - rows["median"]], 0, None)
    ax.errorbar(middle, rows["median"], errors, fmt="o-", ms=3.5, lw=1.2, color=colour, label=label)
