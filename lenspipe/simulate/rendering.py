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

PADDING = 6  # pixels beyond the stamp whose light scatters in
REACH = 10  # cells around a galaxy's centre that are graded towards it
NEAR = 0.35  # a graded cell's side is at most this share of its distance from the centre
CORE = 2e-3  # of R_sersic: nearer than this the light of a cusp adds nothing that shows
DEEPEST = 12  # halvings of a cell
LEVELS = (1, 2, 3, 4, 6, 8, 12, 16, 24)  # points along a cell's side where rays pass near the source
NODE = 1 / np.sqrt(12)  # of a cell's side: the two-point Gauss-Legendre rule
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
        self.size = 4 * fft.next_fast_len(-(-(cells + PADDING) // 4), real=True)
        self.pixels = (slice(None), slice(PADDING, PADDING + num_pix), slice(PADDING, PADDING + num_pix))
        inside = slice(2 * PADDING, 2 * PADDING + 2 * num_pix - 1, 2)
        self.pixel_x, self.pixel_y = self.x[inside, inside], self.y[inside, inside]
        k = fft.rfftfreq(self.size, self.step / (2 * np.pi))
        self.k = np.hypot(k[:, None], k[None, :])
        # A cell's value is its mean: undo the average over a square, sin(k h/2)/(k h/2) along each side. Points that
        # were spread with a quadratic B-spline are averaged thus three times.
        self.cell = np.sinc(k * self.step / (2 * np.pi))[:, None] * np.sinc(k * self.step / (2 * np.pi))
        self.sharpen = np.concatenate([self.cell, self.cell[-2:0:-1]]) ** -2


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
    total = np.tensordot(flux * survey.pixel_scale**2, np.array(list(components.values())), 1)
    quarter = grid.size // 2 + 1
    total[:, :quarter] *= transforms
    total[:, quarter:] *= transforms[:, -2:0:-1]
    return at_every_second(total)[grid.pixels]


def spectrum(means, grid):
    """Fourier transform of a map [y, x] with room for what the point-spread function scatters."""
    return fft.rfft2(means, (grid.size, grid.size))


def at_every_second(spectra):
    """Real arrays at every second point along both axes, from their spectra: aliases added up before a small inverse.

    Parameters
    ----------
    spectra : complex array [n, size, size // 2 + 1]
        From ``rfft2``; size is a multiple of 4.

    Returns
    -------
    array [n, size // 2, size // 2]
    """
    size = spectra.shape[1]
    half, quarter = size // 2, size // 4
    # The spectrum at kx + half is the conjugate of that at (-ky, half - kx).
    mirrored = np.roll(spectra[:, ::-1, half : quarter - 1 : -1], 1, axis=1).conj()
    folded = spectra[:, :, : quarter + 1] + mirrored
    return fft.irfft2(folded[:, :half] + folded[:, half:], (half, half)) / 4


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

    Around its centre the light is integrated over small cells and laid down as points where it is: a cell's mean would
    lay all of a cusp at the middle of its cell.
    """
    R, n, e1, e2 = (row[f"{name}_{key}"] for key in ("R_sersic", "n_sersic", "e1", "e2"))
    unit = 1 / SERSIC.total_flux(1.0, R, n)

    def brightness(x, y):
        return SERSIC.function(x, y, unit, R, n, e1, e2, x0, y0)

    means = brightness(grid.x.ravel(), grid.y.ravel()).reshape(grid.x.shape)
    block = tuple(np.flatnonzero(np.abs(grid.axis - centre) <= REACH * grid.step) for centre in (y0, x0))
    means[np.ix_(*block)] = 0
    x, y, side = graded_cells(grid.axis[block[1]], grid.axis[block[0]], x0, y0, grid.step, R if n < 1.5 else CORE * R)
    nodes = NODE * np.array([[-1, -1, 1, 1], [-1, 1, -1, 1]])[:, :, None] * side
    x, y = (x + nodes[0]).ravel(), (y + nodes[1]).ravel()
    flux = brightness(x, y) * np.tile((side / grid.step) ** 2 / 4, 4)
    return spectrum(means, grid) + grid.sharpen * spectrum(spread(x, y, flux, grid), grid)


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


def graded_cells(columns, rows, x0, y0, side, core):
    """Cells halved towards a centre until their side is below a share of their distance from it.

    Parameters
    ----------
    columns, rows : array, arcsec
        Coordinates of the block of cells.
    x0, y0 : float, arcsec
    side : float, arcsec
        Of the cells at first.
    core : float, arcsec
        Radius within which the profile is smooth.

    Returns
    -------
    x, y, side : array, arcsec
    """
    x, y = (a.ravel() for a in np.meshgrid(columns, rows))
    leaves = []
    for depth in range(DEEPEST + 1):
        split = (side > NEAR * np.maximum(np.hypot(x - x0, y - y0), core)) & (depth < DEEPEST)
        leaves.append((x[~split], y[~split], np.full(len(x) - split.sum(), side)))
        x = (x[split] + np.array([[-1], [1], [-1], [1]]) * side / 4).ravel()
        y = (y[split] + np.array([[-1], [-1], [1], [1]]) * side / 4).ravel()
        side /= 2
        if not len(x):
            break
    return tuple(np.concatenate(column) for column in zip(*leaves, strict=True))


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
