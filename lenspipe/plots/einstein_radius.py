"""Predicted against true Einstein radius, their difference, and its statistics in bins."""

import numpy as np

from lenspipe.plots._style import COLOURS

NETWORK = COLOURS[6]
BASELINES = [(COLOURS[5], "--"), (COLOURS[3], "-."), (COLOURS[7], ":")]  # in the table's order
TRUE = r"true $\theta_\mathrm{E}$ [arcsec]"
STATISTICS = [
    ("bias", "bias, median [arcsec]", 0.0),
    ("sigma68", r"$\sigma_{68}$ [arcsec]", None),
    ("nmad", "NMAD [arcsec]", None),
    ("outliers", "outliers, > 30 %", None),
    ("coverage", r"within 1 $\sigma$", 0.6827),
]


def draw(figure, objects, bins):
    """``objects`` is einstein_radius_objects.csv, ``bins`` einstein_radius.csv."""
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
    network = bins[bins["method"] == "network"]
    right.errorbar(
        middle(network),
        network["bias"],
        network["sigma68"],
        fmt="o",
        ms=3,
        color="k",
        zorder=3,
        label=r"$\pm\sigma_{68}$",
    )
    right.set(xlabel=TRUE, ylabel=r"predicted $-$ true [arcsec]", title="median and scatter in bins")
    right.legend(loc="upper right")
    known = [s for s in STATISTICS if bins[s[0]].notna().any()]
    for ax, (name, label, right_value) in zip(below.subplots(1, len(known), squeeze=False)[0], known, strict=True):
        statistic(ax, bins, name)
        if right_value is not None:
            ax.axhline(right_value, color="k", lw=0.8, ls=":")
        ax.set(xlabel=TRUE, title=label)
        if name != "bias":
            ax.set_ylim(bottom=0)
        if name == "bias":
            below.legend(*ax.get_legend_handles_labels(), loc="outside lower center", ncols=4)


def density(ax, x, y, extent):
    """How many objects lie where, on a logarithmic scale, single ones as points."""
    ax.plot(x, y, ".", ms=1.5, color="0.6", rasterized=True, zorder=1)
    ax.hexbin(x, y, gridsize=45, extent=extent, mincnt=3, bins="log", cmap="viridis", linewidths=0.2, zorder=2)
    ax.set(xlim=extent[:2], ylim=extent[2:])


def statistic(ax, bins, name):
    """One statistic of every method against true radius: the network with intervals, the baselines as thin lines."""
    known = bins[bins[name].notna()]
    rows = known[known["method"] == "network"]
    errors = np.clip([rows[name] - rows[f"{name}_low"], rows[f"{name}_high"] - rows[name]], 0, None)
    ax.errorbar(middle(rows), rows[name], errors, fmt="o-", ms=3, lw=1, color=NETWORK, label="network")
    others = [method for method in dict.fromkeys(known["method"]) if method != "network"]
    for (colour, dashes), method in zip(BASELINES, others, strict=False):
        rows = known[known["method"] == method]
        ax.plot(middle(rows), rows[name], ls=dashes, lw=1, color=colour, label=method)


def middle(rows):
    """Centres of bins."""
    return (rows["radius_low"] + rows["radius_high"]) / 2
