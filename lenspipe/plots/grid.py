"""Metrics against the size of the training set, and false positives against radius, with the spread over seeds."""

import numpy as np
from matplotlib.ticker import NullLocator

from lenspipe.plots._style import COLOURS

NETWORKS = [COLOURS[6], COLOURS[5], COLOURS[3], COLOURS[4], COLOURS[1]]
PANELS = {
    "auroc": "AUROC",
    "TPR at FPR 0.1": "completeness at FPR 0.1",
    "TPR at FPR 0.01": "completeness at FPR 0.01",
    "TPR at FPR 0.001": "completeness at FPR 0.001",
    "theta_E bias": r"bias of $\theta_\mathrm{E}$, median [arcsec]",
    "theta_E sigma68": r"$\sigma_{68}$ of $\theta_\mathrm{E}$ [arcsec]",
    "theta_E rmse": r"RMSE of $\theta_\mathrm{E}$ [arcsec]",
}
APART = 0.035  # of the decade or so that the sizes span: keeps networks and intervals beside each other


def draw(figure, members, spread):
    """``members`` is grid.csv, ``spread`` grid_spread.csv."""
    figure.set_size_inches(12, 6.4)
    axes = figure.subplots(2, 4).ravel()
    colours = dict(zip(dict.fromkeys(members["network"]), NETWORKS, strict=False))
    for ax, (metric, title) in zip(axes, PANELS.items(), strict=False):
        against_size(ax, members[members["metric"] == metric], spread[spread["metric"] == metric], colours)
        ax.set(title=title, xlabel="objects trained on")
    axes[4].axhline(0, color="k", lw=0.8, ls=":")
    for ax in axes[5:7]:
        ax.set_ylim(bottom=0)
    against_radius(axes[7], spread[spread["metric"] == "false_positive_rate"], colours)
    legend(figure, axes[0], colours, list(dict.fromkeys(members["population"]))[:2], int(spread["seeds"].iloc[0]))


def against_size(ax, members, spread, colours):
    """One metric: every seed a point, the mean with its spread, and beside it one training's own interval."""
    sizes = sorted(members["train_count"].unique())
    populations = list(dict.fromkeys(members["population"]))
    for place, (network, colour) in enumerate(colours.items()):
        for style, population in zip(("all", "bright"), populations, strict=False):
            filled = colour if style == "all" else "white"
            shift = 10 ** (APART * (2 * place - len(colours) + 1))
            points = of(members, network, population)
            mean = of(spread, network, population).sort_values("train_count")
            x = mean["train_count"] * shift
            ax.plot(points["train_count"] * shift, points["value"], "o", ms=3, color=colour, mfc=filled, mew=0.7)
            ax.errorbar(x, mean["mean"], mean["sd"], color=colour, ls="-" if style == "all" else "--", capsize=3)
            own = np.clip([mean["below"], mean["above"]], 0, None)
            ax.errorbar(x * 10 ** (APART * 0.7), mean["mean"], own, fmt="none", ecolor=colour, alpha=0.35, elinewidth=3)
    ax.set_xscale("log")
    ax.set_xlim(sizes[0] / 1.35, sizes[-1] * 1.35)
    ax.set_xticks(sizes, [f"{size:,}" for size in sizes])
    ax.xaxis.set_minor_locator(NullLocator())


def against_radius(ax, spread, colours):
    """False-positive rate of the largest training sets against radius: mean, and the seeds' spread as a band."""
    largest = spread["train_count"].max()
    for place, (network, colour) in enumerate(colours.items()):
        rows = of(spread[spread["train_count"] == largest], network, "all non-lenses")
        rows = rows[rows["mean"].notna()]
        middle = (rows["radius_low"] + rows["radius_high"]) / 2
        sd = rows["sd"].fillna(0)
        ax.fill_between(middle, np.clip(rows["mean"] - sd, 0, None), rows["mean"] + sd, color=colour, alpha=0.25, lw=0)
        ax.plot(middle, rows["mean"], "o-", ms=3, color=colour)
        own = np.clip([rows["below"], rows["above"]], 0, None)
        ax.errorbar(middle + 0.03 * (place + 1), rows["mean"], own, fmt="none", ecolor=colour, alpha=0.35, elinewidth=3)
    ax.set_ylim(bottom=0)
    ax.set(title=f"false-positive rate, {largest:,} trained on", xlabel="impostor radius of the non-lens [arcsec]")


def legend(figure, ax, colours, populations, seeds):
    """What the marks mean, once for all panels."""
    for network, colour in colours.items():
        ax.plot([], [], color=colour, lw=3, label=network)
    said = f"mean, standard deviation over {seeds} seeds" if seeds > 1 else "one seed: no spread known"
    ax.errorbar([], [], [], color="k", capsize=3, label=said)
    ax.plot([], [], "o", ms=3, color="k", label="each seed")
    ax.errorbar([], [], [], fmt="none", ecolor="k", alpha=0.35, elinewidth=3, label="interval of one training")
    for population, style in zip(populations, ("-", "--"), strict=False):
        ax.plot([], [], style, color="k", marker="o", ms=3, mfc="k" if style == "-" else "white", label=population)
    figure.legend(*ax.get_legend_handles_labels(), loc="outside lower center", ncols=4)


def of(table, network, population):
    """Rows of a network and a population."""
    return table[(table["network"] == network) & (table["population"] == population)]
