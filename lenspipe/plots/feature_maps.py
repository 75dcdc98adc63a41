"""What the classifier's layers make of a true positive, false positives and a missed lens."""

import numpy as np

from lenspipe.labels import label_of
from lenspipe.plots._style import colour_picture, hide_axes


def draw(figure, arrays):
    """Draw on ``figure`` (Figure) the ``arrays`` (dict) of feature_maps.npz."""
    count, layers = len(arrays["id"]), list(arrays["layer"])
    figure.set_size_inches(2.1 * count + 0.7, 2.0 * (len(layers) + 1) + 0.8)
    axes = figure.subplots(len(layers) + 1, count, squeeze=False)
    for ax, k in zip(axes[0], range(count), strict=True):
        hide_axes(ax)
        ax.imshow(colour_picture(arrays["image"][k], list(arrays["band"])), origin="lower", interpolation="nearest")
        text = f'{label_of(arrays["kind"][k])}, {arrays["radius"][k]:.2f}"'
        if np.isfinite(arrays["arc_snr"][k]) and arrays["arc_snr"][k] > 0:
            text += f", arc S/N {arrays['arc_snr'][k]:.0f}"
        ax.set_title(f"{arrays['role'][k]}\nscore {arrays['score'][k]:.3f}\n{text}", fontsize=8, loc="center")
    axes[0, 0].set_ylabel("image")
    for row, layer in zip(axes[1:], layers, strict=True):
        maps = arrays[f"maps_{layer}"]
        limits = np.quantile(maps, [0.005, 0.995])  # one scale a row: objects can be compared
        for ax, k in zip(row, range(count), strict=True):
            hide_axes(ax)
            ax.imshow(
                mosaic(maps[k]), origin="lower", interpolation="nearest", cmap="magma", vmin=limits[0], vmax=limits[1]
            )
        channels = ", ".join(str(channel) for channel in arrays[f"channels_{layer}"])
        row[0].set_ylabel(f"{layer}\n{maps.shape[-2]} x {maps.shape[-1]}, channels\n{channels}", fontsize=8)


def mosaic(maps):
    """``maps`` [channel, y, x] next to each other, two in a row with a gap, the first one above left: array [y, x]."""
    channels, height, width = maps.shape
    gap = max(1, width // 16)
    rows = -(-channels // 2)
    picture = np.full((rows * height + (rows - 1) * gap, 2 * width + gap), np.nan)
    for k, plane in enumerate(maps):
        y, x = rows - 1 - k // 2, k % 2
        picture[y * (height + gap) :, x * (width + gap) :][:height, :width] = plane
    return picture
