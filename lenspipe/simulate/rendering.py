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
from scipy.special import gammainccinv, ndtr

from lenspipe.columns import EXTRAS
from lenspipe.simulate import profiles
from lenspipe.simulate.psf import moffat, moffat_transform

PADDING = 5  # pixels beyond the stamp whose light scatters in
WINDOW, SOFTNESS = 6.0, 1.2  # cells: radius and width of the edge of the window around a galaxy's centre
RADII, ANGLES = 20, 36  # of the points inside it
POINTS = 2.5  # per R_sersic, or per distance from the source, in the source plane
STEEPEST = 1.2  # an SIE with q > 0.1 deflects by less than this times theta_E
FINEST = 24  # points along a cell's side where rays pass near the source
LENS = LensModel(["SIE", "SHEAR"])
SERSIC = SersicElliptic()


class Grid:
    """Half-pixel cells of a stamp with its padding; pixel centres are at every second cell.

    x, y : centres of the cells, arcsec; step : side of a cell; size : of the Fourier transform, along a side;
    k, of_k : wave numbers, and which of them holds at each point of a quarter of the Fourier plane; the rest mirrors it
    """

    def __init__(self, num_pix, pixel_scale):
        cells = 2 * (num_pix + 2 * PADDING) - 1
        self.step = pixel_scale / 2
        self.axis = (np.arange(cells) - (cells - 1) / 2) * self.step
        self.x, self.y = np.meshgrid(self.axis, self.axis)
        self.size = 4 * fft.next_fast_len(cells // 4 + 1)  # folded once along each axis, see at_every_second
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
        self.reach = WINDOW + 4.2 * SOFTNESS
        rho = self.reach * t**4
        phi = 2 * np.pi * (np.arange(ANGLES) + 0.5 * (np.arange(RADII) % 2)[:, None]) / ANGLES
        self.along, self.across = (self.step * rho[:, None] * f(phi) for f in (np.cos, np.sin))
        self.area = np.repeat(window(rho) * rho * 4 * self.reach * t**3 * dt * 2 * np.pi / ANGLES, ANGLES)

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
    seeing = [row[f"seeing_{band}"] for band in bands]
    transforms = np.array([moffat_transform(grid.k, fwhm, survey.moffat_beta) for fwhm in seeing], np.float32)
    transforms = transforms[:, grid.of_k] * grid.undo_cell
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
    flux = (flux * survey.pixel_scale**2).astype(np.float32)
    maps = list(components.values())
    total = flux[:, 0, None, None] * maps[0]
    for k, component in enumerate(maps[1:], start=1):
        total += flux[:, k, None, None] * component
    quarter = grid.size // 2 + 1
    total[:, :quarter] *= transforms
    total[:, quarter:] *= transforms[:, -2:0:-1]
    return at_every_second(total)[grid.pixels]


def spectrum(means, grid):
    """Fourier transform of a map [y, x] with room for what the point-spread function scatters.

    In single precision: the rounding is 1e-6 of the brightest pixel, whose own noise, of 1e6 electrons, is 1e-3 of it.
    """
    return fft.rfft2(means.astype(np.float32), (grid.size, grid.size))


def at_every_second(spectra):
    """Real arrays at every second point along both axes, from their spectra: aliases are added up before the inverse.

    Along y that is F(k) + F(k + N/2); along x the second lies in the half that a real array's spectrum leaves out, as
    the conjugate at -k.

    Parameters
    ----------
    spectra : complex array [n, size, size // 2 + 1]
        From ``rfft2``; size is even.

    Returns
    -------
    array [n, size // 2, size // 2]
    """
    half = spectra.shape[1] // 2
    folded = spectra[:, :half] + spectra[:, half:]
    mirrored = np.roll(folded[:, ::-1, half : half // 2 - 1 : -1], 1, axis=1).conj()
    return fft.irfft2(folded[:, :, : half // 2 + 1] + mirrored, (half, half)) / 4


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
    e = np.hypot(e1, e2)
    patch = grid.patch(x0, y0, grid.reach * np.sqrt((1 + e) / (1 - e)))
    rho = np.hypot(*profiles.elliptical(grid.x[patch] - x0, grid.y[patch] - y0, e1, e2)) / grid.step
    near = rho < grid.reach
    dx, dy, area = grid.ellipses(e1, e2)
    x = np.concatenate([grid.x.ravel(), x0 + dx])
    y = np.concatenate([grid.y.ravel(), y0 + dy])
    light = unit_sersic(R, n, e1, e2, x0, y0)(x, y)
    means = light[: grid.x.size].reshape(grid.x.shape)
    means[patch][near] *= 1 - window(rho[near])
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
    along_x, along_y = (
        np.array([0.5 * (0.5 - d) ** 2, 0.75 - d**2, 0.5 * (0.5 + d) ** 2]) for d in (column - i, row - j)
    )
    cells = j * n + i + np.array([-1, 0, 1])[:, None, None] * n + np.array([-1, 0, 1])[:, None]  # [y, x, point]
    total = np.bincount(cells.ravel(), (flux * along_y[:, None] * along_x).ravel(), n * n)
    return total.reshape(n, n)


def source(row, grid):
    """Spectrum of the lensed source's unit map: finer where rays are far apart in the source plane near the source."""
    x_l, y_l, gamma = row["center_x"], row["center_y"], np.hypot(row["gamma1"], row["gamma2"])
    mass = [
        {"theta_E": row["theta_E"], "e1": row["e1"], "e2": row["e2"], "center_x": x_l, "center_y": y_l},
        {"gamma1": row["gamma1"], "gamma2": row["gamma2"], "ra_0": x_l, "dec_0": y_l},
    ]
    R, n, e1, e2, x0, y0 = (
        row[f"source_{key}"] for key in ("R_sersic", "n_sersic", "e1", "e2", "center_x", "center_y")
    )
    light_of = unit_sersic(R, n, e1, e2, x0, y0)

    # A ray that meets the source has |theta| (1 - |gamma|) <= |beta| + |alpha|, from the deflector's centre.
    extent = sersic_extent(n) * R / np.sqrt(1 - np.hypot(e1, e2))
    reach = (extent + np.hypot(x0 - x_l, y0 - y_l) + STEEPEST * row["theta_E"]) / (1 - gamma)
    patch = grid.patch(x_l, y_l, reach / grid.step)
    x, y = grid.x[patch], grid.y[patch]
    beta = LENS.ray_shooting(x.ravel(), y.ravel(), mass)
    beta_x, beta_y = (b.reshape(x.shape).astype(np.float32) for b in beta)
    step = source_step(beta_x, beta_y)
    nearest = np.maximum(np.sqrt((beta_x - x0) ** 2 + (beta_y - y0) ** 2) - step, 0)
    seen = nearest < extent
    light, points = np.zeros_like(grid.x), np.zeros_like(grid.x)
    light[patch][seen] = light_of(beta_x[seen], beta_y[seen])
    points[patch] = POINTS * step / np.maximum(R, nearest)
    return spectrum(cell_means(lambda x, y: light_of(*LENS.ray_shooting(x, y, mass)), grid, points, light), grid)


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
