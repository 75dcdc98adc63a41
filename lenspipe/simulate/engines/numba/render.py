"""Noise-free pictures of catalogue rows.

Rays are shot once per object; each component is evaluated once, and laid with each band's flux on that band's map. A
profile is evaluated at more points wherever it varies within a cell: at the centres of galaxies, and where rays fall
near the source.
"""

import numpy as np

from lenspipe.simulate import profiles
from lenspipe.simulate.engines.numba import cell_kernels, galaxy_kernels, shapes, source_kernels
from lenspipe.simulate.engines.numba.canvas import Maps, grid_of
from lenspipe.simulate.engines.numba.lens_models import ray_shooting, sersic_b, sersic_extent, sersic_middle
from lenspipe.simulate.psf import CoaddPsf
from lenspipe.simulate.scene import components, lights, one, pixel_counts

STEEPEST = 1.2  # a lens with q > 0.1 deflects by less than this times theta_E (r / theta_E)^(2 - gamma)
COARSER = 2.0  # the points of a source's parts, which have a small share of its light
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
    table = lights(row, bands, survey)
    beyond = lay_sersics(unlensed, table["sersic"])
    for group in ("extra", "field"):
        if not shapes.PROFILES.keys().isdisjoint(row[f"{group}_profile"]):
            for light in components(row, group):
                if light["profile"] in shapes.PROFILES:
                    shapes.PROFILES[light["profile"]](unlensed, light, pixel_counts(light, bands, survey))
    points = np.zeros((len(bands), num_pix, num_pix))
    stars = [table["point"][name] for name in ("center_x", "center_y", "flux")]
    stars = [np.concatenate(both) for both in zip(stars, beyond, strict=True)]
    psf.add_stars(points, grid.pixel_x[0], grid.pixel_y[:, 0], *stars, FAINTEST)
    lens_light = unlensed.convolved(transform) + points
    if np.isnan(row["source_R_sersic"]):
        return lens_light, np.zeros_like(lens_light)
    arcs = Maps(grid, len(bands))
    lay_source(arcs, row, bands, survey)
    return lens_light, arcs.convolved(transform)


def lay_sersics(maps, lights):
    """Sersic profiles.

    A smooth window divides the light of each. What lies outside is sampled at the cells, as far as the profile can be
    seen; what lies inside, with the cusp, is integrated along ellipses of equal brightness and laid down as points.

    Parameters
    ----------
    maps : Maps
    lights : mapping of str to array
        Of one profile, from ``lights``.

    Returns
    -------
    x, y : array [m], arcsec
    flux : array [m, band]
        Of lights whose centres reach beyond the maps, what lies there.
    """
    grid, n = maps.grid, lights["n_sersic"]
    window = (grid.along, grid.across, grid.area, grid.reach)
    shapes = (lights[name] for name in ("center_x", "center_y", "e1", "e2", "R_sersic"))
    numbers = (*shapes, n, sersic_b(n), lights["flux"])
    beyond = galaxy_kernels.lay_sersics(maps.means, maps.points, grid.axis, window, (FAINTEST, LEAST), *numbers)
    beyond = beyond[beyond[:, 0] > 0]
    return beyond[:, -2], beyond[:, -1], beyond[:, :-2]


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
    pieces = [(light, pixel_counts(light, bands, survey)) for light in (whole, *parts)]
    for _, flux in pieces[1:]:
        pieces[0][1][:] -= flux
    if not row["source_is_lensed"]:
        names = ("center_x", "center_y", "e1", "e2", "n_sersic", "R_sersic")
        columns = {name: np.array([light[name] for light, _ in pieces]) for name in names}
        columns["R_sersic"] = np.repeat(columns["R_sersic"][:, None], len(bands), axis=1)
        lay_sersics(maps, columns | {"flux": np.array([flux for _, flux in pieces])})
        return

    # A ray that meets the source has |theta| (1 - |shear|) <= |beta| + |alpha|, from the deflector's centre.
    x_l, y_l, shear = row["center_x"], row["center_y"], np.hypot(row["gamma1"], row["gamma2"])
    power = max(2 - row["gamma"], 0)  # of a deflection that grows with r: no more than its tangent at theta_E
    to_source = ray_shooting(row)
    R, n, x0, y0 = (
        np.array([light[key] for light, _ in pieces], float) for key in ("R_sersic", "n_sersic", "center_x", "center_y")
    )
    extents = np.array([extent(light) for light, _ in pieces])
    farthest = np.max(extents + np.hypot(x0 - x_l, y0 - y_l))
    beyond = (farthest + STEEPEST * (1 - power) * row["theta_E_halo"]) / (1 - shear - STEEPEST * power)
    patch = grid.patch(x_l, y_l, beyond / grid.step)
    beta = to_source(grid.x[patch], grid.y[patch])
    side = np.zeros(grid.x.shape, np.int64)
    core = R / np.maximum(n, 1)  # the higher the index, the steeper its middle
    core[1:] *= COARSER
    side[patch] = source_kernels.points_for_lights(*beta, x0, y0, core, extents, cell_kernels.FINEST)
    beta = to_source(*cell_kernels.points_in_cells(side, grid.axis))
    b, middle = np.transpose([sersic_middle(*one) for one in zip(R, n, strict=True)])
    ellipses = np.array([ellipse(light) for light, _ in pieces])
    seen = np.array([sersic_extent(index) for index in n]) ** 2
    seen[0] = np.inf  # the smooth profile wherever there is a ray
    brightness = np.array([flux for _, flux in pieces]) * middle[:, None]
    source_kernels.add_lights(maps.means, *beta, side, x0, y0, ellipses, seen, n, b, brightness)


def ellipse(light):
    """Factors of x^2, x y and y^2 in (rho / R_sersic)^2, arcsec^-2, with rho^2 = q x'^2 + y'^2 / q along its axes."""
    q, phi = profiles.shape(light["e1"], light["e2"])
    cos, sin = np.cos(phi), np.sin(phi)
    form = np.array([q * cos**2 + sin**2 / q, 2 * (q - 1 / q) * cos * sin, q * sin**2 + cos**2 / q])
    return form / light["R_sersic"] ** 2


def extent(light):
    """Radius, arcsec, around a Sersic profile that holds all but 1e-3 of its light in every direction."""
    return sersic_extent(light["n_sersic"]) * light["R_sersic"] / np.sqrt(1 - np.hypot(light["e1"], light["e2"]))
