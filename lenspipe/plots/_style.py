"""What all figures share: type, colours, how stamps become colour pictures, and the mark at half the seeing."""

import numpy as np

STYLE = {
    "font.size": 9,
    "axes.titlesize": 10,
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "legend.frameon": False,
    "legend.fontsize": 8,
    "lines.linewidth": 1.4,
    "savefig.dpi": 160,
    "pdf.fonttype": 42,
}
# Okabe & Ito's colours, which colour-blind readers can distinguish.
COLOURS = ["#000000", "#E69F00", "#56B4E9", "#009E73", "#CC79A7", "#D55E00", "#0072B2", "#999999"]
KINDS = {"lens": "#000000", "pooled": "#000000", "all": "#000000", "deflector": "#D55E00", "companions": "#0072B2"}
KINDS |= {"ring": "#009E73", "spiral": "#CC79A7", "star": "#E69F00"}
# More than Okabe & Ito have: darker and paler ones between theirs, in Tol's spirit.
KINDS |= {"near_miss": "#56B4E9", "merger": "#882255", "edge_on": "#332288", "bright_star": "#999933"}
KINDS |= {"red_pair": "#8C510A", "group": "#777777"}
PRIORS = {"training prior": COLOURS[6], "survey prior": COLOURS[5]}
SOFTENING = 12.0  # counts at zero point 30 where the asinh stretch turns from linear to logarithmic
WHITE = 400.0  # counts that are drawn full
BALANCE = {"g": 1.6, "r": 1.0, "i": 0.8, "z": 0.6}  # factors that make a mid-redshift elliptical yellowish


def colour_of(kind, place=0):
    """Colour (str) of a ``kind`` (str); of an unknown one by its ``place`` (int) in the figure."""
    return KINDS.get(kind, COLOURS[1 + place % (len(COLOURS) - 1)])


def colour_picture(stamp, bands):
    """A stamp as a colour picture: i, r, g where they exist, asinh with a fixed stretch.

    The stretch acts on the mean of the three, so that colours keep their ratios (Lupton et al. 2004).

    Parameters
    ----------
    stamp : array [band, y, x], counts
    bands : sequence of str

    Returns
    -------
    array [y, x, 3]
        RGB, 0 to 1.
    """
    names = [b for b in ("i", "r", "g") if b in bands]
    names = names if len(names) == 3 else [bands[-1], bands[len(bands) // 2], bands[0]]
    planes = [np.nan_to_num(stamp[list(bands).index(b)]) * BALANCE.get(b, 1.0) for b in names]
    rgb = np.stack(planes, axis=-1).astype(float)
    mean = np.maximum(rgb.mean(axis=-1, keepdims=True), 1e-6)
    return np.clip(0.06 + rgb / mean * np.arcsinh(mean / SOFTENING) / np.arcsinh(WHITE / SOFTENING), 0, 1)


def hide_axes(ax):
    """Take ticks and frame of ``ax`` (Axes) away: for pictures; returns None."""
    ax.set(xticks=[], yticks=[])
    for spine in ax.spines.values():
        spine.set_visible(False)


def mark_seeing(ax, best, worst):
    """Shade half the median seeing of the bands.

    Parameters
    ----------
    ax : Axes
    best, worst : float, arcsec
        Of the bands; nothing is shaded if they are NaN.
    """
    if np.isfinite(best):
        ax.axvspan(best / 2, worst / 2, color="0.9", zorder=0, lw=0, label="seeing / 2, best to worst band")


def middles(low, high, *, offset=0.0, logarithmic=False):
    """Middles of bins.

    Parameters
    ----------
    low, high : Series [bin]
        Edges.
    offset : float
        Of a bin's width: keeps the bars of several series apart.
    logarithmic : bool
        Whether the middle is that of the logarithms.

    Returns
    -------
    Series [bin]
    """
    return np.sqrt(low * high) * (high / low) ** offset if logarithmic else (low + high) / 2 + offset * (high - low)


def points(ax, table, *, colour, label, middle=None):
    """Rates with intervals in bins; bins with fewer than five events are open.

    Parameters
    ----------
    ax : Axes
    table : DataFrame
        As from ``stats.rates.rates_in_bins``.
    colour, label : str
    middle : Series, optional
        Where the bins' points are drawn; in the middle of each bin of radius if not given.
    """
    table = table[table["trials"] > 0]
    middle = (middles(table["radius_low"], table["radius_high"]) if middle is None else middle)[table.index]
    errors = np.clip([table["rate"] - table["low"], table["high"] - table["rate"]], 0, None)
    ax.plot(middle, table["rate"], color=colour, lw=1, alpha=0.7)
    ax.errorbar(middle, table["rate"], errors, fmt="none", ecolor=colour, elinewidth=1)
    few = (table["events"] < 5).to_numpy()
    ax.plot(middle[~few], table["rate"][~few], "o", ms=4, color=colour, label="_" if few.all() else label)
    ax.plot(middle[few], table["rate"][few], "o", ms=4, color=colour, mfc="white", label=label if few.all() else "_")
