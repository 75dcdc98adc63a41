"""Where a source must lie to be seen more than once: caustics of an elliptical isothermal lens with shear.

Closed forms, for many lenses at once. Coordinates are arcsec from the deflector's centre. The potential of an
isothermal ellipsoid is r F(phi), so that in polar coordinates its Hessian has one entry, G(phi)/r = 2 kappa, and the
critical curve is a formula. Source: Kormann, Schneider & Bartelmann 1994, sections 2-4, for the convergence
kappa = theta_E / (2 sqrt(q x^2 + y^2 / q)).
"""

import numpy as np

ANGLES = 721  # points along a curve; the region's radius is linear between them


def axis_ratio(e1, e2):
    """Axis ratio q and position angle phi (rad) of ellipticity components (1-q)/(1+q) (cos 2 phi, sin 2 phi)."""
    e = np.minimum(np.hypot(e1, e2), 0.9999)
    return (1 - e) / (1 + e), np.arctan2(e2, e1) / 2


def sie_deflection_direction(phi, q):
    """Deflection of an SIE of theta_E = 1 along the major axis, at polar angles phi: it does not depend on r.

    Parameters
    ----------
    phi : array [..., angle], rad
    q : array [...]

    Returns
    -------
    alpha_x, alpha_y : array [..., angle]
    """
    q = np.minimum(q, 1 - 1e-7)[..., None]
    f = np.sqrt(1 - q**2)
    return np.sqrt(q) / f * np.arcsin(f * np.cos(phi)), np.sqrt(q) / f * np.arcsinh(f / q * np.sin(phi))


def caustics(theta_E, e1, e2, gamma1, gamma2):
    """The cut (pseudo-caustic) and the tangential caustic.

    Parameters
    ----------
    theta_E, e1, e2, gamma1, gamma2 : array [n]

    Returns
    -------
    cut, tangential : complex array [n, angle]
        Source-plane points x + iy, arcsec from the deflector's centre.
    """
    q, angle = axis_ratio(e1, e2)
    turn = np.exp(1j * angle)[:, None]
    phi = np.linspace(0, 2 * np.pi, ANGLES) * np.ones_like(q)[:, None]  # from the major axis
    alpha_x, alpha_y = sie_deflection_direction(phi, q)
    alpha = theta_E[:, None] * (alpha_x + 1j * alpha_y) * turn
    cut = -alpha  # the limit r -> 0, where the shear vanishes
    G = theta_E[:, None] * np.sqrt(q)[:, None] / np.sqrt((q[:, None] * np.cos(phi)) ** 2 + np.sin(phi) ** 2)
    gamma = (gamma1 + 1j * gamma2)[:, None]
    direction = np.exp(1j * phi) * turn
    radial = (gamma * np.conj(direction) ** 2).real  # the shear along the ray
    r = (1 - radial) * G / (1 - np.abs(gamma) ** 2)
    theta = r * direction
    return cut, theta - alpha - gamma * np.conj(theta)


def region_radius(theta_E, e1, e2, gamma1, gamma2):
    """Boundary of the multiply-imaging region, the union of cut and tangential caustic, as radius against angle.

    Both curves are star-shaped about the deflector's centre, so the union's boundary is the larger radius.

    Returns
    -------
    array [n, angle], arcsec
        At ``ANGLES`` equal steps of polar angle from -pi to pi.
    """
    grid = np.linspace(-np.pi, np.pi, ANGLES)
    curves = caustics(theta_E, e1, e2, gamma1, gamma2)
    return np.maximum(*(np.array([_radius_on(grid, line) for line in curve]) for curve in curves))


def _radius_on(grid, line):
    """Radius of one closed star-shaped curve (complex points) on a grid of polar angles."""
    return np.interp(grid, np.angle(line[:-1]), np.abs(line[:-1]), period=2 * np.pi)


def region_area(radius):
    """Area, arcsec^2, of star-shaped regions given by ``region_radius``."""
    step = 2 * np.pi / (radius.shape[-1] - 1)
    return 0.5 * np.sum((radius[..., 1:] ** 2 + radius[..., :-1] ** 2) / 2, axis=-1) * step


def draw_in_region(rng, radius):
    """Points uniform over star-shaped regions.

    Parameters
    ----------
    rng : numpy.random.Generator
    radius : array [n, angle]
        From ``region_radius``.

    Returns
    -------
    x, y : array [n], arcsec
    """
    grid = np.linspace(-np.pi, np.pi, radius.shape[1])
    pieces = (radius[:, 1:] ** 2 + radius[:, :-1] ** 2) / 2
    share = np.concatenate([np.zeros((len(radius), 1)), np.cumsum(pieces, axis=1)], axis=1)
    share /= share[:, -1:]
    u, v = rng.uniform(size=(2, len(radius)))
    phi = np.array([np.interp(u_i, share_i, grid) for u_i, share_i in zip(u, share, strict=True)])
    edge = np.array([np.interp(phi_i, grid, radius_i) for phi_i, radius_i in zip(phi, radius, strict=True)])
    rho = edge * np.sqrt(v)
    return rho * np.cos(phi), rho * np.sin(phi)
