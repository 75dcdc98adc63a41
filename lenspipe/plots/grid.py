"""Metrics against the size of the training set, and false positives against radius, with the spread over seeds."""

import numpy as np
from matplotlib.ticker import NullLocator

from lenspipe.plots._style import COLOURS

NETWORKS = [COLOURS[6], COLOURS[5], COLOURS[3], COLOURS[4], COLOURS[1], COLOURS[2]]
PANELS = {
    "auroc": "AUROC",
    "TPR at FPR 0.1": "completeness at FPR 0.1",
    "TPR at FPR 0.01": "completeness at FPR 0.01",
    "TPR at FPR 0.001": "completeness at FPR 0.001",
    "theta_E bias": r"bias of $\theta_\mathrm{E}$, median [arcsec]",
    "theta_E sigma68": r"$\sigma_{68}$ of $\theta_\mathrm{E}$ [arcsec]",
    "theta_E rmse": r"RMSE of $\theta_\mathrm{E}$ [arcsec]",
}
APART = 0.04  # dex in size: keeps networks, and intervals from means, next to each other
ONE_TRAINING = {"fmt": "none", "alpha": 0.35, "elinewidth": 3}  # the interval of one training


def draw(figure, trainings, spread):
    """Draw on ``figure`` (Figure) the DataFrames ``trainings``, grid.csv, and ``spread``, grid_spread.csv."""
    figure.set_size_inches(12.4, 6.4)
    axes = figure.subplots(2, 4).ravel()
    networks = dict.fromkeys(trainings["network"])
    colours = {network: NETWORKS[place % len(NETWORKS)] for place, network in enumerate(networks)}
    populations = list(dict.fromkeys(trainings.loc[trainings["metric"] == "auroc", "population"]))
    for ax, (metric, title) in zip(axes, PANELS.items(), strict=False):
        shown = (table[table["metric"] == metric] for table in (trainings, spread))
        against_size(ax, *shown, colours=colours, populations=populations)
        ax.set(title=title, xlabel="objects trained on")
    axes[4].axhline(0, color="k", lw=0.8, ls=":")
    for ax in axes[5:7]:
        ax.set_ylim(bottom=0)
    against_radius(axes[7], spread[spread["metric"] == "false_positive_rate"], colours)
    legend(figure, axes[0], colours=colours, populations=populations, seeds=spread["seeds"].max())


def against_size(ax, trainings, spread, *, colours, populations):
    """One metric: every seed a point, the mean with its spread, and next to it the interval of one training.

    Parameters
    ----------
    ax : Axes
    trainings, spread : DataFrame
        Rows of one metric.
    colours : dict of str to str
        By network.
    populations : list of str
    """
    sizes = sorted(trainings["train_count"].unique())
    for place, (network, colour) in enumerate(colours.items()):
        shift = APART * (2 * place - len(colours) + 1)
        for population, line, fill, side in zip(populations, ("-", "--"), (colour, "white"), (-1, 1), strict=False):
            points = rows_of(trainings, network, population)
            mean = rows_of(spread, network, population).sort_values("train_count")
            x = mean["train_count"] * 10**shift
            ax.plot(points["train_count"] * 10**shift, points["value"], "o", ms=3, color=colour, mfc=fill, mew=0.7)
            ax.errorbar(x, mean["mean"], mean["sd"], color=colour, ls=line, capsize=3)
            interval = np.clip([mean["below"], mean["above"]], 0, None)
            ax.errorbar(x * 10 ** (side * APART / 2), mean["mean"], interval, ecolor=colour, **ONE_TRAINING)
    ax.set_xscale("log")
    ax.set_xlim(sizes[0] / 1.35, sizes[-1] * 1.35)
    ax.set_xticks(sizes, [f"{size:,}" for size in sizes])
    ax.xaxis.set_minor_locator(NullLocator())


def against_radius(ax, spread, colours):
    """Draw on ``ax`` the false-positive rate of the largest training sets against radius, from ``spread`` (DataFrame).

    The mean, and the seeds' spread as a band; ``colours`` is a dict of str to str, by network.
    """
    largest = spread["train_count"].max()
    for place, (network, colour) in enumerate(colours.items()):
        rows = rows_of(spread[spread["train_count"] == largest], network, "all non-lenses")
        rows = rows[rows["mean"].notna()]
        middle = (rows["radius_low"] + rows["radius_high"]) / 2
        sd = rows["sd"].fillna(0)
        ax.fill_between(middle, np.clip(rows["mean"] - sd, 0, None), rows["mean"] + sd, color=colour, alpha=0.25, lw=0)
        ax.plot(middle, rows["mean"], "o-", ms=3, color=colour)
        interval = np.clip([rows["below"], rows["above"]], 0, None)
        ax.errorbar(middle + 0.04 * (place + 1), rows["mean"], interval, ecolor=colour, **ONE_TRAINING)
    ax.set_ylim(bottom=0)
    ax.set(title=f"false-positive rate, {largest:,} objects", xlabel="impostor radius of the non-lens [arcsec]")


def legend(figure, ax, *, colours, populations, seeds):
    """What the marks mean, once for all panels.

    Parameters
    ----------
    figure : Figure
    ax : Axes
        Of the first panel.
    colours : dict of str to str
        By network.
    populations : list of str
    seeds : int
        Their number.
    """
    for network, colour in colours.items():
        ax.plot([], [], color=colour, lw=3, label=network)
    for population, line, fill in zip(populations, ("-", "--"), ("k", "white"), strict=False):
        ax.plot([], [], line, color="k", marker="o", ms=3, mfc=fill, label=f"{population}: mean and each seed")
    spread = f"standard deviation over {seeds} seeds" if seeds > 1 else "one seed: its spread is not known"
    ax.errorbar([], [], [], color="k", ls="none", capsize=3, label=spread)
    ax.errorbar(
        [], [], [], ecolor="k", **ONE_TRAINING, label="interval of one training, from the number of test objects"
    )
    figure.legend(*ax.get_legend_handles_labels(), loc="outside lower center", ncols=3)


def rows_of(table, network, population):
    """Rows of ``table`` (DataFrame) of a ``network`` and a ``population`` (str): DataFrame."""
    return table[(table["network"] == network) & (table["population"] == population)]
