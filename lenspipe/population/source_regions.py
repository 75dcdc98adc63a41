"""Regions of the source plane, bounded by caustics and magnification lines: their boundary, area, uniform draws.

A region is star-shaped about the deflector's centre. It is given by its radius at ``caustics.ANGLES`` equal steps of
polar angle from -pi to pi.
"""

import numpy as np

from lenspipe.population.caustics import ANGLES, caustics, line_of_magnification


def region_radius(deflector):
    """Boundary of the region where a source has several images: the union of both curves of ``caustics``.

    Both curves are star-shaped about the deflector's centre, so that the boundary is the larger radius.

    Parameters
    ----------
    deflector : mapping of str to array [n]
        As in ``caustics``.

    Returns
    -------
    array [n, angle], arcsec
        Radius at equal steps of polar angle from -pi to pi.
    """
    grid = np.linspace(-np.pi, np.pi, ANGLES)
    curves = caustics(deflector)
    return np.maximum(*(np.array([_radius_on(grid, line) for line in curve]) for curve in curves))


def magnified_radius(mu, deflector):
    """Radius of ``caustics.line_of_magnification``.

    Behind deflectors of high ellipticity the line crosses itself: then the farthest of its branches at each angle.

    Parameters
    ----------
    mu : float
        Magnification.
    deflector : mapping of str to array [n]
        As in ``caustics``.

    Returns
    -------
    array [n, angle], arcsec
        Radius at equal steps of polar angle from -pi to pi.
    """
    grid = np.linspace(-np.pi, np.pi, ANGLES)
    lines = line_of_magnification(mu, deflector)
    turns = np.angle(lines[:, 1:] / lines[:, :-1])
    crosses = (turns.max(axis=1) > 0) & (turns.min(axis=1) < 0)
    radius_on = [_farthest_on if one else _radius_on for one in crosses]
    return np.array([function(grid, line) for function, line in zip(radius_on, lines, strict=True)])


def region_area(radius, inner=0.0):
    """Area of star-shaped regions, without the part within an inner radius.

    Parameters
    ----------
    radius : array [..., angle], arcsec
        From ``region_radius``.
    inner : array [..., angle], arcsec, optional

    Returns
    -------
    array [...], arcsec^2
    """
    return _pieces(radius, inner).sum(axis=-1) * 2 * np.pi / (radius.shape[-1] - 1)


def draw_in_region(rng, radius, inner=None):
    """Points that are uniform over star-shaped regions, or between two curves.

    Parameters
    ----------
    rng : numpy.random.Generator
    radius : array [n, angle], arcsec
        From ``region_radius``.
    inner : array [n, angle], arcsec, optional
        Radius within which no point is drawn.

    Returns
    -------
    x, y : array [n], arcsec
        From the deflector's centre.
    """
    inner = np.zeros_like(radius) if inner is None else np.minimum(inner, radius)
    grid = np.linspace(-np.pi, np.pi, radius.shape[1])
    share = np.cumsum(_pieces(radius, inner), axis=1)
    share = np.concatenate([np.zeros((len(radius), 1)), share / share[:, -1:]], axis=1)
    u, v = rng.uniform(size=(2, len(radius)))
    phi = np.array([np.interp(u_i, share_i, grid) for u_i, share_i in zip(u, share, strict=True)])
    edges = [
        np.array([np.interp(phi_i, grid, line_i) for phi_i, line_i in zip(phi, line, strict=True)])
        for line in (inner, radius)
    ]
    rho = np.sqrt(edges[0] ** 2 + v * (edges[1] ** 2 - edges[0] ** 2))
    return rho * np.cos(phi), rho * np.sin(phi)


def _radius_on(grid, line):
    """Radius of one closed star-shaped curve (complex points) on a grid of polar angles."""
    return np.interp(grid, np.angle(line[:-1]), np.abs(line[:-1]), period=2 * np.pi)


def _farthest_on(grid, line):
    """As ``_radius_on``, for a curve that crosses itself: the largest radius of all pieces that cover an angle."""
    start, radius = np.angle(line[:-1]), np.abs(line)
    turn = np.angle(line[1:] / line[:-1])
    share = ((grid[:, None] - start + np.pi) % (2 * np.pi) - np.pi) / np.where(turn == 0, 1e-12, turn)
    on = radius[:-1] + share * np.diff(radius)
    return np.where((share >= 0) & (share <= 1), on, 0).max(axis=1)


def _pieces(radius, inner):
    """Half of the difference of the squared radii, as the mean of both ends of each step in angle: [n, angle - 1]."""
    squares = np.maximum(radius**2 - inner**2, 0) / 2
    return (squares[..., 1:] + squares[..., :-1]) / 2
