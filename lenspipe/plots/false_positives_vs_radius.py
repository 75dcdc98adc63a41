"""The headline: false positives, completeness and contamination against radius at one threshold, and four objects."""

import numpy as np

from lenspipe.labels import label_of
from lenspipe.plots._stamps import scale_bar
from lenspipe.plots._style import colour_picture, hide_axes, mark_seeing, points
from lenspipe.stats.strictest import OF_A_RATE, strictest_threshold

RIGHT, WRONG = "#0072B2", "#D55E00"  # colours of what the finder gets right and wrong
PANELS = {  # form: its pooled series, colour, title, label of y and of x
    "false_positive_rate": (
        "pooled",
        WRONG,
        "Impostors called lenses",
        "false-positive rate [%]",
        "radius of the arc-like feature [arcsec]",
    ),
    "completeness": ("lens", RIGHT, "Lenses found", "completeness [%]", r"true $\theta_\mathrm{E}$ [arcsec]"),
    "contamination": (
        "all",
        WRONG,
        "False candidates",
        "contamination [%]",
        r"predicted $\theta_\mathrm{E}$ [arcsec]",
    ),
}
COUNTED = {"false_positive_rate": "non-lenses", "completeness": "lenses", "contamination": "selected objects"}
PERCENT = ("rate", "low", "high")


def draw(figure, table, stamps=None):
    """Draw on ``figure`` (Figure) the ``table`` (DataFrame) of false_positives_vs_radius.csv.

    The second row shows the ``stamps`` (dict of arrays) of false_positives_vs_radius.npz; it is left out without them.
    """
    table = table[table["threshold_name"] == strictest_threshold(table["threshold_name"].unique())]
    rows = {form: table[(table["form"] == form) & (table["kind"] == PANELS[form][0])] for form in PANELS}
    rows = {form: series for form, series in rows.items() if len(series)}
    threshold = table["threshold"].iloc[0]
    heights = [2.9, 2.7] if stamps else [2.9]
    figure.set_size_inches(8.6, sum(heights))
    parts = np.atleast_1d(figure.subfigures(len(heights), 1, height_ratios=heights, hspace=0.03))
    parts[0].suptitle(describe_threshold(table["threshold_name"].iloc[0], threshold), fontsize=10)
    axes = parts[0].subplots(1, len(rows), squeeze=False)[0]
    for ax, (form, series) in zip(axes, rows.items(), strict=True):
        panel(ax, series, form)
    if stamps:
        axes = parts[1].subplots(1, max(len(stamps["role"]), 4))
        for k, ax in enumerate(axes):
            hide_axes(ax)
            if k < len(stamps["role"]):
                show_stamp(ax, stamps, k, threshold)


def describe_threshold(name, threshold):
    """What the ``threshold`` (float) of this ``name`` (str) means, for people: str."""
    rate = OF_A_RATE.fullmatch(name)
    text = f"Called a lens: score above {threshold:.3g}"
    return f"{text}, which {100 * float(rate[1]):g} % of the non-lenses of {rate[2]} exceed" if rate else text


def panel(ax, series, form):
    """Draw on ``ax`` (Axes) the ``series`` (DataFrame) of one ``form`` (str) in percent."""
    _, colour, title, y_label, x_label = PANELS[form]
    mark_seeing(ax, series["seeing_best"].iloc[0], series["seeing_worst"].iloc[0])
    points(ax, series.assign(**{name: 100 * series[name] for name in PERCENT}), colour=colour, label=title)
    if form == "contamination":
        # Contamination is near 1 at a search's prevalence: an axis that opens up towards 1.
        ax.set_yscale("function", functions=(lambda y: -np.log10(100.05 - y), lambda v: 100.05 - 10.0 ** (-v)))
        ax.set(ylim=(0, 100), yticks=[0, 50, 90, 99, 99.9, 100], yticklabels=["0", "50", "90", "99", "99.9", "100"])
    else:
        highest = series["high"].max()
        ax.set_ylim(0, min(100, 110 * highest) if highest > 0 else 100)
    ax.set(xlim=(0, series["radius_high"].max() + 0.1), xlabel=x_label, ylabel=y_label)
    ax.set_title(title, fontweight="bold", color=colour, pad=27)
    counts = f"{series['events'].sum():,} of {series['trials'].sum():,} {COUNTED[form]}"
    if form == "contamination":
        counts += f",\nscaled to 1 lens in {1 / series['prevalence'].iloc[0]:,.0f} objects"
    # Above the panel: inside it, counts would cover points or intervals.
    points_up = {"xytext": (0, 24), "textcoords": "offset points", "va": "top"}
    ax.annotate(counts, (0, 1), xycoords="axes fraction", fontsize=8, **points_up)
    if np.isfinite(series["seeing_best"].iloc[0]):
        middle = (series["seeing_best"].iloc[0] + series["seeing_worst"].iloc[0]) / 4
        text = {"rotation": 90, "ha": "center", "va": "bottom", "fontsize": 7, "color": "0.4"}
        ax.text(middle, 0.03, "seeing / 2", transform=ax.get_xaxis_transform(), **text)


def show_stamp(ax, stamps, k, threshold):
    """Draw on ``ax`` (Axes) stamp ``k`` (int) of ``stamps`` (dict); blue where ``threshold`` (float) is right."""
    kind, score, radius = str(stamps["kind"][k]), stamps["score"][k], stamps["radius"][k]
    is_lens, called = kind == "lens", score > threshold
    colour = RIGHT if is_lens == called else WRONG
    ax.imshow(colour_picture(stamps["image"][k], list(stamps["band"])), origin="lower", interpolation="nearest")
    scale_bar(ax, float(stamps["pixel_scale"]))
    for spine in ax.spines.values():
        spine.set(visible=True, color=colour, linewidth=2.5)
    role = str(stamps["role"][k])
    title = {
        "false positive": f"False positive: {label_of(kind)}",
        "impostor": f"{label_of(kind).capitalize()}, {'called a lens' if called else 'rejected'}",
    }.get(role, role.capitalize())
    ax.set_title(title, fontweight="bold", color=colour, loc="center")
    ax.set_xlabel(f"score {score:.3f}\n{'Einstein radius' if is_lens else 'arc-like feature at'} {radius:.2f}″")
