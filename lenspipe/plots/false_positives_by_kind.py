"""False-positive rate of each kind of non-lens at fixed completeness: a column for each, a row for each prior."""

import numpy as np

from lenspipe.labels import label_of, label_of_method
from lenspipe.plots._style import colour_of

POOLED = "all non-lenses"
FEWEST = 5  # events of a point drawn full
MARKS = ["o", "s", "^", "v", "D", "P", "X"]  # of methods, in the table's order
APART = 0.64  # of the distance between two kinds' lines that the methods' points take, with two of them half


def draw(figure, table):
    """Draw on ``figure`` (Figure) the ``table`` (DataFrame) of false_positives_by_kind.csv."""
    priors, levels = (list(dict.fromkeys(table[name])) for name in ("prior", "completeness"))
    kinds = [POOLED, *sorted(set(table["kind"]) - {POOLED, "lens"})]
    methods = marks_of(table)
    height = max(0.42, 0.13 * len(methods))
    figure.set_size_inches(3.3 * len(levels) + 1.6, (height * len(kinds) + 0.75) * len(priors) + 0.5)
    axes = figure.subplots(len(priors), len(levels), squeeze=False, sharex=True, sharey=True)
    for row, prior in zip(axes, priors, strict=True):
        for ax, level in zip(row, levels, strict=True):
            rows = table[(table["prior"] == prior) & (table["completeness"] == level)]
            panel(ax, rows, kinds, methods)
            ax.set_title(title(rows, level), fontsize=8)
        row[0].set_yticks(range(len(kinds)), [label_of(kind) for kind in kinds])
        row[0].set_ylabel(prior)
    for ax in axes[-1]:
        ax.set_xlabel("false-positive rate")
    axes[0, 0].set_xscale("symlog", linthresh=1e-3, linscale=0.4)
    axes[0, 0].set(xlim=(0, 1), ylim=(len(kinds) - 0.5, -0.5))
    axes[0, 0].set_xticks([0, 1e-3, 1e-2, 1e-1, 1], ["0", "0.001", "0.01", "0.1", "1"])
    axes[0, 0].minorticks_off()
    for method, (mark, _) in methods.items():
        axes[0, 0].plot([], [], mark, ls="", ms=4, color="0.3", label=label_of_method(method))
    axes[0, 0].plot([], [], "D", ms=4, color="0.5", mfc="white", label=f"fewer than {FEWEST} events")
    figure.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=3)


def marks_of(table):
    """Mark of each method of ``table`` (DataFrame), and its place next to a kind's line: dict of str to tuple."""
    names = list(dict.fromkeys(table["method"]))
    step = APART / max(len(names), 2)
    offsets = {name: step * (k - (len(names) - 1) / 2) for k, name in enumerate(names)}
    return {name: (MARKS[k % len(MARKS)], offset) for k, (name, offset) in enumerate(offsets.items())}


def title(rows, level):
    """Title (str) of a panel: its ``level`` (float), and each method's completeness on test, from ``rows``."""
    lenses = rows[rows["kind"] == "lens"]
    on_test = [f"{label_of_method(row.method)} {row.rate:.3f}" for row in lenses.itertuples()]
    lines = [", ".join(on_test)] if len(on_test) < 3 else on_test
    return "\n".join([f"completeness {level:g} on validation; on test:", *lines])


def panel(ax, rows, kinds, methods):
    """Draw on ``ax`` (Axes) each kind's rate by each method, with its interval, and its number next to it.

    ``rows`` (DataFrame) are of one prior and completeness; ``kinds`` is a list of str; ``methods`` from ``marks_of``.
    """
    for place, kind in enumerate(kinds):
        ax.axhline(place, color="0.92", lw=0.8, zorder=0)
        for row in rows[rows["kind"] == kind].itertuples():
            mark, offset = methods[row.method]
            colour = colour_of("pooled" if kind == POOLED else kind, place)
            errors = np.clip([[row.rate - row.low], [row.high - row.rate]], 0, None)
            face = colour if row.events >= FEWEST else "white"
            style = {"fmt": mark, "ms": 4, "color": colour, "mfc": face, "elinewidth": 1, "clip_on": False}
            ax.errorbar(row.rate, place + offset, xerr=errors, **style)
            text = {"fontsize": 6.5, "va": "center", "color": colour, "transform": ax.get_yaxis_transform()}
            ax.text(1.025, place + offset, f"{row.rate:.2g}", **text)
