"""Colour stamps of every kind of object."""

from lenspipe.labels import label_of
from lenspipe.plots._style import colour_picture, hide_axes


def draw(figure, arrays):
    """Draw on ``figure`` (Figure) the ``arrays`` (dict) of examples.npz."""
    kinds = list(dict.fromkeys(arrays["kind"]))
    columns = max((arrays["kind"] == kind).sum() for kind in kinds)
    figure.set_size_inches(1.15 * columns + 0.8, 1.35 * len(kinds))
    axes = figure.subplots(len(kinds), columns, squeeze=False)
    for row, kind in zip(axes, kinds, strict=True):
        for ax in row:
            hide_axes(ax)
        for ax, k in zip(row, (arrays["kind"] == kind).nonzero()[0], strict=False):
            ax.imshow(colour_picture(arrays["image"][k], list(arrays["band"])), origin="lower", interpolation="nearest")
            ax.set_title(f'{arrays["radius"][k]:.2f}"   {arrays["score"][k]:.2f}', fontsize=7, loc="center", pad=2)
        row[0].set_ylabel(label_of(kind), fontsize=10)
