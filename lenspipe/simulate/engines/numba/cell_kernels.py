"""The renderer's loops over cells, compiled by numba: points in them, their means, and pixels of every second one."""

import numpy as np
from numba import njit

FINEST = 24  # points along a cell's side at most


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
