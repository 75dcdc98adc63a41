"""Pictures made the slow way, as an oracle: fine cells subdivided until converged, convolved on an eighth of a pixel.

Light comes from lenstronomy's public models; nothing here is shared with the renderer but the profiles that lenstronomy
lacks, which have tests of their own.
"""

import numpy as np
from lenstronomy.LensModel.lens_model import LensModel
from lenstronomy.LightModel.light_model import LightModel
from scipy.ndimage import convolve1d
from scipy.signal import fftconvolve

from lenspipe.simulate import profiles

FINE = 8  # cells along a pixel
PADDING = 16  # pixels around the stamp
LENS, LIGHT = LensModel(["SIE", "SHEAR"]), LightModel(["SERSIC_ELLIPSE"])
DEEPEST = 9  # halvings of a cell


def render(row, bands, num_pix, survey, fine=FINE, padding=PADDING, tolerance=0.01, over_pixel=False):
    """Expected counts [band, y, x] of a catalogue row, all light together.

    At pixel centres; with ``over_pixel`` the mean over each pixel, what engines make that take the point-spread
    function to be without the pixel.
    """
    pixels = num_pix + 2 * padding
    step = survey.pixel_scale / fine
    axis = (np.arange(pixels * fine) - (pixels * fine - 1) / 2) * step
    x, y = (a.ravel() for a in np.meshgrid(axis, axis))
    flux = np.array([10 ** (-0.4 * (row[f"lens_magnitude_{b}"] - survey.magnitude_zero_point)) for b in bands])
    total = flux[:, None] * integrals(foreground(row), x, y, step, tolerance / flux.max())
    for k in (1, 2, 3):
        if row[f"extra{k}_profile"] not in ("", "point"):
            flux = np.array(
                [10 ** (-0.4 * (row[f"extra{k}_magnitude_{b}"] - survey.magnitude_zero_point)) for b in bands]
            )
            total += flux[:, None] * integrals(extra(row, k), x, y, step, tolerance / flux.max())
    if row["is_lens"]:
        flux = np.array([10 ** (-0.4 * (row[f"source_magnitude_{b}"] - survey.magnitude_zero_point)) for b in bands])
        total += flux[:, None] * integrals(source(row), x, y, step, tolerance / flux.max())
    image = np.empty((len(bands), num_pix, num_pix))
    centre = (np.arange(num_pix) - (num_pix - 1) / 2) * survey.pixel_scale
    inside = slice(padding * fine, (padding + num_pix) * fine)
    for b, band in enumerate(bands):
        # Odd kernels are centred on a cell; a pixel's centre lies between cells for even `fine`: shift by half a cell.
        half = padding * fine
        offset = (np.arange(-half, half) + 0.5) * step
        kernel = moffat(np.hypot(*np.meshgrid(offset, offset)), row[f"seeing_{band}"], survey.moffat_beta)
        plane = fftconvolve(total[b].reshape(len(axis), -1), kernel, mode="full")
        if over_pixel:
            weights = np.ones(fine + 1) / fine
            weights[[0, -1]] /= 2
            plane = convolve1d(convolve1d(plane, weights, axis=0), weights, axis=1)
        first = padding * fine + fine // 2 + half - 1
        image[b] = plane[first::fine, first::fine][:num_pix, :num_pix] * survey.pixel_scale**2
        for k in (1, 2, 3):
            if row[f"extra{k}_profile"] == "point":
                flux = 10 ** (-0.4 * (row[f"extra{k}_magnitude_{band}"] - survey.magnitude_zero_point))
                r = np.hypot(centre[None, :] - row[f"extra{k}_center_x"], centre[:, None] - row[f"extra{k}_center_y"])
                image[b] += flux * survey.pixel_scale**2 * moffat(r, row[f"seeing_{band}"], survey.moffat_beta)
    assert inside.start > 0
    return image


def noise(expected, row, bands, survey):
    """Standard deviation of every pixel: sky, object and read noise."""
    sigma = []
    for plane, band in zip(expected, bands, strict=True):
        exposures = row[f"num_exposures_{band}"]
        unit = survey.counts_per_electron(band, exposures)
        sky = survey.sky_electrons(band, row[f"sky_brightness_{band}"], exposures)
        sigma.append(np.sqrt(plane.clip(0) / unit + sky + exposures * survey.read_noise**2) * unit)
    return np.array(sigma)


def moffat(r, fwhm, beta):
    alpha = fwhm / 2 / np.sqrt(2 ** (1 / beta) - 1)
    return (beta - 1) / np.pi / alpha**2 / (1 + (r / alpha) ** 2) ** beta


def sersic(row, name, center_x, center_y):
    """Unit-flux Sersic profile of a row: lenstronomy's keywords."""
    light = {key: row[f"{name}_{key}"] for key in ("R_sersic", "n_sersic", "e1", "e2")}
    light |= {"center_x": center_x, "center_y": center_y, "amp": 1.0}
    light["amp"] = 1 / LIGHT.total_flux([light])[0]
    return light


def foreground(row):
    light = [sersic(row, "lens", row["center_x"], row["center_y"])]
    return lambda x, y: LIGHT.surface_brightness(x, y, light)


def extra(row, k):
    x0, y0 = row[f"extra{k}_center_x"], row[f"extra{k}_center_y"]
    R, e1, e2 = (row[f"extra{k}_{key}"] for key in ("R_sersic", "e1", "e2"))
    match row[f"extra{k}_profile"]:
        case "sersic":
            light = [sersic(row, f"extra{k}", x0, y0)]
            return lambda x, y: LIGHT.surface_brightness(x, y, light)
        case "ring":
            return lambda x, y: profiles.ring(x - x0, y - y0, R, row[f"extra{k}_width"], e1, e2)
        case "spiral":
            shape = [row[f"extra{k}_{name}"] for name in ("arms", "pitch", "contrast", "phase")]
            return lambda x, y: profiles.spiral(x - x0, y - y0, R, e1, e2, *shape)


def source(row):
    mass = [
        {k: row[k] for k in ("theta_E", "e1", "e2", "center_x", "center_y")},
        {"gamma1": row["gamma1"], "gamma2": row["gamma2"], "ra_0": row["center_x"], "dec_0": row["center_y"]},
    ]
    light = [sersic(row, "source", row["source_center_x"], row["source_center_y"])]
    return lambda x, y: LIGHT.surface_brightness(*LENS.ray_shooting(x, y, mass), light)


def integrals(brightness, x, y, step, tolerance, depth=0):
    """Integral of a brightness over square cells; halved where two and four points a side differ by the tolerance."""
    coarse, finer = (midpoint(brightness, x, y, step, m) for m in (2, 4))
    rough = np.flatnonzero(np.abs(coarse - finer) * step**2 > tolerance)
    result = finer * step**2
    if len(rough) and depth < DEEPEST:
        quarter = step / 4
        dx, dy = np.array([-1, 1, -1, 1]) * quarter, np.array([-1, -1, 1, 1]) * quarter
        children = integrals(
            brightness,
            (x[rough][:, None] + dx).ravel(),
            (y[rough][:, None] + dy).ravel(),
            step / 2,
            tolerance / 4,
            depth + 1,
        )
        result[rough] = children.reshape(-1, 4).sum(axis=1)
    return result


def midpoint(brightness, x, y, step, m):
    """Mean over cells from m x m points."""
    offset = ((np.arange(m) + 0.5) / m - 0.5) * step
    total = 0.0
    for dx in offset:
        for dy in offset:
            total = total + brightness(x + dx, y + dy)
    return total / m**2
