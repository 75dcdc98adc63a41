"""Time and memory of each stage."""

import numpy as np

from lenspipe.plots._style import COLOURS


def draw(figure, table):
    """Draw on ``figure`` (Figure) the ``table`` (DataFrame) of stage_times.csv."""
    figure.set_size_inches(8, 0.9 + 0.42 * len(table))
    left, right = figure.subplots(1, 2, sharey=True, width_ratios=(3, 2))
    names = [name(row.stage, row.part) for row in table.itertuples()]
    places = np.arange(len(table))
    bars(left, places - 0.2, table["seconds"] / 60, colour=COLOURS[6], label="by the clock")
    bars(left, places + 0.2, table["cpu_seconds"] / 60, colour=COLOURS[2], label="summed over cores")
    left.set(xlabel="time [minutes]")
    left.set_yticks(places, names)
    left.invert_yaxis()
    left.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=2, borderaxespad=0)
    bars(right, places, table["memory_mb"] / 1000, colour=COLOURS[7])
    right.set(xlabel="largest memory [GB]")
    right.tick_params(labelleft=False)


def name(stage, part):
    """Label (str) of a ``stage`` (str) and its ``part``, a str or NaN for none: ``simulate part 1 of 2``."""
    return f"{stage} {part if isinstance(part, str) else ''}".replace("_", " ").replace("-", " ").strip()


def bars(ax, places, values, *, colour, label=None):
    """Bars with their numbers, two digits; what was not measured has neither.

    Parameters
    ----------
    ax : Axes
    places : array [n]
        On the vertical axis.
    values : Series [n]
    colour : str
    label : str, optional
    """
    drawn = ax.barh(places, values.fillna(0), height=0.38, color=colour, label=label)
    texts = ["" if np.isnan(value) else np.format_float_positional(value, 2, fractional=False) for value in values]
    ax.bar_label(drawn, [text.rstrip(".") for text in texts], padding=3, fontsize=8)
    ax.margins(x=0.15)
