"""Components of shapes that lenstronomy lacks, added to a canvas: more points to a cell where they vary within it."""

import numpy as np

from lenspipe.simulate import profiles
from lenspipe.simulate.engines.numba import cell_kernels

FAR = 6.0  # widths from the crest of a ring, tail or spike: there is no light


def add_ring(canvas, light, flux):
    """Add a ring, with more points per cell near its crest.

    Parameters
    ----------
    canvas : Canvas
    light : mapping
        ``Shape.values``.
    flux : array [band], counts arcsec^2
        As of ``scene.Sersics``.
    """
    R, width, e1, e2, x0, y0 = (light[key] for key in ("R_sersic", "width", "e1", "e2", "center_x", "center_y"))
    add_means(canvas, lambda x, y: profiles.ring(x - x0, y - y0, R, width, e1, e2), _on_crest(canvas.grid, light), flux)


def add_tail(canvas, light, flux):
    """Add a tail, an arc of a ring: ``canvas``, ``light`` and ``flux`` (array [band]) as of ``add_ring``."""
    names = ("R_sersic", "width", "e1", "e2", "opening", "phase")
    x0, y0, *shape = (light[key] for key in ("center_x", "center_y", *names))
    add_means(canvas, lambda x, y: profiles.tail(x - x0, y - y0, *shape), _on_crest(canvas.grid, light), flux)


def _on_crest(grid, light):
    """Points along the side of each cell, from the distance to a ring's crest; none where there is no light."""
    R, width, e1, e2, x0, y0 = (light[key] for key in ("R_sersic", "width", "e1", "e2", "center_x", "center_y"))
    rho = np.hypot(*profiles.elliptical(grid.x - x0, grid.y - y0, e1, e2))
    stretch = 1 / np.sqrt(profiles.shape(e1, e2)[0])  # of rho over distances, at most
    distance = np.abs(rho - R) - stretch * grid.step
    return np.where(distance < FAR * width, np.where(distance < 4 * width, 2 * grid.step / width, 1), 0)


def add_spiral(canvas, light, flux):
    """Add a disc with arms, with more points per cell near its centre.

    ``canvas``, ``light`` and ``flux`` (array [band]) as of ``add_ring``.
    """
    x0, y0, *shape = (
        light[key] for key in ("center_x", "center_y", "R_sersic", "e1", "e2", "arms", "pitch", "contrast", "phase")
    )
    points = 6 * canvas.grid.step / _distance(canvas.grid, x0, y0)
    add_means(canvas, lambda x, y: profiles.spiral(x - x0, y - y0, *shape), np.maximum(points, 1), flux)


def add_aureole(canvas, light, flux):
    """Add light scattered far from a star: ``canvas``, ``light`` and ``flux`` (array [band]) as of ``add_ring``."""
    x0, y0, *shape = (light[key] for key in ("center_x", "center_y", "R_sersic", "width"))
    points = 2 * canvas.grid.step / np.hypot(_distance(canvas.grid, x0, y0), light["width"])
    add_means(canvas, lambda x, y: profiles.aureole(x - x0, y - y0, *shape), np.maximum(points, 1), flux)


def add_spikes(canvas, light, flux):
    """Add spikes of a star: ``canvas``, ``light`` and ``flux`` (array [band]) as of ``add_ring``."""
    x0, y0, *shape = (light[key] for key in ("center_x", "center_y", "R_sersic", "width", "phase"))
    grid, width, phase = canvas.grid, light["width"], light["phase"]
    turned = ((grid.x - x0) + 1j * (grid.y - y0)) * np.exp(-1j * phase)
    across = np.minimum(np.abs(turned.real), np.abs(turned.imag)) - grid.step
    points = np.where(across < FAR * width, np.maximum(2 * grid.step / width, 1), 0)
    add_means(canvas, lambda x, y: profiles.spikes(x - x0, y - y0, *shape), points, flux)


PROFILES = {"ring": add_ring, "tail": add_tail, "spiral": add_spiral, "aureole": add_aureole, "spikes": add_spikes}


def _distance(grid, x0, y0):
    """Of each cell from a point, arcsec; that of a quarter of a cell at least."""
    return np.maximum(np.hypot(grid.x - x0, grid.y - y0), grid.step / 4)


def add_means(canvas, brightness, points, flux):
    """Add the means of a surface brightness over cells.

    Parameters
    ----------
    canvas : Canvas
    brightness : callable
        Of flat arrays x and y, arcsec; per arcsec^2 for a flux of 1.
    points : array [y, x]
        Number along the side of each cell; rounded up, and at most ``cell_kernels.FINEST``; 0 where there is no light.
    flux : array [band]
    """
    side = np.ceil(np.minimum(points, cell_kernels.FINEST)).astype(np.int64)
    means = cell_kernels.means_of_cells(brightness(*cell_kernels.points_in_cells(side, canvas.grid.axis)), side)
    height, width = means.shape
    canvas.means[:, :height, :width] += (flux[:, None, None] * means).astype(np.float32)
