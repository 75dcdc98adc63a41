"""Noise-free pictures of catalogue rows.

Rays are shot once per object; each component is evaluated once, and laid with each band's flux on that band's map. A
profile is evaluated at more points wherever it varies within a cell: at the centres of galaxies, and where rays fall
near the source.
"""

from functools import cache

import numpy as np

from lenspipe.simulate import kernels, profiles, shapes
from lenspipe.simulate.maps import Maps, grid_of
from lenspipe.simulate.mass_and_light import ray_shooting, sersic_extent, sersic_middle, sersic_reach
from lenspipe.simulate.psf import CoaddPsf

STEEPEST = 1.2  # an SIE with q > 0.1 deflects by less than this times theta_E
LEAST = 5.0  # half-light radii that are drawn however faint: they hold 99.8 % of a disc's light
FAINTEST = 0.05  # counts per pixel: where light ends, a fiftieth of the noise of DES g, the quietest of its bands


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
        All light that is not the source's, and the source; counts per pixel at the survey's image zero point.
    """
    grid = grid_of(num_pix, survey.pixel_scale)
    psf = CoaddPsf(row, bands, survey)
    transform = psf.transform(grid)
    unlensed = Maps(grid, len(bands))
    points = np.zeros((len(bands), num_pix, num_pix))
    lens = one(row, "lens") | {"center_x": row["center_x"], "center_y": row["center_y"], "profile": "sersic"}
    galaxies = [lens] if np.isfinite(row["lens_R_sersic"]) else []  # a real galaxy's light is in its cutout
    for light in (*galaxies, *components(row, "extra"), *components(row, "field")):
        flux = pixel_counts(light, bands, survey)
        if light["profile"] == "point":
            add_point(points, light["center_x"], light["center_y"], flux, psf, grid)
            continue
        gradient = light.get("size_gradient", np.nan)
        if np.isfinite(gradient):
            light["R_sersic"] = radii(light["R_sersic"], gradient, bands, survey)
        beyond = PROFILES[light["profile"]](unlensed, light, flux)
        if beyond:
            left, *place = beyond
            add_point(points, *place, left, psf, grid)
    lens_light = unlensed.convolved(transform) + points
    if np.isnan(row["source_R_sersic"]):
        return lens_light, np.zeros_like(lens_light)
    arcs = Maps(grid, len(bands))
    lay_source(arcs, row, bands, survey)
    return lens_light, arcs.convolved(transform)


@cache
def columns_of(group, columns):
    """Those of a row's columns that belong to a group, and their names without its prefix."""
    names = [name for name in columns if name.startswith(f"{group}_")]
    return names, [name.removeprefix(f"{group}_") for name in names]


def one(row, group):
    """A row's numbers of the deflector's light or the source, under their names without the prefix."""
    names, short = columns_of(group, tuple(row))
    return dict(zip(short, [row[name] for name in names], strict=True))


def components(row, group):
    """Components of one of ``columns.GROUPS``, each a dict under the group's names without its prefix."""
    names, short = columns_of(group, tuple(row))
    return [dict(zip(short, values, strict=True)) for values in zip(*(row[name] for name in names), strict=True)]


def counts(magnitude, survey):
    """Counts of an AB magnitude at the image's zero point."""
    return 10 ** (-0.4 * (magnitude - survey.magnitude_zero_point))


def pixel_counts(light, bands, survey):
    """Counts per pixel of a surface brightness of 1 per arcsec^2: array [band]."""
    return counts(np.array([light[f"magnitude_{band}"] for band in bands]), survey) * survey.pixel_scale**2


def radii(R_sersic, gradient, bands, survey):
    """Half-light radius in each band from that in i: R (wavelength / i's)^gradient, array [band], arcsec."""
    return R_sersic * np.array([survey.bands[b].wavelength / survey.bands["i"].wavelength for b in bands]) ** gradient


def lay_sersic(maps, light, flux):
    """A Sersic profile.

    A smooth window divides the light. What lies outside is sampled at the cells, as far as the profile can be seen;
    what lies inside, with the cusp, is integrated along ellipses of equal brightness and laid down as points.

    Parameters
    ----------
    maps : Maps
    light : mapping
        Of ``components``; ``R_sersic`` is one radius, or one for each band.
    flux : array [band], counts per pixel
        Of a surface brightness of 1 per arcsec^2.

    Returns
    -------
    (array [band], float, float) or None
        If its core reaches beyond the maps: the flux that lies there, and where (arcsec).
    """
    grid = maps.grid
    n, e1, e2, x0, y0 = (light[key] for key in ("n_sersic", "e1", "e2", "center_x", "center_y"))
    R = np.full(len(flux), light["R_sersic"])
    q, phi = profiles.shape(e1, e2)
    b, middle = sersic_middle(R, n)
    reach = np.max(np.maximum(sersic_reach(R, n, b, flux * middle, FAINTEST), LEAST * R))
    rows, columns = grid.patch(x0, y0, max(reach / grid.step, grid.reach) / np.sqrt(q) + 1)
    axis_x, axis_y = grid.axis[columns], grid.axis[rows]
    if not (len(axis_x) and len(axis_y)):
        return flux, x0, y0
    profile = (float(x0), float(y0), q, phi, R, float(n), b, flux * middle)
    kernels.lay_far_light(maps.means[:, rows, columns], axis_x, axis_y, *profile, grid.step, reach, grid.reach)
    left, *place = kernels.lay_centre(maps.points, grid.axis, grid.along, grid.across, grid.area, *profile)
    return (left * grid.step**2, *place) if left.any() else None


# A point is drawn on the pixels.
PROFILES = {"sersic": lay_sersic} | shapes.PROFILES


def add_point(images, x0, y0, flux, psf, grid):
    """A star on the pixels, in place, wherever it stands, as far as it can be seen.

    Parameters
    ----------
    images : array [band, y, x], counts per pixel
    x0, y0 : float, arcsec
    flux : array [band], counts per pixel
        Of a surface brightness of 1 per arcsec^2.
    psf : CoaddPsf
    grid : maps.Grid
    """
    reach = psf.reach(flux, FAINTEST)
    columns, rows = (_within(axis, reach) for axis in (grid.pixel_x[0] - x0, grid.pixel_y[:, 0] - y0))
    dx, dy = grid.pixel_x[rows, columns] - x0, grid.pixel_y[rows, columns] - y0
    if dx.size:
        images[:, rows, columns] += flux[:, None, None] * psf.at(dx, dy)


def _within(axis, reach):
    """Slice of an increasing axis that holds all not farther than a reach from 0."""
    return slice(*np.searchsorted(axis, (-reach, reach)))


def lay_source(maps, row, bands, survey):
    """The source and its parts: finer where rays are far apart in the source plane near any of them.

    Parameters
    ----------
    maps : Maps
    row : mapping
    bands : sequence of str
    survey : Survey
    """
    grid = maps.grid
    whole = one(row, "source")
    parts = components(row, "part")
    lights = [(light, pixel_counts(light, bands, survey)) for light in (whole, *parts)]
    for _, flux in lights[1:]:
        lights[0][1][:] -= flux
    if not row["source_is_lensed"]:
        for light, flux in lights:
            lay_sersic(maps, light, flux)
        return

    # A ray that meets the source has |theta| (1 - |gamma|) <= |beta| + |alpha|, from the deflector's centre.
    x_l, y_l, gamma = row["center_x"], row["center_y"], np.hypot(row["gamma1"], row["gamma2"])
    to_source = ray_shooting(row)
    extents = [extent(light) for light, _ in lights]
    offsets = [np.hypot(light["center_x"] - x_l, light["center_y"] - y_l) for light, _ in lights]
    farthest = np.max(np.add(extents, offsets))
    patch = grid.patch(x_l, y_l, (farthest + STEEPEST * row["theta_E_halo"]) / (1 - gamma) / grid.step)
    beta = to_source(grid.x[patch], grid.y[patch])
    side = np.zeros(grid.x.shape, np.int64)
    for most, (light, _) in zip(extents, lights, strict=True):
        core = light["R_sersic"] / max(light["n_sersic"], 1)  # the higher the index, the steeper its middle
        wanted = kernels.points_for_source(*beta, light["center_x"], light["center_y"], core, most)
        side[patch] = np.maximum(side[patch], wanted)
    beta = to_source(*kernels.points_in_cells(side, grid.axis))
    for light, flux in lights:
        R, n = light["R_sersic"], light["n_sersic"]
        shape = (light["center_x"], light["center_y"], *profiles.shape(light["e1"], light["e2"]))
        means = kernels.means_of_cells(kernels.sersic(*beta, *shape, R, n, *sersic_middle(R, n)), side)
        maps.means += (flux[:, None, None] * means).astype(np.float32)


def extent(light):
    """Radius, arcsec, around a Sersic profile that holds all but 1e-3 of its light in every direction."""
    return sersic_extent(light["n_sersic"]) * light["R_sersic"] / np.sqrt(1 - np.hypot(light["e1"], light["e2"]))
