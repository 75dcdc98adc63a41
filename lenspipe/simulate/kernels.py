"""The renderer's loops over cells and points, compiled by numba.

Each does in one pass over memory what numpy would do in a dozen. The machine code is kept beside this file, or in the
user's cache where that folder cannot be written.
"""

import math

import numpy as np
from numba import njit, vectorize

WINDOW, SOFTNESS = 6.0, 1.2  # cells: radius and width of the edge of the window around a galaxy's centre
FINEST = 24  # points along a cell's side at most


@vectorize(cache=True)
def window(rho):
    """Window around a galaxy's centre, for distances in cells: 1 within, falling to 0 over a few cells."""
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
def lay_far_light(maps, axis_x, axis_y, x0, y0, q, phi, R_sersic, n, b, middle, step, reach, window_reach):
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
def lay_centre(maps, axis, along, across, area, x0, y0, q, phi, R_sersic, n, b, middle):
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
        As in ``lay_far_light``.

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
def lay_sersics(means, points, axis, window, seen, x, y, e1, e2, R_sersic, n, b, flux):
    """Sersic profiles, each in its two pieces, added to maps.

    Parameters
    ----------
    means, points : float32 array [band, y, x], counts per pixel
        Maps of means over cells, and of what is laid down as points.
    axis : array [x], arcsec
        Centres of the cells, along either axis.
    window : (array [n], array [n], array [n], float)
        ``along``, ``across``, ``area`` of ``lay_centre``, ``window_reach`` of ``lay_far_light``.
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
        lay_far_light(patch, axis_x, axis_y, *shape, step, reach, window_reach)
        left, left_x, left_y = lay_centre(points, axis, along, across, area, *shape)
        if left[0] > 0:
            beyond[k, :bands] = left * step**2
            beyond[k, bands], beyond[k, bands + 1] = left_x, left_y
    return beyond


@njit(cache=True)
def points_in_cells(side, axis):
    """Evenly spread points in square cells.

    Parameters
    ----------
    side : int array [y, x]
        Points along the side of each cell; 0 for none.
    axis : array [x], arcsec
        Centres of the cells along either side.

    Returns
    -------
    x, y : array [n], arcsec
        Cell after cell, side^2 in each.
    """
    step, total = axis[1] - axis[0], 0
    for count in side.flat:
        total += count**2
    x, y, n = np.empty(total), np.empty(total), 0
    for j in range(side.shape[0]):
        for i in range(side.shape[1]):
            count = side[j, i]
            for b in range(count):
                for a in range(count):
                    x[n] = axis[i] + ((a + 0.5) / count - 0.5) * step
                    y[n] = axis[j] + ((b + 0.5) / count - 0.5) * step
                    n += 1
    return x, y


@njit(cache=True)
def means_of_cells(values, side):
    """Means over cells of values at ``points_in_cells``; 0 where there is none.

    Returns
    -------
    array like side
    """
    means, n = np.zeros(side.shape), 0
    for j in range(side.shape[0]):
        for i in range(side.shape[1]):
            count = side[j, i] ** 2
            if count:
                total = 0.0
                for value in values[n : n + count]:
                    total += value
                means[j, i] = total / count
                n += count
    return means


@njit(cache=True)
def blur_and_fold(spectra, psf, undo_cell):
    """Spectra of maps, blurred, for pixels at every second cell.

    The inverse transform of what is returned holds every second point, along both axes, of the inverse of the whole
    spectrum F: aliases are added up before it. Along y that is F(k) + F(k + N/2); along x the second lies in the half
    that a real array's spectrum leaves out, as the conjugate at -k.

    Parameters
    ----------
    spectra : complex array [band, size, size // 2 + 1]
        From ``rfft2``; size is a multiple of 4.
    psf : array like spectra
        Transform of each band's point-spread function, which is even.
    undo_cell : array [size, size // 2 + 1]
        Factor on each point.

    Returns
    -------
    complex array [band, size // 2, size // 4 + 1]
    """
    bands, size, _ = spectra.shape
    half = size // 2
    folded = np.empty((bands, half, half // 2 + 1), np.complex64)
    for b in range(bands):
        for j in range(half):
            opposite = (half - j) % half
            for i in range(half // 2 + 1):
                total = np.complex64(0)
                for alias in range(4):
                    mirrored = alias > 1
                    row, column = (opposite, half - i) if mirrored else (j, i)
                    row += half * (alias % 2)
                    one = spectra[b, row, column] * (psf[b, row, column] * undo_cell[row, column])
                    total += one.conjugate() if mirrored else one
                folded[b, j, i] = total / 4
    return folded


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
