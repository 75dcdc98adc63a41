"""Whether the regressor's uncertainties are right: PIT, coverage, standardised residuals, coverage in bins."""

import numpy as np
from scipy.special import ndtr

from lenspipe.plots._style import PRIORS, middles

ONE_SIGMA = ndtr(1) - ndtr(-1)
IN_BINS = {  # panel: its horizontal axis
    "theta_E_pred": r"predicted $\theta_\mathrm{E}$ [arcsec]",
    "theta_E": r"true $\theta_\mathrm{E}$ [arcsec]",
    "arc S/N": "arc S/N",
}


def draw(figure, table):
    """Draw on ``figure`` (Figure) the ``table`` (DataFrame) of regression_calibration.csv."""
    figure.set_size_inches(10.4, 6.9)
    axes = figure.subplot_mosaic([["pit", "coverage", "z"], list(IN_BINS)])
    panels = {"pit": histogram, "coverage": coverage, "z": histogram} | dict.fromkeys(IN_BINS, in_bins)
    for name, panel in panels.items():
        ax = axes[name]
        for prior, rows in table[table["what"] == name].groupby("prior", sort=False):
            effective = "" if prior == "training prior" else " effective"
            panel(ax, rows, PRIORS[prior], f"{prior}: {rows['lenses'].iloc[0]:,.0f}{effective} lenses")
    axes["pit"].axhline(1, color="k", lw=0.8, ls=":")
    axes["pit"].set(xlim=(0, 1), xlabel=r"probability integral transform of true $\theta_\mathrm{E}$", ylabel="density")
    axes["coverage"].axhline(0, color="k", lw=0.8, ls=":")
    axes["coverage"].set(xlim=(0, 1), xlabel="nominal coverage", ylabel=r"actual $-$ nominal coverage")
    z = np.linspace(-4, 4, 200)
    axes["z"].plot(z, np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi), color="k", lw=0.8, ls=":")
    axes["z"].set(xlim=(-4, 4), xlabel=r"(predicted $-$ true) / predicted $\sigma$", ylabel="density")
    for ax in (axes["pit"], axes["z"]):
        ax.set_ylim(bottom=0)
    for name, label in IN_BINS.items():
        axes[name].axhline(ONE_SIGMA, color="k", lw=0.8, ls=":")
        axes[name].set(ylim=(0.4, 1), xlabel=label, ylabel="coverage of the central 68 %")
    axes["arc S/N"].set_xscale("log")
    axes["pit"].plot([], [], color="k", lw=0.8, ls=":", label="right")
    figure.legend(*axes["pit"].get_legend_handles_labels(), loc="outside lower center", ncols=3)


def histogram(ax, rows, colour, label):
    """Draw on ``ax`` (Axes) the density in bins of ``rows`` (DataFrame); ``colour`` and ``label`` are str."""
    width = rows["to"] - rows["from"]
    edges = [*rows["from"], rows["to"].iloc[-1]]
    ax.stairs(rows["share"] / width, edges, baseline=None, color=colour, lw=1.4, label=label)
    low, high = ((rows[end] / width).to_numpy() for end in ("low", "high"))
    ax.fill_between(edges, np.r_[low, low[-1]], np.r_[high, high[-1]], step="post", color=colour, alpha=0.2, lw=0)


def in_bins(ax, rows, colour, label):
    """Draw on ``ax`` (Axes) the coverage in bins of ``rows`` (DataFrame); ``colour`` and ``label`` are str."""
    middle = middles(rows["from"], rows["to"], logarithmic=rows["what"].iloc[0] == "arc S/N")
    reach = [rows["share"] - rows["low"], rows["high"] - rows["share"]]
    ax.errorbar(middle, rows["share"], yerr=reach, fmt="o", ms=4, capsize=2, color=colour, label=label)


def coverage(ax, rows, colour, label):
    """Draw on ``ax`` (Axes) actual minus nominal coverage of ``rows`` (DataFrame); ``colour`` and ``label`` are str."""
    share, low, high = (rows[name] - rows["from"] for name in ("share", "low", "high"))
    ax.fill_between(rows["from"], low, high, color=colour, alpha=0.2, lw=0)
    ax.plot(rows["from"], share, color=colour, label=label)
