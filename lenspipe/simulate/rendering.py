"""Noise-free pictures of catalogue rows, through lenstronomy's own lens and light models.

Rays are shot once per object, on a grid of half pixels; each component's unit map is made once, and the bands differ by
amplitude and point-spread function alone. The profile is evaluated at more points wherever it varies within a cell: at
the centres of galaxies, and where rays fall near the source. All convolutions are products in Fourier space. Loops over
cells and points are in ``kernels``.
"""

from functools import cache

import numpy as np
from lenstronomy.LensModel.Profiles.nie import NIE, NIEMajorAxis
from lenstronomy.LensModel.Profiles.shear import Shear
from lenstronomy.LightModel.Profiles.sersic import SersicElliptic
from scipy import fft
from scipy.special import gammainccinv

from lenspipe.columns import EXTRAS
from lenspipe.simulate import kernels, profiles
from lenspipe.simulate.psf import moffat, moffat_transform

PADDING = 5  # pixels beyond the stamp whose light scatters in
RADII, ANGLES = 20, 36  # of the points inside it
STEEPEST = 1.2  # an SIE with q > 0.1 deflects by less than this times theta_E
DEFLECTOR, ALONG_ITS_AXES, SHEAR, SERSIC = NIE(), NIEMajorAxis(), Shear(), SersicElliptic()
CORE = 1e-10  # arcsec: lenstronomy's SIE is an NIE with this


class Grid:
    """Half-pixel cells of a stamp with its padding; pixel centres are at every second cell.

    Attributes
    ----------
    x, y : array [y, x], arcsec
        Centres of the cells.
    step : float, arcsec
        Side of a cell.
    size : int
        Of the Fourier transform, along a side.
    k, of_k : array [k], rad/arcsec; int array
        Wave numbers, and which of them holds at each point of a quarter of the Fourier plane; the rest mirrors it.
    """

    def __init__(self, num_pix, pixel_scale):
        cells = 2 * (num_pix + 2 * PADDING) - 1
        self.step = pixel_scale / 2
        self.axis = (np.arange(cells) - (cells - 1) / 2) * self.step
        self.x, self.y = np.meshgrid(self.axis, self.axis)
        self.flat_x, self.flat_y = self.x.ravel().astype(np.float32), self.y.ravel().astype(np.float32)
        self.size = 4 * fft.next_fast_len(cells // 4 + 1)  # a multiple of 4: see blur_and_fold
        self.pixels = (slice(None), slice(PADDING, PADDING + num_pix), slice(PADDING, PADDING + num_pix))
        inside = slice(2 * PADDING, 2 * PADDING + 2 * num_pix - 1, 2)
        self.pixel_x, self.pixel_y = self.x[inside, inside], self.y[inside, inside]
        k = fft.rfftfreq(self.size, self.step / (2 * np.pi))
        # Many wave numbers of the plane are the same distance from 0: each is looked up once.
        self.k, self.of_k = np.unique(np.hypot(k[:, None], k[None, :]), return_inverse=True)
        # A cell's value is its mean: undo the average over a square, sin(k h/2)/(k h/2) along each side. Points that
        # were spread with a quadratic B-spline are averaged thus three times.
        cell = np.sinc(k * self.step / (2 * np.pi))[:, None] * np.sinc(k * self.step / (2 * np.pi))
        self.undo_cell = (1 / cell).astype(np.float32)
        self.sharpen = np.concatenate([self.undo_cell, self.undo_cell[-2:0:-1]]) ** 2
        # Points inside the window: Gauss-Legendre in t with rho = t^4 on a cusp's account, even steps in angle.
        t, dt = (0.5 * a for a in np.polynomial.legendre.leggauss(RADII))
        t += 0.5
        self.reach = kernels.WINDOW + 4.2 * kernels.SOFTNESS
        rho = self.reach * t**4
        phi = 2 * np.pi * (np.arange(ANGLES) + 0.5 * (np.arange(RADII) % 2)[:, None]) / ANGLES
        self.along, self.across = (self.step * rho[:, None] * f(phi) for f in (np.cos, np.sin))
        self.area = np.repeat(kernels.window(rho) * rho * 4 * self.reach * t**3 * dt * 2 * np.pi / ANGLES, ANGLES)

    def ellipses(self, e1, e2):
        """Points inside the window about the origin, on ellipses: x, y (arcsec), and the area of each in cells."""
        x, y = profiles.circular(self.along.ravel(), self.across.ravel(), e1, e2)
        return x, y, self.area

    def patch(self, x, y, reach):
        """Slices of the map that hold all within a number of cells from a point."""
        size = len(self.axis)
        places = (y / self.step + (size - 1) / 2, x / self.step + (size - 1) / 2)
        return tuple(slice(max(int(c - reach), 0), min(max(int(c + reach) + 2, 0), size)) for c in places)


grid_of = cache(Grid)


def render(row, bands, num_pix, survey):
    """One object, convolved and without noise.

    Parameters
    ----------
    row : mapping
        One row of the catalogue.
    bands : sequence of str
    num_pix : int
    survey : Survey

    Returns
    -------
    lens_light, source_light : array [band, y, x]
        All unlensed light, and the lensed source; counts per pixel at the survey's image zero point.
    """
    grid = grid_of(num_pix, survey.pixel_scale)
    seeing = np.array([row[f"seeing_{band}"] for band in bands])
    psf = moffat_transform(grid.k[:, None], seeing, survey.moffat_beta).astype(np.float32)
    extended = [k for k in EXTRAS if row[f"extra{k}_profile"] not in ("", "point")]
    unlensed = {"lens": galaxy(row, grid)} | {f"extra{k}": extra(row, k, grid) for k in extended}
    lens_light = convolve(unlensed, row, bands, grid, psf, survey)
    for k in EXTRAS:
        if row[f"extra{k}_profile"] == "point":
            r = np.hypot(grid.pixel_x - row[f"extra{k}_center_x"], grid.pixel_y - row[f"extra{k}_center_y"])
            for b, band in enumerate(bands):
                flux = counts(row[f"extra{k}_magnitude_{band}"], survey) * survey.pixel_scale**2
                lens_light[b] += flux * moffat(r, seeing[b], survey.moffat_beta)
    if not row["is_lens"]:
        return lens_light, np.zeros_like(lens_light)
    return lens_light, convolve({"source": source(row, grid)}, row, bands, grid, psf, survey)


def counts(magnitude, survey):
    """Counts of an AB magnitude at the image's zero point."""
    return 10 ** (-0.4 * (magnitude - survey.magnitude_zero_point))


def convolve(components, row, bands, grid, psf, survey):
    """Sum of components per band, convolved with the band's point-spread function, at pixel centres.

    Parameters
    ----------
    components : dict of str to complex array
        Name, whose magnitudes are in the row, and spectrum of the unit map per arcsec^2.
    psf : array [k, band]
        Transform of the point-spread function at the grid's wave numbers.

    Returns
    -------
    array [band, y, x], counts per pixel
    """
    flux = np.array([[counts(row[f"{name}_magnitude_{band}"], survey) for name in components] for band in bands])
    flux = (flux * survey.pixel_scale**2).astype(np.float32)
    spectra = np.array(list(components.values()))
    folded = kernels.blur_and_fold(spectra, flux, psf, grid.of_k, grid.undo_cell)
    return fft.irfft2(folded)[grid.pixels]


def spectrum(means, grid):
    """Fourier transform of a map [y, x] with room for what the point-spread function scatters.

    In single precision: the rounding is 1e-6 of the brightest pixel, whose own noise, of 1e6 electrons, is 1e-3 of it.
    """
    return fft.rfft2(means.astype(np.float32, copy=False), (grid.size, grid.size))


def galaxy(row, grid):
    """Spectrum of the foreground galaxy's unit map."""
    return sersic(row, "lens", row["center_x"], row["center_y"], grid)


def extra(row, k, grid):
    """Spectrum of an extended extra component's unit map."""
    x0, y0 = row[f"extra{k}_center_x"], row[f"extra{k}_center_y"]
    R, e1, e2 = row[f"extra{k}_R_sersic"], row[f"extra{k}_e1"], row[f"extra{k}_e2"]
    match row[f"extra{k}_profile"]:
        case "sersic":
            return sersic(row, f"extra{k}", x0, y0, grid)
        case "ring":
            width = row[f"extra{k}_width"]
            rho = np.hypot(*profiles.elliptical(grid.x - x0, grid.y - y0, e1, e2))
            points = np.where(np.abs(rho - R) < 4 * width + 2 * grid.step, 2 * grid.step / width, 1)
            return mean_spectrum(lambda x, y: profiles.ring(x - x0, y - y0, R, width, e1, e2), grid, points)
        case "spiral":
            shape = [row[f"extra{k}_{name}"] for name in ("arms", "pitch", "contrast", "phase")]
            distance = np.hypot(grid.x - x0, grid.y - y0)
            points = 6 * grid.step / np.maximum(distance, grid.step / 4)
            return mean_spectrum(lambda x, y: profiles.spiral(x - x0, y - y0, R, e1, e2, *shape), grid, points)
        case profile:
            raise ValueError(f"extra{k}_profile: {profile!r} is not known")


def sersic(row, name, x0, y0, grid):
    """Spectrum of the unit map of an unlensed Sersic profile of the row.

    A smooth window divides the light. What lies outside is sampled at the cells; what lies inside, with the cusp, is
    integrated along ellipses of equal brightness and laid down as points.
    """
    R, n, e1, e2 = (row[f"{name}_{key}"] for key in ("R_sersic", "n_sersic", "e1", "e2"))
    q, phi = profiles.shape(e1, e2)
    dx, dy, area = grid.ellipses(e1, e2)
    x, y = (np.concatenate([c, p], dtype=np.float32) for c, p in ((grid.flat_x, x0 + dx), (grid.flat_y, y0 + dy)))
    light = unit_sersic(R, n, e1, e2, x0, y0)(x, y)
    means = light[: grid.x.size].reshape(grid.x.shape)
    kernels.fade_centre(means, grid.axis, x0, y0, q, phi, grid.reach)
    points = kernels.spread(x0 + dx, y0 + dy, light[grid.x.size :] * area, grid.axis)
    return spectrum(means, grid) + grid.sharpen * spectrum(points, grid)


def source(row, grid):
    """Spectrum of the lensed source's unit map: finer where rays are far apart in the source plane near the source."""
    x_l, y_l, gamma = row["center_x"], row["center_y"], np.hypot(row["gamma1"], row["gamma2"])
    to_source = ray_shooting(row)
    R, n, e1, e2, x0, y0 = (
        row[f"source_{key}"] for key in ("R_sersic", "n_sersic", "e1", "e2", "center_x", "center_y")
    )
    light_of = unit_sersic(R, n, e1, e2, x0, y0)

    # A ray that meets the source has |theta| (1 - |gamma|) <= |beta| + |alpha|, from the deflector's centre.
    extent = sersic_extent(n) * R / np.sqrt(1 - np.hypot(e1, e2))
    reach = (extent + np.hypot(x0 - x_l, y0 - y_l) + STEEPEST * row["theta_E"]) / (1 - gamma)
    patch = grid.patch(x_l, y_l, reach / grid.step)
    side = np.zeros(grid.x.shape, np.int64)
    side[patch] = kernels.points_for_source(*to_source(grid.x[patch], grid.y[patch]), x0, y0, R, extent)
    x, y = kernels.points_in_cells(side, grid.axis)
    return spectrum(kernels.means_of_cells(light_of(*to_source(x, y)), side), grid)


def ray_shooting(row):
    """The lens equation of a row, from x and y to the source plane (arcsec), by lenstronomy's SIE and shear.

    In single precision, as ``unit_sersic``; through LensModel it would be in double.
    """
    shape = DEFLECTOR.param_conv(row["theta_E"], row["e1"], row["e2"], CORE)
    b, core, q, phi, x_l, y_l, gamma1, gamma2 = (
        np.float32(a) for a in (*shape, *(row[name] for name in ("center_x", "center_y", "gamma1", "gamma2")))
    )
    cos, sin = np.cos(phi), np.sin(phi)

    def to_source(x, y):
        dx, dy = np.float32(x) - x_l, np.float32(y) - y_l
        along, across = ALONG_ITS_AXES.derivatives(cos * dx + sin * dy, cos * dy - sin * dx, b, core, q)
        shear_x, shear_y = SHEAR.derivatives(dx, dy, gamma1, gamma2)
        return x_l + dx - shear_x - (cos * along - sin * across), y_l + dy - shear_y - (cos * across + sin * along)

    return to_source


def unit_sersic(R_sersic, n_sersic, e1, e2, center_x, center_y):
    """lenstronomy's Sersic profile of total flux 1, per arcsec^2, as a function of x and y (arcsec).

    In single precision, which takes half the time.
    """
    said = {"R_sersic": R_sersic, "n_sersic": n_sersic, "e1": e1, "e2": e2, "center_x": center_x, "center_y": center_y}
    said["amp"] = 1 / SERSIC.total_flux(1.0, R_sersic, n_sersic)
    said = {name: np.float32(value) for name, value in said.items()}
    return lambda x, y: SERSIC.function(np.float32(x), np.float32(y), **said)


def sersic_extent(n):
    """Radius, in units of R_sersic, that holds all but 1e-3 of a Sersic profile's light.

    With s = b r^(1/n) the light within r is the incomplete gamma function P(2n, s), and P(2n, b) = 1/2.
    """
    return (gammainccinv(2 * n, 1e-3) / gammainccinv(2 * n, 0.5)) ** n


def mean_spectrum(brightness, grid, points):
    """Spectrum of a brightness's means over cells.

    Parameters
    ----------
    brightness : callable
        Of flat arrays x and y, arcsec.
    grid : Grid
    points : array like grid.x
        Wanted along the side of each cell; rounded up, and at most ``kernels.FINEST``.
    """
    side = np.ceil(np.clip(points, 1, kernels.FINEST)).astype(np.int64)
    return spectrum(kernels.means_of_cells(brightness(*kernels.points_in_cells(side, grid.axis)), side), grid)
