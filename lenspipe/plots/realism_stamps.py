"""Real stamps over simulated ones of the same brightness, colour and size."""

from lenspipe.plots._style import colour_picture, hide_axes

ROWS = ("real", "simulated", "simulated")


def draw(figure, arrays):
    """Draw on ``figure`` (Figure) the ``arrays`` (dict) of realism_stamps.npz."""
    columns, rows = (int(arrays[name].max()) + 1 for name in ("column", "row"))
    figure.set_size_inches(1.3 * columns, 1.6 * rows)
    axes = figure.subplots(rows, columns, squeeze=False)
    for ax in axes.ravel():
        hide_axes(ax)
    bands, red = list(arrays["band"]), arrays["red"][0]
    for k, (column, row) in enumerate(zip(arrays["column"], arrays["row"], strict=True)):
        ax = axes[row, column]
        ax.imshow(colour_picture(arrays["image"][k], bands), origin="lower", interpolation="nearest")
        text = f"{red} {arrays['magnitude'][k]:.2f}  score {arrays['score'][k]:.3f}"
        ax.set_title(text, fontsize=7, loc="center", pad=2)
    for row, name in zip(axes, ROWS, strict=False):
        row[0].set_ylabel(name, fontsize=10)
