"""The renderer's loops over a lensed source and its parts, compiled by numba: all of them in one pass over the rays."""

import math

import numpy as np
from numba import njit

POINTS = 2.5  # per core, or per distance from the light, in the source plane
MARGIN = 0.75  # of the distance to a neighbour's ray: how far from its own a cell's light may come, its half diagonal


@njit(cache=True)
def points_for_lights(beta_x, beta_y, x0, y0, core, extent, finest):
    """Points along the side of each cell that lensed lights need: more where rays are far apart near one of them.

    How far apart is the largest distance to the ray of a neighbouring cell, along either axis.

    Parameters
    ----------
    beta_x, beta_y : array [y, x], arcsec
        Where the rays through the cells' centres meet the source plane.
    x0, y0, core, extent : array [light], arcsec
        Centres; radii within which a light is smooth; beyond the extent there is none to be seen.
    finest : int
        Points at most.

    Returns
    -------
    int array [y, x]; 0 where no light is seen
    """
    height, width = beta_x.shape
    farthest = np.zeros((height, width), beta_x.dtype)  # squared distance to a neighbour
    for j in range(height):
        for i in range(width):
            for b, a in ((j + 1, i), (j, i + 1)):
                if b < height and a < width:
                    squared = (beta_x[b, a] - beta_x[j, i]) ** 2 + (beta_y[b, a] - beta_y[j, i]) ** 2
                    farthest[j, i] = max(farthest[j, i], squared)
                    farthest[b, a] = max(farthest[b, a], squared)
    side = np.zeros((height, width), np.int64)
    for j in range(height):
        for i in range(width):
            step = math.sqrt(farthest[j, i])
            for k in range(len(x0)):
                distance = math.sqrt((beta_x[j, i] - x0[k]) ** 2 + (beta_y[j, i] - y0[k]) ** 2)
                nearest = max(distance - MARGIN * step, 0.0)
                if nearest < extent[k]:
                    wanted = math.ceil(min(POINTS * step / max(core[k], nearest), finest))
                    side[j, i] = max(side[j, i], wanted)
    return side


@njit(cache=True)
def add_lights(maps, beta_x, beta_y, side, x0, y0, shape, farthest, n_sersic, b, brightness):
    """Means over cells of Sersic profiles, brightness exp(-b (rho/R)^(1/n)), added to maps.

    Parameters
    ----------
    maps : array [band, y, x]
    beta_x, beta_y : array [point], arcsec
        Where the rays of ``cell_kernels.points_in_cells`` meet the source plane.
    side : int array [y, x]
        Points along the side of each cell.
    x0, y0 : array [light], arcsec
    shape : array [light, 3], arcsec^-2
        Of x^2, x y and y^2 in (rho/R)^2.
    farthest : array [light]
        (rho/R)^2 beyond which a light is left out.
    n_sersic, b : array [light]
    brightness : array [light, band]
        In the centre.
    """
    point, lights = 0, len(x0)
    single = np.float32  # exponentials take half the time
    x0, y0, shape, farthest = x0.astype(single), y0.astype(single), shape.astype(single), farthest.astype(single)
    b, n_sersic = b.astype(single), n_sersic.astype(single)
    total = np.empty(lights)
    for j in range(side.shape[0]):
        for i in range(side.shape[1]):
            count = side[j, i] ** 2
            if count == 0:
                continue
            total[:] = 0.0
            for _ in range(count):
                for k in range(lights):
                    x, y = single(beta_x[point]) - x0[k], single(beta_y[point]) - y0[k]
                    squared = shape[k, 0] * x * x + shape[k, 1] * x * y + shape[k, 2] * y * y
                    if squared < farthest[k]:
                        total[k] += math.exp(-b[k] * _root(squared, n_sersic[k]))
                point += 1
            for band in range(len(maps)):
                mean = 0.0
                for k in range(lights):
                    mean += brightness[k, band] * total[k]
                maps[band, j, i] += mean / count


@njit(cache=True)
def _root(squared, n):
    """squared^(1 / 2n), without the power function for the indices of most lights."""
    if n == 0.5:
        return squared
    if n == 1.0:
        return math.sqrt(squared)
    if n == 2.0:
        return math.sqrt(math.sqrt(squared))
    return squared ** (0.5 / n)
