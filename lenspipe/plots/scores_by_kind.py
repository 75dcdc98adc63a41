"""The distribution of scores of each kind of object."""

from scipy.special import logit

from lenspipe.labels import label_of
from lenspipe.plots._style import COLOURS, colour_of

TICKS = [1e-4, 1e-3, 1e-2, 0.1, 0.5, 0.9, 0.99, 0.999, 0.9999]


def draw(figure, table):
    """Draw on ``figure`` (Figure) the ``table`` (DataFrame) of scores_by_kind.csv."""
    kinds = sorted(table["kind"].unique(), key=lambda kind: (kind != "lens", kind))
    figure.set_size_inches(7.5, (1.15 if len(kinds) < 8 else 0.9) * len(kinds) + 0.7)
    axes = figure.subplots(len(kinds), 1, sharex=True, squeeze=False)[:, 0]
    for place, (ax, kind) in enumerate(zip(axes, kinds, strict=True)):
        panel(ax, table[table["kind"] == kind], colour_of(kind, place), kind)
    axes[-1].set_xticks(logit(TICKS), [f"{tick:g}" for tick in TICKS])
    axes[-1].set_xlabel("score (axis: its logit)")
    axes[0].legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=4)


def panel(ax, rows, colour, kind):
    """Draw on ``ax`` the histogram of a ``kind`` (str), its ``rows`` (DataFrame), the thresholds and shares above them.

    ``colour`` is a str.
    """
    bins = rows[rows["what"] == "bin"]
    edges = [*bins["logit_low"], bins["logit_high"].iloc[-1]]
    ax.stairs(bins["rate"], edges, color=colour, fill=True, alpha=0.5)
    shares = []
    for place, row in enumerate(rows[rows["what"] != "bin"].itertuples()):
        ax.axvline(row.logit_low, color=COLOURS[5 + place % 3], lw=1, ls="--", label=row.what)
        shares.append(f"{row.rate:.3g}")
    above = " / ".join(shares)
    ax.text(
        1.0,
        0.95,
        f"{label_of(kind)}, n = {bins['trials'].iloc[0]:,}\nabove: {above}",
        ha="right",
        va="top",
        transform=ax.transAxes,
    )
    ax.set(ylabel="share", ylim=(0, bins["rate"].max() * 1.5), xlim=(edges[0], edges[-1]))
