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
    lens = {name.removeprefix("lens_"): row[name] for name in row if name.startswith("lens_")}
    lens |= {"profile": "sersic", "center_x": row["center_x"], "center_y": row["center_y"]}
    others = [lens, *components(row, "extra"), *components(row, "field")]
    pieces = [([light], brightness(light)) for light in others if light["profile"] != "point"]
    pieces += [source(row)] if np.isfinite(row["source_R_sersic"]) else []
    total = np.zeros((len(bands), len(x)))
    for lights, surface in pieces:
        flux = np.transpose([fluxes(light, bands, survey) for light in lights])  # [band, light]
        if np.isfinite(lights[0].get("size_gradient", np.nan)):
            for b, band in enumerate(bands):
                stretch = survey.bands[band].wavelength / survey.bands["i"].wavelength
                own = brightness(
                    lights[0] | {"R_sersic": lights[0]["R_sersic"] * stretch ** lights[0]["size_gradient"]}
                )
                total[b] += flux[b] @ integrals(own, x, y, step, tolerance / flux[b])
            continue
        found = integrals(surface, x, y, step, tolerance / flux.max(axis=0)[:, None])
        total += flux @ found
    image = np.empty((len(bands), num_pix, num_pix))
    centre = (np.arange(num_pix) - (num_pix - 1) / 2) * survey.pixel_scale
    inside = slice(padding * fine, (padding + num_pix) * fine)
    for b, band in enumerate(bands):
        # Odd kernels are centred on a cell; a pixel's centre lies between cells for even `fine`: shift by half a cell.
        half = padding * fine
        offset = (np.arange(-half, half) + 0.5) * step
        kernel = point_spread(*np.meshgrid(offset, offset), row, band, survey)
        plane = fftconvolve(total[b].reshape(len(axis), -1), kernel, mode="full")
        if over_pixel:
            weights = np.ones(fine + 1) / fine
            weights[[0, -1]] /= 2
            plane = convolve1d(convolve1d(plane, weights, axis=0), weights, axis=1)
        first = padding * fine + fine // 2 + half - 1
        image[b] = plane[first::fine, first::fine][:num_pix, :num_pix] * survey.pixel_scale**2
        for star in [light for light in others if light["profile"] == "point"]:
            light = point_spread(centre - star["center_x"], centre[:, None] - star["center_y"], row, band, survey)
            image[b] += fluxes(star, [band], survey) * light * survey.pixel_scale**2
    assert inside.start > 0
    return image


def exposures(row, band, survey):
    """Weights, electrons per count, and variance of an empty pixel (counts^2) of a coadd's exposures."""
    said = survey.bands[band]
    counts = said.exposure_time * np.array(row[f"exposure_transparency_{band}"])
    electrons = counts * 10 ** (-0.4 * (survey.magnitude_zero_point - said.zero_point))
    sky = 10 ** (-0.4 * (np.array(row[f"exposure_sky_brightness_{band}"]) - said.zero_point))
    variance = (sky * survey.pixel_scale**2 * said.exposure_time + survey.read_noise**2) / electrons**2
    return 1 / variance / np.sum(1 / variance), electrons, variance


def noise(expected, row, bands, survey):
    """Standard deviation of every pixel before resampling: sky, object and read noise of all exposures, weighted."""
    sigma = []
    for plane, band in zip(expected, bands, strict=True):
        parts = zip(*exposures(row, band, survey), strict=True)
        sigma.append(np.sqrt(sum(w**2 * (plane.clip(0) / electrons + sky) for w, electrons, sky in parts)))
    return np.array(sigma)


def point_spread(x, y, row, band, survey):
    """The coadd's: exposures' Moffat profiles, weighted, with elliptical contours of their area."""
    e1, e2 = row[f"psf_e1_{band}"], row[f"psf_e2_{band}"]
    q, phi = (1 - np.hypot(e1, e2)) / (1 + np.hypot(e1, e2)), np.arctan2(e2, e1) / 2
    along, across = x * np.cos(phi) + y * np.sin(phi), y * np.cos(phi) - x * np.sin(phi)
    r = np.sqrt(q * along**2 + across**2 / q)
    weights = exposures(row, band, survey)[0]
    widths = zip(weights, row[f"exposure_seeing_{band}"], strict=True)
    return sum(weight * moffat(r, fwhm, survey.moffat_beta) for weight, fwhm in widths)


def moffat(r, fwhm, beta):
    alpha = fwhm / 2 / np.sqrt(2 ** (1 / beta) - 1)
    return (beta - 1) / np.pi / alpha**2 / (1 + (r / alpha) ** 2) ** beta


def components(row, group):
    """Lists of a row as dicts, one a component."""
    names = [name for name in row if name.startswith(f"{group}_")]
    count = len(row[names[0]])
    return [{name.removeprefix(f"{group}_"): row[name][k] for name in names} for k in range(count)]


def fluxes(light, bands, survey):
    return np.array([10 ** (-0.4 * (light[f"magnitude_{band}"] - survey.magnitude_zero_point)) for band in bands])


def sersic(light):
    """Unit-flux Sersic profile: lenstronomy's keywords."""
    said = {key: light[key] for key in ("R_sersic", "n_sersic", "e1", "e2", "center_x", "center_y")} | {"amp": 1.0}
    said["amp"] = 1 / LIGHT.total_flux([said])[0]
    return [said]


def brightness(light):
    """Surface brightness of a component of unit flux, as a function of x and y."""
    x0, y0, R, e1, e2 = (light[key] for key in ("center_x", "center_y", "R_sersic", "e1", "e2"))
    width, phase = (light.get(key) for key in ("width", "phase"))
    match light["profile"]:
        case "sersic":
            said = sersic(light)
            return lambda x, y: LIGHT.surface_brightness(x, y, said)
        case "ring":
            return lambda x, y: profiles.ring(x - x0, y - y0, R, width, e1, e2)
        case "tail":
            return lambda x, y: profiles.tail(x - x0, y - y0, R, width, e1, e2, light["opening"], phase)
        case "aureole":
            return lambda x, y: profiles.aureole(x - x0, y - y0, R, width)
        case "spikes":
            return lambda x, y: profiles.spikes(x - x0, y - y0, R, width, phase)
        case "spiral":
            shape = [light[name] for name in ("arms", "pitch", "contrast", "phase")]
            return lambda x, y: profiles.spiral(x - x0, y - y0, R, e1, e2, *shape)


def source(row):
    """The source's smooth profile with the light that its parts leave, the parts, and their brightness [light, n]."""
    names = [name for name in row if name.startswith("source_")]
    whole = {name.removeprefix("source_"): row[name] for name in names}
    parts = components(row, "part")
    smooth = dict(whole)
    for name in [name for name in whole if name.startswith("magnitude_")]:
        left = 10 ** (-0.4 * whole[name]) - sum(10 ** (-0.4 * part[name]) for part in parts)
        smooth[name] = -2.5 * np.log10(left)
    model, mass = mass_of(row)
    shapes = [sersic(light) for light in (smooth, *parts)]

    def surface(x, y):
        beta = model.ray_shooting(x, y, mass) if row["source_is_lensed"] else (x, y)
        return np.array([LIGHT.surface_brightness(*beta, said) for said in shapes])

    return [smooth, *parts], surface


def mass_of(row):
    """lenstronomy's model of a row's deflector, and its keywords."""
    shape = {name: row[name] for name in ("e1", "e2", "center_x", "center_y")} | {"theta_E": row["theta_E_halo"]}
    shear = {name: row[name] for name in ("gamma1", "gamma2")}
    shear |= {"ra_0": row["center_x"], "dec_0": row["center_y"]}
    if row["gamma"] == 2:
        return LENS, [shape, shear]
    return LensModel(["EPL", "SHEAR"]), [shape | {"gamma": row["gamma"]}, shear]


def integrals(brightness, x, y, step, tolerance, depth=0):
    """Integrals of brightness over square cells; halved where two and four points a side differ by the tolerance."""
    coarse, finer = (np.atleast_2d(midpoint(brightness, x, y, step, m)) for m in (2, 4))
    rough = np.flatnonzero(np.any(np.abs(coarse - finer) * step**2 > tolerance, axis=0))
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
        result[:, rough] = children.reshape(len(result), -1, 4).sum(axis=2)
    return result


def midpoint(brightness, x, y, step, m):
    """Mean over cells from m x m points."""
    offset = ((np.arange(m) + 0.5) / m - 0.5) * step
    total = 0.0
    for dx in offset:
        for dy in offset:
            total = total + brightness(x + dx, y + dy)
    return total / m**2


def without_field(catalog):
    """Rows of a catalogue, as dicts, without the field: it would take the reference ten times as long."""
    return [row | {name: [] for name in row if name.startswith("field_")} for row in catalog.to_dict("records")]
