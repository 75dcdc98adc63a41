"""Pictures of single objects, and of many on one sheet."""

import numpy as np

from lenspipe.plots._style import colour_picture, hide_axes

COLUMNS = 8  # of a sheet
MOST = 200  # objects on a sheet
DARKEST, BRIGHTEST = -3.0, 20.0  # sky sigmas that a band is drawn black and white at, in asinh
MISSING = "#0072B2"  # missing pixels


def draw_object(figure, stamps, k, labels):
    """Colours, then each band in grey; the predicted Einstein radius as a dashed circle.

    Parameters
    ----------
    figure : Figure
    stamps : dict
        From ``search.stamps.read_stamps``.
    k : int
        Which of them.
    labels : dict
        What is written on it: ``rank``, ``name``, ``score``, ``theta_E_pred``; all may be absent.
    """
    bands = stamps["band"]
    figure.set_size_inches(1.9 * (len(bands) + 1), 2.6)
    axes = figure.subplots(1, len(bands) + 1)
    _colour(axes[0], stamps, k)
    _circle(axes[0], stamps, labels)
    axes[0].set_title(_title(stamps["id"][k], labels), fontsize=8, loc="center")
    for b, ax in enumerate(axes[1:]):
        _grey(ax, stamps["image"][k, b], stamps["sky_sigma"][k, b])
        ax.set_title(bands[b], loc="center")
    scale_bar(axes[0], stamps["pixel_scale"])


def draw_sheet(figure, stamps, labels):
    """The colour pictures in the order given, the first 200.

    Parameters
    ----------
    figure : Figure
    stamps : dict
        From ``search.stamps.read_stamps``.
    labels : dict of int to dict
        What is written on each, by id.
    """
    count = min(len(stamps["id"]), MOST)
    columns = min(count, COLUMNS)
    rows = -(-count // columns)
    figure.set_size_inches(max(1.5 * columns, 2.0), 1.9 * rows)
    axes = figure.subplots(rows, columns, squeeze=False).ravel()
    for k, ax in enumerate(axes):
        hide_axes(ax)
        if k < count:
            _colour(ax, stamps, k)
            ax.set_title(_title(stamps["id"][k], labels.get(int(stamps["id"][k]), {})), fontsize=7, loc="center", pad=2)


def _colour(ax, stamps, k):
    """The colour picture; what is missing in a band is marked: it would pass for another colour."""
    hide_axes(ax)
    ax.imshow(colour_picture(stamps["image"][k], stamps["band"]), origin="lower", interpolation="nearest")
    missing = ~np.isfinite(stamps["image"][k]).all(axis=0)
    if missing.any():
        ax.contourf(missing.astype(float), levels=[0.5, 1.5], colors="none", hatches=["////"])


def _grey(ax, image, sigma):
    hide_axes(ax)
    sigma = sigma if sigma > 0 else np.nanstd(image) or 1.0
    ax.set_facecolor(MISSING)
    limits = np.arcsinh([DARKEST, BRIGHTEST])
    ax.imshow(np.arcsinh(image / sigma), "gray", vmin=limits[0], vmax=limits[1], origin="lower")


def _circle(ax, stamps, labels):
    radius = labels.get("theta_E_pred", np.nan)
    if np.isfinite(radius):
        turn = np.linspace(0, 2 * np.pi, 200)
        middle, radius = (stamps["image"].shape[-1] - 1) / 2, radius / stamps["pixel_scale"]
        ax.plot(middle + radius * np.cos(turn), middle + radius * np.sin(turn), "--", color="white", lw=0.8, alpha=0.8)


def scale_bar(ax, pixel_scale):
    """Draw on ``ax`` (Axes) how long two arcseconds are at a ``pixel_scale`` (float, arcsec); returns None."""
    length = 2 / pixel_scale
    ax.plot([1, 1 + length], [1.5, 1.5], color="white", lw=1.5)
    ax.text(1 + length / 2, 2.5, '2"', color="white", ha="center", va="bottom", fontsize=7)


def _title(id, labels):
    lines = [str(labels.get("name", id))]
    if "rank" in labels:
        lines[0] = f"{labels['rank']}: {lines[0]}"
    if "score" in labels:
        lines.append(f"score {labels['score']:.3f}")
    if np.isfinite(labels.get("theta_E_pred", np.nan)):
        sigma = labels.get("theta_E_sigma", np.nan)
        lines.append(f"{labels['theta_E_pred']:.2f}" + (f" ± {sigma:.2f}" if np.isfinite(sigma) else "") + '"')
    return "\n".join(lines)
