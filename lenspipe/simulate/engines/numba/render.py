"""Noise-free images of scenes.

Rays are shot once per object. Each component is evaluated once, and added with each band's flux to that band's canvas.
A profile is evaluated at more points wherever it varies within a cell: at the centres of galaxies, and where rays fall
near the source.
"""

import numpy as np

from lenspipe.simulate import profiles
from lenspipe.simulate.engines.numba import cell_kernels, galaxy_kernels, shapes, source_kernels
from lenspipe.simulate.engines.numba.canvas import Canvas, grid_of
from lenspipe.simulate.engines.numba.lens_models import ray_shooting, sersic_b, sersic_center, sersic_extent
from lenspipe.simulate.psf import CoaddPsf

STEEPEST = 1.2  # a lens with q > 0.1 deflects by less than this times theta_E (r / theta_E)^(2 - gamma)
COARSER = 2.0  # the points of a source's parts, which have a small share of its light
SMALLEST = 5.0  # half-light radii that are drawn however faint: they hold 99.8 % of a disc's light
FAINTEST = 0.05  # counts per pixel: where light ends, a fiftieth of the noise of DES g, the quietest of its bands


def render(scenes, pixels):
    """Scenes, convolved and without noise, one by one.

    Parameters
    ----------
    scenes : iterable of Scene
    pixels : PixelGrid

    Yields
    ------
    lens_light, source_light : array [band, y, x], counts per pixel
        All light that is not the source's, and the source, at the survey's image zero point.
    """
    for scene in scenes:
        yield render_scene(scene, pixels)


def render_scene(scene, pixels):
    """One scene: ``lens_light`` and ``source_light``, arrays [band, y, x], counts per pixel, as of ``render``.

    Parameters
    ----------
    scene : Scene
    pixels : PixelGrid
    """
    grid = grid_of(*pixels)
    bands = len(scene.psf.fwhm)
    psf = CoaddPsf(scene.psf)
    transform = psf.transform(grid)
    unlensed = Canvas(grid, bands)
    beyond = add_sersics(unlensed, scene.sersics)
    for shape in scene.shapes:
        shapes.PROFILES[shape.profile](unlensed, shape.values, shape.flux)
    stars = [np.concatenate(both) for both in zip(scene.points, beyond, strict=True)]
    points = np.zeros((bands, pixels.num_pix, pixels.num_pix))
    psf.add_stars(points, grid.pixel_x[0], grid.pixel_y[:, 0], *stars, FAINTEST)
    lens_light = unlensed.convolved(transform) + points
    if scene.source is None:
        return lens_light, np.zeros_like(lens_light)
    arcs = Canvas(grid, bands)
    if scene.source.mass is None:
        add_sersics(arcs, scene.source.light)
    else:
        add_lensed(arcs, scene.source.light, scene.source.mass)
    return lens_light, arcs.convolved(transform)


def add_sersics(canvas, light):
    """Sersic profiles.

    A smooth window divides the light of each. What lies outside is sampled at the cells, as far as the profile can be
    seen; what lies inside, with the cusp, is integrated along ellipses of equal brightness and added as points.

    Parameters
    ----------
    canvas : Canvas
    light : Sersics

    Returns
    -------
    x, y : array [m], arcsec
    flux : array [m, band], counts arcsec^2
        Of lights whose centres reach beyond the canvas, what lies there.
    """
    grid, n = canvas.grid, light.n_sersic
    window = (grid.along, grid.across, grid.area, grid.reach)
    numbers = (light.center_x, light.center_y, light.e1, light.e2, light.R_sersic, n, sersic_b(n), light.flux)
    beyond = galaxy_kernels.add_sersics(canvas.means, canvas.points, grid.axis, window, (FAINTEST, SMALLEST), *numbers)
    beyond = beyond[beyond[:, 0] > 0]
    return beyond[:, -2], beyond[:, -1], beyond[:, :-2]


def add_lensed(canvas, light, mass):
    """A lensed source and its parts: finer where rays are far apart in the source plane near any of them.

    Parameters
    ----------
    canvas : Canvas
    light : Sersics
        The smooth profile first, then the parts.
    mass : Mass
    """
    grid = canvas.grid
    R, n, x0, y0 = light.R_sersic[:, 0], light.n_sersic, light.center_x, light.center_y

    # A ray that meets the source has |theta| (1 - |shear|) <= |beta| + |alpha|, from the deflector's centre.
    x_l, y_l, shear = mass.center_x, mass.center_y, np.hypot(mass.gamma1, mass.gamma2)
    power = max(2 - mass.gamma, 0)  # of a deflection that grows with r: no more than its tangent at theta_E
    to_source = ray_shooting(mass)
    extents = extent(R, n, light.e1, light.e2)
    farthest = np.max(extents + np.hypot(x0 - x_l, y0 - y_l))
    reach = (farthest + STEEPEST * (1 - power) * mass.theta_E) / (1 - shear - STEEPEST * power)
    patch = grid.patch(x_l, y_l, reach / grid.step)
    beta = to_source(grid.x[patch], grid.y[patch])
    side = np.zeros(grid.x.shape, np.int64)
    core = R / np.maximum(n, 1)  # the higher the index, the steeper its centre
    core[1:] *= COARSER
    side[patch] = source_kernels.points_for_lights(*beta, x0, y0, core, extents, cell_kernels.FINEST)
    beta = to_source(*cell_kernels.points_in_cells(side, grid.axis))
    b, center = np.transpose([sersic_center(*one) for one in zip(R, n, strict=True)])
    ellipses = np.array([ellipse(*one) for one in zip(R, light.e1, light.e2, strict=True)])
    seen = np.array([sersic_extent(index) for index in n]) ** 2
    seen[0] = np.inf  # the smooth profile wherever there is a ray
    brightness = light.flux * center[:, None]
    source_kernels.add_lights(canvas.means, *beta, side, x0, y0, ellipses, seen, n, b, brightness)


def ellipse(R_sersic, e1, e2):
    """Factors of x^2, x y and y^2 in (rho / R_sersic)^2, array [3], arcsec^-2.

    rho^2 = q x'^2 + y'^2 / q along its axes; ``R_sersic`` (float, arcsec), ``e1`` and ``e2`` (float).
    """
    q, phi = profiles.shape(e1, e2)
    cos, sin = np.cos(phi), np.sin(phi)
    form = np.array([q * cos**2 + sin**2 / q, 2 * (q - 1 / q) * cos * sin, q * sin**2 + cos**2 / q])
    return form / R_sersic**2


def extent(R_sersic, n_sersic, e1, e2):
    """Radius around Sersic profiles that holds all but 1e-3 of their light in every direction: array [n], arcsec.

    ``R_sersic`` array [n], arcsec; ``n_sersic``, ``e1``, ``e2`` array [n].
    """
    radii = np.array([sersic_extent(index) for index in n_sersic])
    return radii * R_sersic / np.sqrt(1 - np.hypot(e1, e2))
