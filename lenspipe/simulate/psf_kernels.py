"""The renderer's loops over stars and their transforms, compiled by numba."""

import math

import numpy as np
from numba import njit


@njit(cache=True)
def moffats_transform(plane, kx, ky, stretch, alpha, weights, table, table_step, fine):
    """Transform of a weighted sum of Moffat profiles on a half-plane, in place.

    The sum is tabulated along the wave number once, and looked up at each point.

    Parameters
    ----------
    plane : array [ky, kx]
    kx, ky : array, rad/arcsec
    stretch : array [2, 2]
        From wave numbers to those of the round profile.
    alpha, weights : array [exposure], arcsec; sum 1
    table, table_step : array, float
        Transform of one profile at k x alpha = 0, table_step, ...; 0 beyond its end.
    fine : float
        Step of the sum's table, of k times the widest alpha.
    """
    step = fine / alpha.max()
    # as far as any profile reaches, or the plane does
    size = math.sqrt(stretch[0, 0] ** 2 + stretch[1, 1] ** 2 + 2 * stretch[0, 1] ** 2)
    farthest = min(size * math.sqrt(kx.max() ** 2 + np.abs(ky).max() ** 2), table_step * (len(table) - 2) / alpha.min())
    total = np.zeros(int(farthest / step) + 2)
    for j in range(len(alpha)):
        scale = step * alpha[j] / table_step
        for i in range(len(total)):
            place = i * scale
            below = int(place)
            if below + 1 >= len(table):
                break
            total[i] += weights[j] * (table[below] + (place - below) * (table[below + 1] - table[below]))
    for j in range(len(ky)):
        for i in range(len(kx)):
            along = stretch[0, 0] * kx[i] + stretch[0, 1] * ky[j]
            across = stretch[1, 0] * kx[i] + stretch[1, 1] * ky[j]
            place = math.sqrt(along * along + across * across) / step
            below = int(place)
            if below + 1 >= len(total):
                plane[j, i] = 0.0
            else:
                plane[j, i] = total[below] + (place - below) * (total[below + 1] - total[below])


@njit(cache=True)
def add_stars(images, axis_x, axis_y, x, y, flux, reach, stretch, scale, step, logs):
    """Profiles whose logarithms are tabulated evenly in ln(1 + (r / scale)^2), added to images.

    Parameters
    ----------
    images : array [band, y, x]
    axis_x, axis_y : array [x], array [y], arcsec
        Centres of the pixels.
    x, y : array [star], arcsec
    flux : array [star, band]
    reach : array [star], arcsec
        Distance along either axis beyond which a star is left out.
    stretch : array [band, 2, 2]
        To the coordinates in which the profile is round.
    scale, step, logs : array [band], array [band], array [band, n]
        Of the tables; beyond its end a profile goes on as its last piece does.
    """
    for k in range(len(x)):
        for j in range(len(axis_y)):
            dy = axis_y[j] - y[k]
            if abs(dy) > reach[k]:
                continue
            for i in range(len(axis_x)):
                dx = axis_x[i] - x[k]
                if abs(dx) > reach[k]:
                    continue
                for band in range(len(images)):
                    u = stretch[band, 0, 0] * dx + stretch[band, 0, 1] * dy
                    v = stretch[band, 1, 0] * dx + stretch[band, 1, 1] * dy
                    place = math.log(1.0 + (u * u + v * v) / scale[band] ** 2) / step[band]
                    below = min(int(place), logs.shape[1] - 2)
                    slope = logs[band, below + 1] - logs[band, below]
                    images[band, j, i] += flux[k, band] * math.exp(logs[band, below] + (place - below) * slope)
