"""The half-pixel grid that images are made on, and surface brightness on its cells.

Bands differ by amplitude and point-spread function alone, and all convolutions are products in Fourier space.
"""

from functools import cache

import numpy as np
from scipy import fft

from lenspipe.simulate.engines.numba import cell_kernels, galaxy_kernels

PADDING = 5  # pixels beyond the stamp whose light scatters in
RADII, ANGLES = 20, 36  # of the points inside a window


class Grid:
    """Half-pixel cells of a stamp with its padding; pixel centres are at every second cell.

    Parameters
    ----------
    num_pix : int, pixels
        Side of the stamp.
    pixel_scale : float, arcsec

    Attributes
    ----------
    x, y : array [y, x], arcsec
        Centres of the cells.
    step : float, arcsec
        Side of a cell.
    size : int
        Of the Fourier transform, along a side.
    kx, ky : array, rad/arcsec
        Wave numbers of the half-plane of ``rfft2``.
    """

    def __init__(self, num_pix, pixel_scale):
        cells = 2 * (num_pix + 2 * PADDING) - 1
        self.step = pixel_scale / 2
        self.axis = (np.arange(cells) - (cells - 1) / 2) * self.step
        self.x, self.y = np.meshgrid(self.axis, self.axis)
        self.size = 4 * fft.next_fast_len(cells // 4 + 1)  # a multiple of 4: see blur_and_fold
        self.pixels = (slice(None), slice(PADDING, PADDING + num_pix), slice(PADDING, PADDING + num_pix))
        inside = slice(2 * PADDING, 2 * PADDING + 2 * num_pix - 1, 2)
        self.pixel_x, self.pixel_y = self.x[inside, inside], self.y[inside, inside]
        k = self.kx = fft.rfftfreq(self.size, self.step / (2 * np.pi))
        self.ky = fft.fftfreq(self.size, self.step / (2 * np.pi))
        # A cell's value is its mean: undo the average over a square, sin(k h/2)/(k h/2) along each side. Points that
        # were spread with a quadratic B-spline are averaged thus three times.
        cell = np.sinc(k * self.step / (2 * np.pi))[:, None] * np.sinc(k * self.step / (2 * np.pi))
        self.undo_cell = (1 / np.concatenate([cell, cell[-2:0:-1]])).astype(np.float32)
        self.sharpen = self.undo_cell**2
        # Points inside the window: Gauss-Legendre in t with rho = t^4 on a cusp's account, even steps in angle.
        t, dt = (0.5 * a for a in np.polynomial.legendre.leggauss(RADII))
        t += 0.5
        self.reach = galaxy_kernels.WINDOW + 4.2 * galaxy_kernels.SOFTNESS
        rho = self.reach * t**4
        phi = 2 * np.pi * (np.arange(ANGLES) + 0.5 * (np.arange(RADII) % 2)[:, None]) / ANGLES
        self.along, self.across = ((self.step * rho[:, None] * f(phi)).ravel() for f in (np.cos, np.sin))
        self.area = np.repeat(
            galaxy_kernels.window(rho) * rho * 4 * self.reach * t**3 * dt * 2 * np.pi / ANGLES, ANGLES
        )

    def patch(self, x, y, reach):
        """Slices (tuple of two, y and x) of all cells within ``reach`` (float, cells) of a point.

        ``x``, ``y`` (float, arcsec): the point.
        """
        size = len(self.axis)
        places = (y / self.step + (size - 1) / 2, x / self.step + (size - 1) / 2)
        return tuple(slice(max(int(c - reach), 0), min(max(int(c + reach) + 2, 0), size)) for c in places)


grid_of = cache(Grid)


class Canvas:
    """Surface brightness on a grid's cells, one map per band, that components are added to.

    Parameters
    ----------
    grid : Grid
    bands : int
        Number of bands.

    Attributes
    ----------
    means : float32 array [band, y, x], counts per pixel
        Means over cells; zeros follow along both axes, as far as the Fourier transform goes.
    points : float32 array [band, y, x], counts per pixel
        What was added as points, each spread with a quadratic B-spline; padded as ``means``.
    """

    def __init__(self, grid, bands):
        self.grid = grid
        self.means, self.points = np.zeros((2, bands, grid.size, grid.size), np.float32)

    def convolved(self, psf):
        """The canvas, convolved with each band's point-spread function, at pixel centres.

        In single precision: the rounding is 1e-6 of the brightest pixel, whose own noise, of 1e6 electrons, is 1e-3
        of it.

        Parameters
        ----------
        psf : array [band, ky, kx]
            Transform of the point-spread function on the half-plane of ``rfft2``.

        Returns
        -------
        array [band, y, x], counts per pixel
        """
        grid = self.grid
        spectra = fft.rfft2(self.means)
        if self.points.any():
            spectra += grid.sharpen * fft.rfft2(self.points)
        return fft.irfft2(cell_kernels.blur_and_fold(spectra, psf, grid.undo_cell))[grid.pixels]
