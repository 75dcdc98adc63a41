"""Distributions of the catalogue's lenses for each prior, and the quantiles of the published forecast."""

from lenspipe.plots._style import COLOURS, PRIORS

LABELS = {
    "theta_E": r"$\theta_\mathrm{E}$ [arcsec]",
    "z_lens": "redshift of the deflector",
    "z_source": "redshift of the source",
    "sigma_v": r"$\sigma_v$ of the deflector [km/s]",
    "axis_ratio": "axis ratio of the deflector",
    "lens_R_sersic": "half-light radius of the deflector [arcsec]",
    "source_R_sersic": "half-light radius of the source [arcsec]",
    "lens_magnitude_i": "deflector, i [mag]",
    "source_magnitude_i": "source, unlensed, i [mag]",
}
LOGARITHMIC = {"lens_R_sersic": [0.2, 0.5, 1, 2, 5], "source_R_sersic": [0.05, 0.1, 0.2, 0.5, 1]}
SAMPLES = PRIORS | {"survey prior, detectable": COLOURS[3], "forecast": COLOURS[0]}
COLUMNS = 3
ROOM = 0.42  # of a panel's height, for the quantiles above the histograms


def draw(figure, table):
    """Draw on ``figure`` (Figure) the ``table`` (DataFrame) of population.csv."""
    shown = [name for name in LABELS if (table["quantity"] == name).any()]
    rows = -(-len(shown) // COLUMNS)
    figure.set_size_inches(10.2, 2.9 * rows + 0.5)
    axes = figure.subplots(rows, COLUMNS, squeeze=False)
    for ax in axes.ravel()[len(shown) :]:
        ax.remove()
    for ax, name in zip(axes.ravel(), shown, strict=False):
        panel(ax, table[table["quantity"] == name])
        if name in LOGARITHMIC:
            ax.set_xscale("log")
            ax.set_xticks(LOGARITHMIC[name], [f"{tick:g}" for tick in LOGARITHMIC[name]])
            ax.minorticks_off()
        ax.set_xlabel(LABELS[name])
    for row in axes:
        row[0].set_ylabel("share of lenses in bin")
    numbers = table.drop_duplicates("sample").set_index("sample")["lenses"]
    for name, colour in SAMPLES.items():
        if name in numbers:
            effective = " effective" if name.startswith("survey") else ""
            axes[0, 0].plot([], [], color=colour, lw=2, label=f"{name}: {numbers[name]:,.0f}{effective}")
    figure.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=4)


def panel(ax, rows):
    """Draw on ``ax`` (Axes) the histograms of ``rows`` (DataFrame), and above them the quantiles of each sample.

    5-95 % thin, 16-84 % thick, the median with its number.
    """
    names = [name for name in SAMPLES if (rows["sample"] == name).any()]
    bins = rows[rows["what"] == "bin"]
    top = bins["high"].max() / (1 - ROOM)
    for k, name in enumerate(names):
        sample = rows[rows["sample"] == name]
        steps = sample[sample["what"] == "bin"]
        if len(steps):
            edges = [*steps["from"], steps["to"].iloc[-1]]
            ax.stairs(steps["value"], edges, color=SAMPLES[name], lw=1.2)
        height = top * (1 - ROOM * (k + 0.6) / (len(names) + 0.4))
        of_sample = sample[sample["what"] == "quantile"].set_index("from")
        quantiles(ax, of_sample, height=height, top=top, colour=SAMPLES[name])
    ax.set_ylim(0, top)


def quantiles(ax, rows, *, height, top, colour):
    """The quantiles of one sample on a line.

    Parameters
    ----------
    ax : Axes
    rows : DataFrame
        By the share of lenses below.
    height, top : float
        Of the line and of the axis.
    colour : str
    """
    value = rows["value"]
    for ends, width in (((0.05, 0.95), 0.9), ((0.16, 0.84), 3.2)):
        if set(ends) <= set(value.index):
            ax.plot(value[list(ends)], [height] * 2, color=colour, lw=width, solid_capstyle="butt")
    middle = rows.loc[0.5]
    if middle["low"] < middle["high"]:
        ax.plot(middle[["low", "high"]], [height] * 2, color="white", lw=1.2, solid_capstyle="butt")
    ax.plot([middle["value"]], [height], "|", ms=9, mew=1.6, color=colour)
    text = f"{middle['value']:.0f}" if middle["value"] > 100 else f"{middle['value']:.2f}"
    ax.text(middle["value"], height + 0.025 * top, text, color=colour, fontsize=7, ha="center", va="bottom")
