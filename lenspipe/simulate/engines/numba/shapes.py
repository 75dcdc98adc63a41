"""Components of shapes that lenstronomy lacks, laid on maps: more points to a cell where they vary within it."""

import numpy as np

from lenspipe.simulate import profiles
from lenspipe.simulate.engines.numba import cell_kernels

FAR = 6.0  # widths from the crest of a ring, tail or spike: there is no light


def lay_ring(maps, light, flux):
    """A ring: more points to a cell near its crest.

    Parameters
    ----------
    maps : Maps
    light : mapping
        Of ``lights.components``.
    flux : array [band], counts per pixel
        Of a surface brightness of 1 per arcsec^2.
    """
    R, width, e1, e2, x0, y0 = (light[key] for key in ("R_sersic", "width", "e1", "e2", "center_x", "center_y"))
    lay_means(maps, lambda x, y: profiles.ring(x - x0, y - y0, R, width, e1, e2), _on_crest(maps.grid, light), flux)


def lay_tail(maps, light, flux):
    """A tail: as the ring that it is a piece of."""
    names = ("R_sersic", "width", "e1", "e2", "opening", "phase")
    x0, y0, *shape = (light[key] for key in ("center_x", "center_y", *names))
    lay_means(maps, lambda x, y: profiles.tail(x - x0, y - y0, *shape), _on_crest(maps.grid, light), flux)


def _on_crest(grid, light):
    """Points along the side of each cell, from the distance to a ring's crest; none where there is no light."""
    R, width, e1, e2, x0, y0 = (light[key] for key in ("R_sersic", "width", "e1", "e2", "center_x", "center_y"))
    rho = np.hypot(*profiles.elliptical(grid.x - x0, grid.y - y0, e1, e2))
    stretch = 1 / np.sqrt(profiles.shape(e1, e2)[0])  # of rho over distances, at most
    distance = np.abs(rho - R) - stretch * grid.step
    return np.where(distance < FAR * width, np.where(distance < 4 * width, 2 * grid.step / width, 1), 0)


def lay_spiral(maps, light, flux):
    """A disc with arms: more points to a cell near its centre."""
    x0, y0, *shape = (
        light[key] for key in ("center_x", "center_y", "R_sersic", "e1", "e2", "arms", "pitch", "contrast", "phase")
    )
    points = 6 * maps.grid.step / _distance(maps.grid, x0, y0)
    lay_means(maps, lambda x, y: profiles.spiral(x - x0, y - y0, *shape), np.maximum(points, 1), flux)


def lay_aureole(maps, light, flux):
    """Light scattered far from a star."""
    x0, y0, *shape = (light[key] for key in ("center_x", "center_y", "R_sersic", "width"))
    points = 2 * maps.grid.step / np.hypot(_distance(maps.grid, x0, y0), light["width"])
    lay_means(maps, lambda x, y: profiles.aureole(x - x0, y - y0, *shape), np.maximum(points, 1), flux)


def lay_spikes(maps, light, flux):
    """Spikes of a star: cells along them alone."""
    x0, y0, *shape = (light[key] for key in ("center_x", "center_y", "R_sersic", "width", "phase"))
    grid, width, phase = maps.grid, light["width"], light["phase"]
    turned = ((grid.x - x0) + 1j * (grid.y - y0)) * np.exp(-1j * phase)
    across = np.minimum(np.abs(turned.real), np.abs(turned.imag)) - grid.step
    points = np.where(across < FAR * width, np.maximum(2 * grid.step / width, 1), 0)
    lay_means(maps, lambda x, y: profiles.spikes(x - x0, y - y0, *shape), points, flux)


PROFILES = {"ring": lay_ring, "tail": lay_tail, "spiral": lay_spiral, "aureole": lay_aureole, "spikes": lay_spikes}


def _distance(grid, x0, y0):
    """Of each cell from a point, arcsec; that of a quarter of a cell at least."""
    return np.maximum(np.hypot(grid.x - x0, grid.y - y0), grid.step / 4)


def lay_means(maps, brightness, points, flux):
    """A brightness's means over cells.

    Parameters
    ----------
    maps : Maps
    brightness : callable
        Of flat arrays x and y, arcsec; per arcsec^2 for a flux of 1.
    points : array [y, x]
        Wanted along the side of each cell; rounded up, and at most ``cell_kernels.FINEST``; 0 where there is no light.
    flux : array [band]
    """
    side = np.ceil(np.minimum(points, cell_kernels.FINEST)).astype(np.int64)
    means = cell_kernels.means_of_cells(brightness(*cell_kernels.points_in_cells(side, maps.grid.axis)), side)
    height, width = means.shape
    maps.means[:, :height, :width] += (flux[:, None, None] * means).astype(np.float32)
