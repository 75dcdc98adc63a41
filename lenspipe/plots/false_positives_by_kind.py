"""False-positive rate of each kind of non-lens at fixed completeness: a column for each, a row for each prior."""

import numpy as np

from lenspipe.plots._style import colour_of

WHOLE = "all non-lenses"
FEWEST = 5  # events of a point drawn full
MARKS = {"network": ("o", -0.16), "hand-made features": ("s", 0.16)}  # and where between two kinds' lines


def draw(figure, table):
    """``table`` is false_positives_by_kind.csv."""
    priors, levels = (list(dict.fromkeys(table[name])) for name in ("prior", "completeness"))
    kinds = [WHOLE, *sorted(set(table["kind"]) - {WHOLE, "lens"})]
    figure.set_size_inches(3.3 * len(levels) + 1.6, (0.42 * len(kinds) + 0.75) * len(priors) + 0.5)
    axes = figure.subplots(len(priors), len(levels), squeeze=False, sharex=True, sharey=True)
    for row, prior in zip(axes, priors, strict=True):
        for ax, level in zip(row, levels, strict=True):
            rows = table[(table["prior"] == prior) & (table["completeness"] == level)]
            panel(ax, rows, kinds)
            ax.set_title(title(rows, level), fontsize=8)
        row[0].set_yticks(range(len(kinds)), kinds)
        row[0].set_ylabel(prior)
    for ax in axes[-1]:
        ax.set_xlabel("false-positive rate")
    axes[0, 0].set_xscale("symlog", linthresh=1e-3, linscale=0.4)
    axes[0, 0].set(xlim=(0, 1), ylim=(len(kinds) - 0.5, -0.5))
    axes[0, 0].set_xticks([0, 1e-3, 1e-2, 1e-1, 1], ["0", "0.001", "0.01", "0.1", "1"])
    axes[0, 0].minorticks_off()
    for method in dict.fromkeys(table["method"]):
        axes[0, 0].plot([], [], MARKS[method][0], ms=4, color="0.3", label=method)
    axes[0, 0].plot([], [], "D", ms=4, color="0.5", mfc="white", label=f"fewer than {FEWEST} events")
    figure.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=3)


def title(rows, level):
    """What the panel is at, and what each method's threshold finds on the test set."""
    found = rows[rows["kind"] == "lens"]
    said = ", ".join(f"{row.method} {row.rate:.3f}" for row in found.itertuples())
    return f"completeness {level:g} on validation; on test:\n{said}"


def panel(ax, rows, kinds):
    """Each kind's rate by each method, with its interval, and its number beside it."""
    for place, kind in enumerate(kinds):
        ax.axhline(place, color="0.92", lw=0.8, zorder=0)
        for row in rows[rows["kind"] == kind].itertuples():
            mark, offset = MARKS[row.method]
            colour = colour_of("pooled" if kind == WHOLE else kind, place)
            errors = np.clip([[row.rate - row.low], [row.high - row.rate]], 0, None)
            face = colour if row.events >= FEWEST else "white"
            style = {"fmt": mark, "ms": 4, "color": colour, "mfc": face, "elinewidth": 1, "clip_on": False}
            ax.errorbar(row.rate, place + offset, xerr=errors, **style)
            told = {"fontsize": 6.5, "va": "center", "color": colour, "transform": ax.get_yaxis_transform()}
            ax.text(1.025, place + offset, f"{row.rate:.2g}", **told)
