"""Noise-free pictures of catalogue rows, through lenstronomy's own lens and light models.

Rays are shot once per object, on a grid of half pixels; each component's unit map is made once, and the bands differ by
amplitude and point-spread function alone. The profile is evaluated at more points wherever it varies within a cell: at
the centres of galaxies, and where rays fall near the source. All convolutions are products in Fourier space.
"""

from functools import cache

import numpy as np
from lenstronomy.LensModel.lens_model import LensModel
from lenstronomy.LightModel.Profiles.sersic import SersicElliptic
from scipy import fft
from scipy.special import ndtr

from lenspipe.columns import EXTRAS
from lenspipe.simulate import profiles
from lenspipe.simulate.psf import moffat, moffat_transform

PADDING = 6  # pixels beyond the stamp whose light scatters in
WINDOW, SOFTNESS = 6.0, 1.2  # cells: radius and width of the edge of the window around a galaxy's centre
RADII, ANGLES = 20, 36  # of the points inside it
FINEST = 24  # points along a cell's side where rays pass near the source
LENS = LensModel(["SIE", "SHEAR"])
SERSIC = SersicElliptic()


class Grid:
    """Half-pixel cells of a stamp with its padding; pixel centres are at every second cell.

    x, y : centres of the cells, arcsec; step : side of a cell; size : of the Fourier transform, along a side;
    k : wave numbers of a quarter of the Fourier plane, the others mirror it
    """

    def __init__(self, num_pix, pixel_scale):
        cells = 2 * (num_pix + 2 * PADDING) - 1
        self.step = pixel_scale / 2
        self.axis = (np.arange(cells) - (cells - 1) / 2) * self.step
        self.x, self.y = np.meshgrid(self.axis, self.axis)
        self.size = 2 * fft.next_fast_len(-(-(cells + PADDING) // 2), real=True)
        self.pixels = (slice(None), slice(PADDING, PADDING + num_pix), slice(PADDING, PADDING + num_pix))
        inside = slice(2 * PADDING, 2 * PADDING + 2 * num_pix - 1, 2)
        self.pixel_x, self.pixel_y = self.x[inside, inside], self.y[inside, inside]
        k = fft.rfftfreq(self.size, self.step / (2 * np.pi))
        self.k = np.hypot(k[:, None], k[None, :])
        # A cell's value is its mean: undo the average over a square, sin(k h/2)/(k h/2) along each side. Points that
        # were spread with a quadratic B-spline are averaged thus three times.
        self.cell = np.sinc(k * self.step / (2 * np.pi))[:, None] * np.sinc(k * self.step / (2 * np.pi))
        self.sharpen = np.concatenate([self.cell, self.cell[-2:0:-1]]) ** -2
        # Points inside the window: Gauss-Legendre in t with rho = t^4 on a cusp's account, even steps in angle.
        t, dt = (0.5 * a for a in np.polynomial.legendre.leggauss(RADII))
        t += 0.5
        self.reach = WINDOW + 4.2 * SOFTNESS
        rho = self.reach * t**4
        phi = 2 * np.pi * (np.arange(ANGLES) + 0.5 * (np.arange(RADII) % 2)[:, None]) / ANGLES
        self.along, self.across = (self.step * rho[:, None] * f(phi) for f in (np.cos, np.sin))
        self.area = np.repeat(window(rho) * rho * 4 * self.reach * t**3 * dt * 2 * np.pi / ANGLES, ANGLES)

    def ellipses(self, e1, e2):
        """Points inside the window about the origin, on ellipses: x, y (arcsec), and the area of each in cells."""
        x, y = profiles.circular(self.along.ravel(), self.across.ravel(), e1, e2)
        return x, y, self.area


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
    seeing = [row[f"seeing_{band}"] for band in bands]
    transforms = np.array([moffat_transform(grid.k, fwhm, survey.moffat_beta) / grid.cell for fwhm in seeing])
    extended = [k for k in EXTRAS if row[f"extra{k}_profile"] not in ("", "point")]
    unlensed = {"lens": galaxy(row, grid)} | {f"extra{k}": extra(row, k, grid) for k in extended}
    lens_light = convolve(unlensed, row, bands, grid, transforms, survey)
    for k in EXTRAS:
        if row[f"extra{k}_profile"] == "point":
            r = np.hypot(grid.pixel_x - row[f"extra{k}_center_x"], grid.pixel_y - row[f"extra{k}_center_y"])
            for b, band in enumerate(bands):
                flux = counts(row[f"extra{k}_magnitude_{band}"], survey) * survey.pixel_scale**2
                lens_light[b] += flux * moffat(r, seeing[b], survey.moffat_beta)
    if not row["is_lens"]:
        return lens_light, np.zeros_like(lens_light)
    return lens_light, convolve({"source": source(row, grid)}, row, bands, grid, transforms, survey)


def counts(magnitude, survey):
    """Counts of an AB magnitude at the image's zero point."""
    return 10 ** (-0.4 * (magnitude - survey.magnitude_zero_point))


def convolve(components, row, bands, grid, transforms, survey):
    """Sum of components per band, convolved with the band's point-spread function, at pixel centres.

    Parameters
    ----------
    components : dict of str to complex array
        Name, whose magnitudes are in the row, and spectrum of the unit map per arcsec^2.

    Returns
    -------
    array [band, y, x], counts per pixel
    """
    flux = np.array([[counts(row[f"{name}_magnitude_{band}"], survey) for name in components] for band in bands])
    maps = np.array(list(components.values()))
    total = flux * survey.pixel_scale**2 @ maps.reshape(len(maps), -1).view(float)
    total = total.view(complex).reshape(-1, *maps.shape[1:])
    quarter = grid.size // 2 + 1
    total[:, :quarter] *= transforms
    total[:, quarter:] *= transforms[:, -2:0:-1]
    return at_every_second(total)[grid.pixels]


def spectrum(means, grid):
    """Fourier transform of a map [y, x] with room for what the point-spread function scatters."""
    return fft.rfft2(means, (grid.size, grid.size))


def at_every_second(spectra):
    """Real arrays at every second point along both axes, from their spectra.

    Along y the aliases are added up before a half-sized inverse; along x the points are left out after it.

    Parameters
    ----------
    spectra : complex array [n, size, size // 2 + 1]
        From ``rfft2``; size is even.

    Returns
    -------
    array [n, size // 2, size // 2]
    """
    half = spectra.shape[1] // 2
    return fft.irfft2(spectra[:, :half] + spectra[:, half:], (half, 2 * half))[:, :, ::2] / 2


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
            return spectrum(
                cell_means(lambda x, y: profiles.ring(x - x0, y - y0, R, width, e1, e2), grid, points), grid
            )
        case "spiral":
            shape = [row[f"extra{k}_{name}"] for name in ("arms", "pitch", "contrast", "phase")]
            distance = np.hypot(grid.x - x0, grid.y - y0)
            points = 6 * grid.step / np.maximum(distance, grid.step / 4)
            return spectrum(
                cell_means(lambda x, y: profiles.spiral(x - x0, y - y0, R, e1, e2, *shape), grid, points), grid
            )
        case profile:
            raise ValueError(f"extra{k}_profile: {profile!r} is not known")


def sersic(row, name, x0, y0, grid):
    """Spectrum of the unit map of an unlensed Sersic profile of the row.

    A smooth window divides the light. What lies outside is sampled at the cells; what lies inside, with the cusp, is
    integrated along ellipses of equal brightness and laid down as points.
    """
    R, n, e1, e2 = (row[f"{name}_{key}"] for key in ("R_sersic", "n_sersic", "e1", "e2"))
    unit = 1 / SERSIC.total_flux(1.0, R, n)
    rho = np.hypot(*profiles.elliptical(grid.x - x0, grid.y - y0, e1, e2)) / grid.step
    near = rho < grid.reach
    dx, dy, area = grid.ellipses(e1, e2)
    x = np.concatenate([grid.x.ravel(), x0 + dx])
    y = np.concatenate([grid.y.ravel(), y0 + dy])
    light = SERSIC.function(x, y, unit, R, n, e1, e2, x0, y0)
    means = light[: grid.x.size].reshape(grid.x.shape)
    means[near] *= 1 - window(rho[near])
    points = spread(x0 + dx, y0 + dy, light[grid.x.size :] * area, grid)
    return spectrum(means, grid) + grid.sharpen * spectrum(points, grid)


def window(rho):
    """Window around a galaxy's centre, for distances in cells: 1 within, falling to 0 over a few cells."""
    return ndtr((WINDOW - rho) / SOFTNESS)


def spread(x, y, flux, grid):
    """Points on a map: each spread over nine cells with a quadratic B-spline; those at the map's edge are left out."""
    n = len(grid.axis)
    inside = np.maximum(np.abs(x), np.abs(y)) < grid.axis[-1] - grid.step
    column, row = ((a[inside] - grid.axis[0]) / grid.step for a in (x, y))
    flux = flux[inside]
    i, j = np.rint(column).astype(np.intp), np.rint(row).astype(np.intp)
    weights = [(0.5 * (0.5 - d) ** 2, 0.75 - d**2, 0.5 * (0.5 + d) ** 2) for d in (column - i, row - j)]
    total = np.zeros(n * n)
    for b, wy in zip((-1, 0, 1), weights[1], strict=True):
        for a, wx in zip((-1, 0, 1), weights[0], strict=True):
            total += np.bincount((j + b) * n + i + a, flux * wx * wy, n * n)
    return total.reshape(n, n)


def source(row, grid):
    """Spectrum of the lensed source's unit map: finer where rays are far apart in the source plane near the source."""
    mass = [
        {"theta_E": row["theta_E"], **{key: row[key] for key in ("e1", "e2", "center_x", "center_y")}},
        {"gamma1": row["gamma1"], "gamma2": row["gamma2"], "ra_0": row["center_x"], "dec_0": row["center_y"]},
    ]
    R, n, e1, e2, x0, y0 = (
        row[f"source_{key}"] for key in ("R_sersic", "n_sersic", "e1", "e2", "center_x", "center_y")
    )
    unit = 1 / SERSIC.total_flux(1.0, R, n)
    beta_x, beta_y = LENS.ray_shooting(grid.x.ravel(), grid.y.ravel(), mass)
    beta_x, beta_y = beta_x.reshape(grid.x.shape), beta_y.reshape(grid.x.shape)
    step = source_step(beta_x, beta_y)
    nearest = np.maximum(np.hypot(beta_x - x0, beta_y - y0) - step, 0)
    points = 3 * step / np.maximum(R, nearest)

    def brightness(x, y):
        return SERSIC.function(*LENS.ray_shooting(x, y, mass), unit, R, n, e1, e2, x0, y0)

    base = SERSIC.function(beta_x, beta_y, unit, R, n, e1, e2, x0, y0)
    return spectrum(cell_means(brightness, grid, points, base), grid)


def source_step(beta_x, beta_y):
    """How far apart neighbouring rays fall in the source plane: the largest of the distances along the two axes."""
    largest = np.zeros_like(beta_x)
    for axis in (0, 1):
        squared = np.diff(beta_x, axis=axis) ** 2 + np.diff(beta_y, axis=axis) ** 2
        for side in (slice(1, None), slice(None, -1)):
            part = largest[side] if axis == 0 else largest[:, side]
            np.maximum(part, squared, out=part)
    return np.sqrt(largest)


def cell_means(brightness, grid, points, base=None):
    """Mean of a brightness over each cell, from a number of points along its side.

    Parameters
    ----------
    brightness : callable
        Of flat arrays x and y, arcsec.
    grid : Grid
    points : array like grid.x
        Wanted number of points; rounded up, and at most ``FINEST``.
    base : array like grid.x, optional
        The brightness at the cells' centres, if it is known.

    Returns
    -------
    array like grid.x
    """
    means = brightness(grid.x.ravel(), grid.y.ravel()).reshape(grid.x.shape) if base is None else base
    cells = np.flatnonzero(points > 1)
    side = np.ceil(np.minimum(points.ravel()[cells], FINEST)).astype(int)
    of, place = np.repeat(np.arange(len(cells)), side**2), np.arange(np.sum(side**2))
    place -= np.repeat(np.cumsum(side**2) - side**2, side**2)  # within its cell
    row, column = np.divmod(place, side[of])
    x = grid.x.ravel()[cells[of]] + ((column + 0.5) / side[of] - 0.5) * grid.step
    y = grid.y.ravel()[cells[of]] + ((row + 0.5) / side[of] - 0.5) * grid.step
    means.ravel()[cells] = np.bincount(of, brightness(x, y), len(cells)) / side**2
    return means
