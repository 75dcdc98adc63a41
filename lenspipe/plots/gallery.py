"""The worst failures as colour stamps: non-lenses with the highest scores, lenses with the lowest."""

import numpy as np

from lenspipe.labels import label_of
from lenspipe.plots._style import colour_picture, hide_axes

COLUMNS = 8


def draw(figure, arrays):
    """Draw on ``figure`` (Figure) the ``arrays`` (dict) of gallery.npz."""
    roles = list(dict.fromkeys(arrays["role"]))
    heights = [-(-int((arrays["role"] == role).sum()) // COLUMNS) for role in roles]
    figure.set_size_inches(1.3 * COLUMNS, 1.62 * sum(heights) + 0.35 * len(roles))
    panels = np.atleast_1d(figure.subfigures(len(roles), 1, height_ratios=[1.62 * height + 0.35 for height in heights]))
    for panel, role, height in zip(panels, roles, heights, strict=True):
        panel.suptitle(role, x=0.005, ha="left", fontsize=10, fontweight="bold")
        axes = panel.subplots(height, COLUMNS, squeeze=False).ravel()
        for ax in axes:
            hide_axes(ax)
        for ax, k in zip(axes, (arrays["role"] == role).nonzero()[0], strict=False):
            picture = colour_picture(arrays["image"][k], list(arrays["band"]))
            ax.imshow(picture, origin="lower", interpolation="nearest")
            ax.set_title(label(arrays, k), fontsize=7, loc="center", pad=2)


def label(arrays, k):
    """Kind, score, radius and, of a lens, arc S/N of stamp ``k`` (int) of ``arrays`` (dict): str."""
    text = f'{label_of(arrays["kind"][k])}  {arrays["score"][k]:.3f}\n{arrays["radius"][k]:.2f}"'
    return text + (f"  S/N {arrays['arc_snr'][k]:.0f}" if arrays["arc_snr"][k] > 0 else "")
