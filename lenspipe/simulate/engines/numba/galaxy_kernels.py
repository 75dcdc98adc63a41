"""The renderer's loops over galaxies, compiled by numba: Sersic profiles in two pieces, outside and inside a window.

Each does in one pass over memory what numpy would do in a dozen. The machine code is kept next to this file, or in the
user's cache where that folder cannot be written.
"""

import math

import numpy as np
from numba import njit, vectorize

WINDOW, SOFTNESS = 6.0, 1.2  # cells: radius and width of the edge of the window around a galaxy's centre


@vectorize(cache=True)
def window(rho):
    """Window (float) at the distance ``rho`` (float, cells) from a galaxy's centre: 1 inside, smoothly 0 outside."""
    return 0.5 * math.erfc((rho - WINDOW) / (SOFTNESS * math.sqrt(2.0)))


@njit(cache=True, inline="always")
def _relative(squared, n):
    """(rho / R)^(1/n) from the squared distance rho^2 / R^2: by roots for discs and spheroids."""
    if n == 1.0:
        return math.sqrt(squared)
    if n == 4.0:
        return math.sqrt(math.sqrt(math.sqrt(squared)))
    return squared ** (0.5 / n)


@njit(cache=True)
def add_far_light(maps, axis_x, axis_y, x0, y0, q, phi, R_sersic, n, b, middle, step, reach, window_reach):
    """A Sersic profile outside the window around its centre, at the centres of cells, added to maps.

    Parameters
    ----------
    maps : float32 array [band, y, x]
    axis_x, axis_y : array [x], array [y], arcsec
        Centres of the cells along either side.
    x0, y0, q, phi, n, b : float
        Centre (arcsec), axis ratio, position angle (rad), index and its b: rho^2 = q x'^2 + y'^2 / q.
    R_sersic, middle : array [band]
        Half-light radius (arcsec) and brightness in the centre.
    step : float, arcsec
        Side of a cell.
    reach : float, arcsec
        Mean radius beyond which nothing is seen.
    window_reach : float, cells
        That beyond which the window is 0.
    """
    single = np.float32  # exponentials take half the time
    cos, sin = single(math.cos(phi)), single(math.sin(phi))
    scale = (b / R_sersic ** (1 / n)).astype(single)
    one_size = np.all(scale == scale[0])
    profile, outside = np.empty(len(axis_x), single), np.empty(len(axis_x), single)
    along2, across2, index = single(q), single(1 / q), single(n)
    edge, farthest = single((window_reach * step) ** 2), single(max(reach, window_reach * step) ** 2)
    for j in range(len(axis_y)):
        dy = single(axis_y[j] - y0)
        first, last = len(axis_x), 0  # of the cells that see any light: an ellipse has no gaps
        for i in range(len(axis_x)):
            dx = single(axis_x[i] - x0)
            along, across = cos * dx + sin * dy, cos * dy - sin * dx
            squared = along2 * along * along + across2 * across * across
            if squared < farthest:
                first, last = min(first, i), i + 1
                profile[i] = _relative(squared, index)
                outside[i] = 1.0 if squared > edge else 1.0 - window(math.sqrt(squared) / step)
        if one_size:
            for i in range(first, last):
                profile[i] = outside[i] * math.exp(-scale[0] * profile[i])
        for band in range(len(middle)):
            bright = single(middle[band])
            for i in range(first, last):
                value = profile[i] if one_size else outside[i] * math.exp(-scale[band] * profile[i])
                maps[band, j, i] += bright * value


@njit(cache=True)
def add_center(maps, axis, along, across, area, x0, y0, q, phi, R_sersic, n, b, middle):
    """A Sersic profile inside the window around its centre, as points, added to maps.

    Each is spread over nine cells with a quadratic B-spline.

    Parameters
    ----------
    maps : float32 array [band, y, x]
        Those of points.
    axis : array [x], arcsec
        Centres of the cells, along either axis.
    along, across, area : array [n]
        Points about the origin of a round galaxy (arcsec), and the window's share of the area of each, in cells.
    x0, y0, q, phi, R_sersic, n, b, middle
        As in ``add_far_light``.

    Returns
    -------
    left : array [band]
        Sums of what lies at the maps' edge or beyond, which is left out.
    x, y : float
        Where its centroid is.
    """
    step, size, bands = axis[1] - axis[0], len(axis), len(middle)
    cos, sin, root = math.cos(phi), math.sin(phi), math.sqrt(q)
    scale = b / R_sersic ** (1 / n)
    one_size = np.all(scale == scale[0])
    apart = 1 if one_size else bands  # pictures that differ by more than a factor
    left, left_x, left_y = np.zeros(bands), 0.0, 0.0
    # Spread once for all bands of one size, on as many cells as an ellipse's points can meet.
    half = int(np.max(np.hypot(along, across)) / root / step) + 3
    first_i = math.floor((x0 - axis[0]) / step) - half
    first_j = math.floor((y0 - axis[0]) / step) - half
    patch = np.zeros((apart, 2 * half + 2, 2 * half + 2))
    value = np.empty(apart)
    for k in range(len(along)):
        u, v = along[k] / root, across[k] * root
        x, y = x0 + cos * u - sin * v, y0 + sin * u + cos * v
        rho = _relative(along[k] ** 2 + across[k] ** 2, n)
        for band in range(apart):
            value[band] = area[k] * math.exp(-scale[band] * rho)
        if max(abs(x), abs(y)) >= axis[-1] - step:
            for band in range(bands):
                left[band] += middle[band] * value[0 if one_size else band]
            left_x += value[0] * x
            left_y += value[0] * y
            continue
        column, row = (x - axis[0]) / step, (y - axis[0]) / step
        i, j = round(column), round(row)
        d, e = column - i, row - j
        along_x = (0.5 * (0.5 - d) ** 2, 0.75 - d**2, 0.5 * (0.5 + d) ** 2)
        along_y = (0.5 * (0.5 - e) ** 2, 0.75 - e**2, 0.5 * (0.5 + e) ** 2)
        for band in range(apart):
            for dj in range(3):
                for di in range(3):
                    weight = along_y[dj] * along_x[di]
                    patch[band, j - first_j + dj - 1, i - first_i + di - 1] += value[band] * weight
    for band in range(bands):
        own = patch[0 if one_size else band]
        for j in range(max(first_j, 0), min(first_j + len(own), size)):
            for i in range(max(first_i, 0), min(first_i + len(own), size)):
                maps[band, j, i] += middle[band] * own[j - first_j, i - first_i]
    of_first = max(left[0] / middle[0], 1e-30)
    return left, left_x / of_first, left_y / of_first


@njit(cache=True)
def add_sersics(means, points, axis, window, seen, x, y, e1, e2, R_sersic, n, b, flux):
    """Sersic profiles, each in its two pieces, added to maps.

    Parameters
    ----------
    means, points : float32 array [band, y, x], counts per pixel
        Maps of means over cells, and of what is laid down as points.
    axis : array [x], arcsec
        Centres of the cells, along either axis.
    window : (array [n], array [n], array [n], float)
        ``along``, ``across``, ``area`` of ``add_center``, ``window_reach`` of ``add_far_light``.
    seen : (float, float)
        Counts per pixel where light ends; half-light radii that are drawn however faint.
    x, y, e1, e2, n, b : array [light]
    R_sersic, flux : array [light, band]
        Radius (arcsec), and counts per pixel of a surface brightness of 1 per arcsec^2.

    Returns
    -------
    array [light, band + 2]
        Of a light whose centre reaches beyond the maps, or is there: the flux there in each band, and where (arcsec).
    """
    bands, step, size = flux.shape[1], axis[1] - axis[0], len(axis)
    along, across, area, window_reach = window
    faintest, least = seen
    beyond = np.zeros((len(x), bands + 2))
    for k in range(len(x)):
        e = math.hypot(e1[k], e2[k])
        q, phi = (1 - e) / (1 + e), math.atan2(e2[k], e1[k]) / 2
        # b^(2n) / (2 pi n Gamma(2n) R^2): the brightness in the centre for a flux of 1
        central = b[k] ** (2 * n[k]) / (2 * math.pi * n[k] * math.gamma(2 * n[k]))
        middle = central * flux[k] / R_sersic[k] ** 2
        reach = 0.0
        for band in range(bands):  # where middle exp(-b (r/R)^(1/n)) falls below the faintest
            depth = max(math.log(middle[band] / faintest) / b[k], 0.0)
            reach = max(reach, R_sersic[k, band] * max(depth ** n[k], least))
        half = max(reach / step, window_reach) / math.sqrt(q) + 1
        place_i, place_j = (x[k] - axis[0]) / step, (y[k] - axis[0]) / step
        first_i, last_i = max(int(place_i - half), 0), min(max(int(place_i + half) + 2, 0), size)
        first_j, last_j = max(int(place_j - half), 0), min(max(int(place_j + half) + 2, 0), size)
        if first_i >= last_i or first_j >= last_j:
            beyond[k, :bands] = flux[k]
            beyond[k, bands], beyond[k, bands + 1] = x[k], y[k]
            continue
        patch = means[:, first_j:last_j, first_i:last_i]
        axis_x, axis_y = axis[first_i:last_i], axis[first_j:last_j]
        shape = (x[k], y[k], q, phi, R_sersic[k], n[k], b[k], middle)
        add_far_light(patch, axis_x, axis_y, *shape, step, reach, window_reach)
        left, left_x, left_y = add_center(points, axis, along, across, area, *shape)
        if left[0] > 0:
            beyond[k, :bands] = left * step**2
            beyond[k, bands], beyond[k, bands + 1] = left_x, left_y
    return beyond
