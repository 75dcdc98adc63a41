"""False positives by kind, completeness and contamination against radius, a column for each threshold."""

import numpy as np

from lenspipe.labels import label_of
from lenspipe.plots._style import colour_of, mark_seeing, middles, points

POOLED = ("pooled", "lens", "all")  # series that hold every object of their form
TOGETHER = 4  # kinds in one panel, with all non-lenses
CORNER = {"ha": "right", "va": "bottom", "fontsize": 8}
TITLES = {
    "false_positive_rate": ("false-positive rate", "impostor radius of the non-lens [arcsec]"),
    "completeness": ("completeness", r"true $\theta_\mathrm{E}$ of the lens [arcsec]"),
    "contamination": ("contamination", r"predicted $\theta_\mathrm{E}$ of the candidate [arcsec]"),
}


def draw(figure, table):
    """Draw on ``figure`` (Figure) the ``table`` (DataFrame) of false_positives_vs_radius.csv."""
    forms = [(form, kinds) for form in TITLES for kinds in together(table[table["form"] == form])]
    names = list(dict.fromkeys(table["threshold_name"]))
    figure.set_size_inches(3.6 * len(names) + 0.6, 2.7 * len(forms) + 0.4)
    axes = figure.subplots(len(forms), len(names), squeeze=False, sharey="row")
    for row, (form, kinds) in zip(axes, forms, strict=True):
        shown = table[(table["form"] == form) & table["kind"].isin(kinds)]
        for ax, name in zip(row, names, strict=True):
            panel(ax, shown[shown["threshold_name"] == name], form)
        row[0].set_ylabel(TITLES[form][0])
    for ax, name in zip(axes[0], names, strict=True):
        threshold = table.loc[table["threshold_name"] == name, "threshold"].iloc[0]
        ax.set_title(name if name.startswith("score") else f"{name}\n(score > {threshold:.3f})")
    for row in axes:
        row[-1].plot([], [], "o", ms=4, color="0.5", mfc="white", label="fewer than 5 events")
        row[-1].legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))


def together(rows):
    """Kinds of each row of panels, of one form's ``rows``: list, four at a time, the most deceiving first."""
    kinds = rows[~rows["kind"].isin(POOLED)].groupby("kind")[["events", "trials"]].sum()
    order = (kinds["events"] / kinds["trials"]).sort_values(ascending=False).index.tolist()
    pooled = [kind for kind in POOLED if (rows["kind"] == kind).any()]
    groups = [order[k : k + TOGETHER] for k in range(0, len(order), TOGETHER)] or [[]]
    return [pooled + group for group in groups] if len(rows) else []


def panel(ax, rows, form):
    """Draw on ``ax`` (Axes) the ``rows`` (DataFrame) of one ``form`` (str) at one threshold."""
    mark_seeing(ax, rows["seeing_best"].iloc[0], rows["seeing_worst"].iloc[0])
    kinds = list(dict.fromkeys(rows["kind"]))
    for place, kind in enumerate(kinds):
        series = rows[rows["kind"] == kind]
        offset = 0.0 if kind in POOLED else 0.12 * (place - len(kinds) / 2)
        middle = middles(series["radius_low"], series["radius_high"], offset=offset)
        points(ax, series, colour=colour_of(kind, place), label=label_of_series(series, form, kind), middle=middle)
        if kind in POOLED:
            ax.text(
                1.0,
                1.02,
                f"{series['events'].sum():,} of {series['trials'].sum():,}",
                **CORNER,
                transform=ax.transAxes,
            )
    ax.set_xlabel(TITLES[form][1])
    ax.set_xlim(max(0, rows["radius_low"].min() - 0.1), rows["radius_high"].max() + 0.1)
    if form == "false_positive_rate":
        ax.set_yscale("symlog", linthresh=1e-3, linscale=0.4)
        ax.set_ylim(0, 1)
        ax.set_yticks([0, 1e-3, 1e-2, 1e-1, 1], ["0", "0.001", "0.01", "0.1", "1"])
        ax.minorticks_off()
    elif form == "contamination":
        # Contamination is near 1 at a search's prevalence: an axis that opens up towards 1.
        ax.set_yscale("function", functions=(lambda y: -np.log10(1.0005 - y), lambda v: 1.0005 - 10.0 ** (-v)))
        ax.set_ylim(0, 1)
        ax.set_yticks([0, 0.5, 0.9, 0.99, 0.999, 1], ["0", "0.5", "0.9", "0.99", "0.999", "1"])
    else:
        ax.set_ylim(0, 1)


def label_of_series(series, form, kind):
    """Label (str) of a ``series`` (DataFrame) of one ``form`` and ``kind`` (str)."""
    match form:
        case "completeness":
            return "lenses found"
        case "contamination":
            return f"at prevalence {series['prevalence'].iloc[0]:g}"
    return "all non-lenses" if kind == "pooled" else f"{label_of(kind)} ({series['share'].iloc[0]:.0%})"
