"""Predicted against true Einstein radius, their difference, and its statistics in bins."""

import numpy as np

from lenspipe.labels import label_of_method
from lenspipe.plots._style import COLOURS

HEADLINE = COLOURS[6]
OTHER_METHODS = [  # in the table's order
    (COLOURS[5], "--"),
    (COLOURS[3], "-."),
    (COLOURS[7], ":"),
    (COLOURS[4], (0, (5, 1, 1, 1, 1, 1))),
    (COLOURS[1], (0, (1, 3))),
]
TRUE = r"true $\theta_\mathrm{E}$ [arcsec]"
STATISTICS = [
    ("bias", "bias, median [arcsec]", 0.0),
    ("sigma68", r"$\sigma_{68}$ [arcsec]", None),
    ("nmad", "NMAD [arcsec]", None),
    ("outliers", "outliers, > 30 %", None),
    ("coverage", r"within 1 $\sigma$", 0.6827),
]


def draw(figure, objects, bins):
    """Draw on ``figure`` (Figure) the DataFrames ``objects``, einstein_radius_objects.csv, and ``bins``.

    The first method of ``bins``, einstein_radius.csv, is that of the objects; others are thin lines.
    """
    figure.set_size_inches(9.5, 7.2)
    above, below = figure.subfigures(2, 1, height_ratios=[1.35, 1])
    left, right = above.subplots(1, 2)
    limits = [bins["radius_low"].min(), bins["radius_high"].max()]
    top = max(limits[1], objects["theta_E_pred"].quantile(0.999))
    density(left, objects["theta_E"], objects["theta_E_pred"], (*limits, 0, top))
    left.plot(limits, limits, color="k", lw=0.8, zorder=3)
    left.set(xlabel=TRUE, ylabel=r"predicted $\theta_\mathrm{E}$ [arcsec]", title=f"{len(objects):,} lenses")
    difference = objects["theta_E_pred"] - objects["theta_E"]
    reach = max(0.5, difference.abs().quantile(0.995))
    density(right, objects["theta_E"], difference, (*limits, -reach, reach))
    right.axhline(0, color="k", lw=0.8, zorder=3)
    headline = bins[bins["method"] == bins["method"].iloc[0]]
    right.errorbar(
        middle(headline),
        headline["bias"],
        headline["sigma68"],
        fmt="o",
        ms=3,
        color="k",
        zorder=3,
        label=r"$\pm\sigma_{68}$",
    )
    right.set(xlabel=TRUE, ylabel=r"predicted $-$ true [arcsec]", title="median and scatter in bins")
    right.legend(loc="upper right")
    measured = [s for s in STATISTICS if bins[s[0]].notna().any()]
    if not measured:
        below.text(0.5, 0.5, "no bin of radius holds enough lenses", ha="center", color="0.4")
        return
    for ax, (name, label, right_value) in zip(
        below.subplots(1, len(measured), squeeze=False)[0], measured, strict=True
    ):
        statistic(ax, bins, name)
        if right_value is not None:
            ax.axhline(right_value, color="k", lw=0.8, ls=":")
        ax.set(xlabel=TRUE, title=label)
        if name != "bias":
            ax.set_ylim(bottom=0)
        if name == "bias":
            below.legend(*ax.get_legend_handles_labels(), loc="outside lower center", ncols=4)


def density(ax, x, y, extent):
    """Draw on ``ax`` how many objects lie at ``x`` and ``y`` (Series), on a logarithmic scale, single ones as points.

    ``extent`` is a tuple of the axes' limits: low and high of x, then of y.
    """
    ax.plot(x, y, ".", ms=1.5, color="0.6", rasterized=True, zorder=1)
    ax.hexbin(x, y, gridsize=45, extent=extent, mincnt=3, bins="log", cmap="viridis", linewidths=0.2, zorder=2)
    ax.set(xlim=extent[:2], ylim=extent[2:])


def statistic(ax, bins, name):
    """Draw on ``ax`` the statistic ``name`` (str) of every method in ``bins`` (DataFrame) against true radius.

    The first method has intervals, the others are thin lines.
    """
    headline, *other_methods = dict.fromkeys(bins["method"])
    bins = bins[bins[name].notna()]
    rows = bins[bins["method"] == headline]
    errors = np.clip([rows[name] - rows[f"{name}_low"], rows[f"{name}_high"] - rows[name]], 0, None)
    ax.errorbar(middle(rows), rows[name], errors, fmt="o-", ms=3, lw=1, color=HEADLINE, label=label_of_method(headline))
    for (colour, dashes), method in zip(OTHER_METHODS, other_methods, strict=False):
        rows = bins[bins["method"] == method]
        ax.plot(middle(rows), rows[name], ls=dashes, lw=1, color=colour, label=label_of_method(method))


def middle(rows):
    """Centres of the bins of ``rows`` (DataFrame), arcsec: Series."""
    return (rows["radius_low"] + rows["radius_high"]) / 2
