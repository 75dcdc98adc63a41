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

from lenspipe.columns import EXTRAS
from lenspipe.simulate import profiles
from lenspipe.simulate.psf import moffat, moffat_transform

PADDING = 8  # pixels beyond the stamp whose light scatters in
LEVELS = (1, 2, 3, 4, 6, 8, 12, 16, 24)  # points along a cell's side
LENS = LensModel(["SIE", "SHEAR"])
SERSIC = SersicElliptic()


class Grid:
    """Half-pixel cells of a stamp with its padding; pixel centres are at every second cell.

    x, y : centres of the cells, arcsec; step : side of a cell; size : of the Fourier transform, along a side
    """

    def __init__(self, num_pix, pixel_scale):
        cells = 2 * (num_pix + 2 * PADDING) - 1
        self.step = pixel_scale / 2
        axis = (np.arange(cells) - (cells - 1) / 2) * self.step
        self.x, self.y = np.meshgrid(axis, axis)
        self.size = fft.next_fast_len(cells + 2 * PADDING, real=True)
        inside = slice(2 * PADDING, 2 * PADDING + 2 * num_pix - 1, 2)
        self.pixels = (slice(None), inside, inside)
        self.pixel_x, self.pixel_y = self.x[self.pixels[1:]], self.y[self.pixels[1:]]
        ky, kx = fft.fftfreq(self.size, self.step / (2 * np.pi)), fft.rfftfreq(self.size, self.step / (2 * np.pi))
        self.k = np.hypot(ky[:, None], kx[None, :])
        # A cell's value is its mean: undo the average over a square, sin(k h/2)/(k h/2) along each side.
        self.cell = np.sinc(ky * self.step / (2 * np.pi))[:, None] * np.sinc(kx * self.step / (2 * np.pi))


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
    transforms = np.array([moffat_transform(grid.k, fwhm, survey.moffat_beta) for fwhm in seeing]) / grid.cell
    unlensed = [("lens", galaxy_map(row, grid))]
    unlensed += [(f"extra{k}", extra_map(row, k, grid)) for k in EXTRAS if row[f"extra{k}_profile"] not in ("", "point")]
    lens_light = convolve(unlensed, row, bands, grid, transforms, survey)
    for k in EXTRAS:
        if row[f"extra{k}_profile"] == "point":
            r = np.hypot(grid.pixel_x - row[f"extra{k}_center_x"], grid.pixel_y - row[f"extra{k}_center_y"])
            for b, band in enumerate(bands):
                flux = counts(row[f"extra{k}_magnitude_{band}"], survey) * survey.pixel_scale**2
                lens_light[b] += flux * moffat(r, seeing[b], survey.moffat_beta)
    if not row["is_lens"]:
        return lens_light, np.zeros_like(lens_light)
    return lens_light, convolve([("source", source_map(row, grid))], row, bands, grid, transforms, survey)


def counts(magnitude, survey):
    """Counts of an AB magnitude at the image's zero point."""
    return 10 ** (-0.4 * (magnitude - survey.magnitude_zero_point))


def convolve(components, row, bands, grid, transforms, survey):
    """Sum of components per band, convolved with the band's point-spread function, at pixel centres.

    Parameters
    ----------
    components : list of (str, array [y, x])
        Name, whose magnitudes are in the row, and unit map per arcsec^2.

    Returns
    -------
    array [band, y, x], counts per pixel
    """
    spectra = np.array([fft.rfft2(unit, (grid.size, grid.size)) for _, unit in components])
    flux = np.array([[counts(row[f"{name}_magnitude_{band}"], survey) for name, _ in components] for band in bands])
    total = np.tensordot(flux, spectra, 1) * transforms
    return fft.irfft2(total, (grid.size, grid.size))[grid.pixels] * survey.pixel_scale**2


def galaxy_map(row, grid):
    """Unit map of the foreground galaxy."""
    return sersic_map(row, "lens", row["center_x"], row["center_y"], grid)


def extra_map(row, k, grid):
    """Unit map of an extended extra component."""
    x0, y0 = row[f"extra{k}_center_x"], row[f"extra{k}_center_y"]
    R, e1, e2 = row[f"extra{k}_R_sersic"], row[f"extra{k}_e1"], row[f"extra{k}_e2"]
    match row[f"extra{k}_profile"]:
        case "sersic":
            return sersic_map(row, f"extra{k}", x0, y0, grid)
        case "ring":
            width = row[f"extra{k}_width"]
            rho = np.hypot(*profiles.elliptical(grid.x - x0, grid.y - y0, e1, e2))
            points = np.where(np.abs(rho - R) < 4 * width + 2 * grid.step, 2 * grid.step / width, 1)
            return cell_means(lambda x, y: profiles.ring(x - x0, y - y0, R, width, e1, e2), grid, points)
        case "spiral":
            shape = [row[f"extra{k}_{name}"] for name in ("arms", "pitch", "contrast", "phase")]
            distance = np.hypot(grid.x - x0, grid.y - y0)
            points = 6 * grid.step / np.maximum(distance, grid.step / 4)
            return cell_means(lambda x, y: profiles.spiral(x - x0, y - y0, R, e1, e2, *shape), grid, points)
        case profile:
            raise ValueError(f"extra{k}_profile: {profile!r} is not known")


def sersic_map(row, name, x0, y0, grid):
    """Unit map of an unlensed Sersic profile of the row, finer towards its cusp."""
    R, n, e1, e2 = (row[f"{name}_{key}"] for key in ("R_sersic", "n_sersic", "e1", "e2"))
    unit = 1 / SERSIC.total_flux(1.0, R, n)
    distance = np.hypot(grid.x - x0, grid.y - y0) / grid.step  # in cells
    points = cusp_points(distance, n, R / grid.step)
    return cell_means(lambda x, y: SERSIC.function(x, y, unit, R, n, e1, e2, x0, y0), grid, points)


def cusp_points(distance, n_sersic, R_sersic):
    """Points along a cell's side at a distance from a Sersic centre; lengths in cells.

    A steep profile needs them for its cusp, a small one for its size.
    """
    cusp = np.select([distance < 1.6, distance < 4.6, distance < 10.6], [24, 6, 3], 1) if n_sersic > 1.5 else 1
    nearest = np.maximum(distance - 1, 0)
    return np.maximum(cusp, 4 / np.maximum(R_sersic, nearest))


def source_map(row, grid):
    """Unit map of the lensed source: finer where the step in the source plane is coarse beside the source."""
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
    return cell_means(brightness, grid, points, base)


def source_step(beta_x, beta_y):
    """How far apart neighbouring rays fall in the source plane: the largest of the differences along the two axes."""
    across = np.hypot(np.gradient(beta_x, axis=1), np.gradient(beta_y, axis=1))
    along = np.hypot(np.gradient(beta_x, axis=0), np.gradient(beta_y, axis=0))
    return np.maximum(across, along)


def cell_means(brightness, grid, points, base=None):
    """Mean of a brightness over each cell, from a number of points along its side.

    Parameters
    ----------
    brightness : callable
        Of flat arrays x and y, arcsec.
    grid : Grid
    points : array like grid.x
        Wanted number of points, rounded up to one of ``LEVELS``.
    base : array like grid.x, optional
        The brightness at the cells' centres, if it is known.

    Returns
    -------
    array like grid.x
    """
    means = brightness(grid.x.ravel(), grid.y.ravel()).reshape(grid.x.shape) if base is None else base
    level = np.searchsorted(LEVELS, np.minimum(points, LEVELS[-1]) - 1e-9)
    level = np.broadcast_to(level, means.shape)
    for index in np.unique(level[level > 0]):
        cells = level == index
        m = LEVELS[index]
        offset = ((np.arange(m) + 0.5) / m - 0.5) * grid.step
        dx, dy = (d.ravel() for d in np.meshgrid(offset, offset))
        x, y = grid.x[cells][:, None] + dx, grid.y[cells][:, None] + dy
        means[cells] = brightness(x.ravel(), y.ravel()).reshape(x.shape).mean(axis=1)
    return means
