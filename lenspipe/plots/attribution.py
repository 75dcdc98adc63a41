"""Where the classifier's reasons lie: attribution maps of some objects, and their shares on the arc against chance."""

import numpy as np

from lenspipe.labels import label_of, with_labels
from lenspipe.plots._style import COLOURS, colour_of, colour_picture, hide_axes

CONTOUR = COLOURS[3]
POOLED = COLOURS[7]
FAINTEST = 0.99  # quantile of |attribution| that is drawn full, in each map
SHARES = {  # measure: mark, filled, label
    "positive": ("o", True, "on the arc"),
    "positive_turned": ("o", False, "on the arc turned"),
    "positive_untrained": ("s", False, "untrained network"),
    "area": ("|", True, "area"),
}
SCORES = {"score": ("D", True, "as it is"), "score_without": ("D", False, "without the arc")}


def draw(figure, arrays, table):
    """Draw on ``figure`` (Figure) the ``arrays`` (dict) of attribution.npz, the ``table`` (DataFrame) of its csv."""
    count = len(arrays["id"])
    populations = list(dict.fromkeys(table["population"]))
    heights = [3.35 if count else 0.1, 0.42 * max(len(populations), 2) + 1.3]
    figure.set_size_inches(max(1.45 * count, 8.8), sum(heights))
    above, below = figure.subfigures(2, 1, height_ratios=heights)
    if count:
        stamps(above, arrays)
    left, right = below.subplots(1, 2, sharey=True, width_ratios=[1.3, 1])
    for place, population in enumerate(populations):
        rows = table[table["population"] == population].set_index("measure")
        colour = (
            POOLED if population == "false positives" else colour_of(population.partition(": ")[2] or "lens", place)
        )
        for ax, measures in ((left, SHARES), (right, SCORES)):
            for k, (measure, (mark, filled, _)) in enumerate(measures.items()):
                height = place + 0.14 * (k - 1.2)
                interval(ax, rows.loc[measure], height, colour=colour, mark=mark, filled=filled)
        right.text(
            1.02, place, f"{rows.loc['still', 'value'] * 100:.0f} % still\nabove", fontsize=7, va="center", color=colour
        )
    for threshold in table["threshold"].unique():
        right.axvline(threshold, color="0.6", lw=1, ls="--", label="threshold")
    names = [f"{with_labels(name)} ({table.loc[table['population'] == name, 'n'].max()})" for name in populations]
    left.set_yticks(range(len(populations)), names)
    left.set(
        ylim=(max(len(populations), 1) - 0.5, -0.5), xlabel="share of the positive attribution (of the stamp: area)"
    )
    left.set_xlim(left=0)
    right.set(xlim=(0, 1), xlabel="median score")
    for ax, measures in ((left, SHARES), (right, SCORES)):
        for mark, filled, label in measures.values():
            ax.plot([], [], mark, ms=5, color="0.3", mfc="0.3" if filled else "white", label=label)
        ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, columnspacing=1)


def interval(ax, row, height, *, colour, mark, filled):
    """A value with its interval on a line.

    Parameters
    ----------
    ax : Axes
    row : Series
        ``value``, ``low``, ``high``.
    height : float
        Of the line, on the vertical axis.
    colour, mark : str
    filled : bool
    """
    errors = np.clip([[row["value"] - row["low"]], [row["high"] - row["value"]]], 0, None)
    ax.errorbar(
        row["value"], height, xerr=errors, fmt=mark, ms=5, color=colour, mfc=colour if filled else "white", elinewidth=1
    )


def stamps(figure, arrays):
    """Draw on ``figure`` (SubFigure) the images of ``arrays`` (dict), and below their maps with the arcs outlined."""
    axes = figure.subplots(2, len(arrays["id"]), squeeze=False)
    for k, (top, bottom) in enumerate(axes.T):
        hide_axes(top)
        hide_axes(bottom)
        top.imshow(colour_picture(arrays["image"][k], list(arrays["band"])), origin="lower", interpolation="nearest")
        text = f'{label_of(arrays["kind"][k])}  {arrays["score"][k]:.3f}\n{arrays["radius"][k]:.2f}"'
        top.set_title(text + f"  on arc {arrays['positive'][k]:.2f}", fontsize=7, loc="center", pad=2)
        values = arrays["map"][k]
        limit = np.quantile(np.abs(values), FAINTEST) or 1.0
        bottom.imshow(values, "RdBu_r", vmin=-limit, vmax=limit, origin="lower", interpolation="nearest")
        bottom.contour(arrays["arc"][k].astype(float), levels=[0.5], colors=CONTOUR, linewidths=0.8)
    roles = arrays["role"].tolist()
    for role in dict.fromkeys(roles):
        axes[0, roles.index(role)].set_ylabel(role, fontsize=9)
    axes[1, 0].set_ylabel("attribution\n(red: for a lens)", fontsize=8)
