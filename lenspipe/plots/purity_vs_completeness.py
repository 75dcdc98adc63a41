"""Purity against completeness, a panel for each prior, a curve for each prevalence."""

import numpy as np

from lenspipe.plots._style import COLOURS

SERIES = [COLOURS[6], COLOURS[5], COLOURS[3], COLOURS[4]]
FEWEST = 5  # effective false positives of a point on a solid line; lenses found of any point
LEAST = 0.01  # completeness of any point
TICKS = [1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1]


def draw(figure, table):
    """Draw on ``figure`` (Figure) the ``table`` (DataFrame) of purity_vs_completeness.csv."""
    priors = list(dict.fromkeys(table["prior"]))
    figure.set_size_inches(4.6 * len(priors) + 0.6, 4.7)
    axes = figure.subplots(1, len(priors), squeeze=False, sharey=True)[0]
    for ax, prior in zip(axes, priors, strict=True):
        enough = (table["true_positives"] >= FEWEST) & (table["completeness"] >= LEAST)
        of_prior = table[table["prior"] == prior]
        rows = table[enough & (table["prior"] == prior)]
        for place, (prevalence, curve) in enumerate(rows.groupby("prevalence", sort=False)):
            label = f"one candidate in {1 / prevalence:,.0f} is a lens"
            line(ax, curve.sort_values("completeness"), SERIES[place % len(SERIES)], label)
        ax.set(xlim=(0, 1), yscale="log", ylim=(TICKS[0] / 2, 1.15), xlabel="completeness")
        ax.set_yticks(TICKS, ["1e-5", "1e-4", "0.001", "0.01", "0.1", "1"])
        ax.minorticks_off()
        ax.grid(axis="y", color="0.92", lw=0.6)
        if rows.empty:
            ax.text(0.5, 0.5, f"fewer than {FEWEST} lenses", transform=ax.transAxes, ha="center", color="0.4")
        size = [f"{of_prior[name].iloc[0]:,.0f}" for name in ("lenses", "non_lenses")]
        effective = " effective" if prior != "training prior" else ""
        ax.set_title(f"{prior}\n{size[0]}{effective} lenses, {size[1]}{effective} non-lenses")
    axes[0].set_ylabel("purity")
    inspected = axes[-1].secondary_yaxis("right", functions=(reciprocal, reciprocal))
    inspected.set_yticks([1 / tick for tick in TICKS], [f"{1 / tick:,.0f}" for tick in TICKS])
    inspected.minorticks_off()
    inspected.set_ylabel("candidates looked at for one lens")
    axes[0].plot([], [], "--", color="0.4", label=f"fewer than {FEWEST} false positives left")
    axes[0].fill_between([], [], color="0.4", alpha=0.18, lw=0, label="interval, from the false-positive rate's")
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=3)


def reciprocal(value):
    """1 / ``value`` (array); of 0, which axes try out, a large number: array."""
    return 1 / np.clip(value, 1e-12, None)


def line(ax, curve, colour, label):
    """Draw on ``ax`` (Axes) one ``curve`` (DataFrame) in a ``colour`` with a ``label`` (str).

    Solid where enough false positives are left, dashed where few are; where none, its interval alone.
    """
    ax.fill_between(curve["completeness"], curve["low"], curve["high"], color=colour, alpha=0.18, lw=0)
    left = curve["false_positives"]
    enough, few = curve[left >= FEWEST], curve[(left > 0) & (left <= max(FEWEST, left[left >= FEWEST].min()))]
    ax.plot(enough["completeness"], enough["purity"], color=colour, label=label)
    ax.plot(few["completeness"], few["purity"], "--", color=colour)
