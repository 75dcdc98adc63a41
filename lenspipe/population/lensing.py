"""Where a source must lie to be seen more than once, or once: an elliptical isothermal lens with shear.

Closed forms, for many lenses at once. Coordinates are arcsec from the deflector's centre. The potential of an
isothermal ellipsoid is r F(phi), so that in polar coordinates its Hessian has one entry, G(phi)/r = 2 kappa, and the
critical curve is a formula. Source: Kormann, Schneider & Bartelmann 1994, sections 2-4, for the convergence
kappa = theta_E / (2 sqrt(q x^2 + y^2 / q)).
"""

import numpy as np

ANGLES = 721  # points along a curve; the region's radius is linear between them
BRACKETS = 181  # angles between which the one image is looked for


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
    alpha = _polar(theta_E, e1, e2, gamma1, gamma2)[0]
    return -alpha, line_of_magnification(np.inf, theta_E, e1, e2, gamma1, gamma2)  # alpha: the limit r -> 0


def line_of_magnification(mu, theta_E, e1, e2, gamma1, gamma2):
    """Where a source has an image of a given magnification on the outer side of the critical curve.

    Outside of this line and of the caustics there is one image, and it is magnified less. The determinant of the lens
    equation at (r, phi) is 1 - |gamma|^2 - (1 - gamma_r) G / r, with the shear gamma_r along the ray: solved for r.

    Parameters
    ----------
    mu : float
        Above 1 / (1 - |gamma|^2), the magnification far away; infinity gives the tangential caustic.
    theta_E, e1, e2, gamma1, gamma2 : array [n]

    Returns
    -------
    complex array [n, angle]
        Source-plane points x + iy, arcsec from the deflector's centre.
    """
    alpha, direction, G, gamma = _polar(theta_E, e1, e2, gamma1, gamma2)
    radial = (gamma * np.conj(direction) ** 2).real
    r = (1 - radial) * G / (1 - np.abs(gamma) ** 2 - 1 / mu)
    return r * (direction - gamma * np.conj(direction)) - alpha


def _polar(theta_E, e1, e2, gamma1, gamma2, phi=None):
    """Deflection, direction, G and shear at polar angles from the major axis [n, angle], by default a whole turn."""
    q, angle = axis_ratio(e1, e2)
    turn = np.exp(1j * angle)[:, None]
    phi = np.linspace(0, 2 * np.pi, ANGLES) * np.ones_like(q)[:, None] if phi is None else phi
    alpha_x, alpha_y = sie_deflection_direction(phi, q)
    G = theta_E[:, None] * np.sqrt(q)[:, None] / np.sqrt((q[:, None] * np.cos(phi)) ** 2 + np.sin(phi) ** 2)
    return (
        theta_E[:, None] * (alpha_x + 1j * alpha_y) * turn,
        np.exp(1j * phi) * turn,
        G,
        (gamma1 + 1j * gamma2)[:, None],
    )


def outer_image(x, y, theta_E, e1, e2, gamma1, gamma2):
    """The image of a source outside of the caustics, which is the only one.

    Its deflection depends on the polar angle alone: the angle is the root of the lens equation's component across
    r (e^(i phi) - gamma e^(-i phi)), bracketed on a grid and halved; r is the component along it.

    Parameters
    ----------
    x, y : array [n], arcsec
        The source, from the deflector's centre.
    theta_E, e1, e2, gamma1, gamma2 : array [n]

    Returns
    -------
    r : array [n], arcsec
        Distance of the image from the deflector's centre.
    mu : array [n]
        Its magnification, that of a point.
    """
    lens, source = (theta_E, e1, e2, gamma1, gamma2), (x + 1j * y)[:, None]

    def at(phi):
        alpha, direction, G, gamma = _polar(*lens, phi)
        ratio = (source + alpha) / (direction - gamma * np.conj(direction))
        determinant = 1 - np.abs(gamma) ** 2 - (1 - (gamma * np.conj(direction) ** 2).real) * G / ratio.real
        return ratio, determinant

    phi = np.linspace(-0.01, 2 * np.pi, BRACKETS) * np.ones_like(x)[:, None]  # more than a turn: no root at a seam
    ratio, _ = at(phi)
    change = (ratio.imag[:, :-1] * ratio.imag[:, 1:] <= 0) & (ratio.real[:, :-1] > 0) & (ratio.real[:, 1:] > 0)
    first = change.argmax(axis=1)[:, None]
    low, high = (np.take_along_axis(phi, first + k, axis=1) for k in (0, 1))
    sign = np.sign(np.take_along_axis(ratio.imag, first, axis=1))
    for _ in range(40):
        middle = (low + high) / 2
        same = np.sign(at(middle)[0].imag) == sign
        low, high = np.where(same, middle, low), np.where(same, high, middle)
    ratio, determinant = at((low + high) / 2)
    return ratio.real[:, 0], 1 / np.abs(determinant[:, 0])


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


def magnified_radius(mu, theta_E, e1, e2, gamma1, gamma2):
    """How far ``line_of_magnification`` reaches, as ``region_radius``.

    Behind deflectors of high ellipticity it crosses itself: then the farthest of its branches at each angle.
    """
    grid = np.linspace(-np.pi, np.pi, ANGLES)
    lines = line_of_magnification(mu, theta_E, e1, e2, gamma1, gamma2)
    turns = np.angle(lines[:, 1:] / lines[:, :-1])
    crosses = (turns.max(axis=1) > 0) & (turns.min(axis=1) < 0)
    shapes = [_farthest_on if one else _radius_on for one in crosses]
    return np.array([shape(grid, line) for shape, line in zip(shapes, lines, strict=True)])


def _radius_on(grid, line):
    """Radius of one closed star-shaped curve (complex points) on a grid of polar angles."""
    return np.interp(grid, np.angle(line[:-1]), np.abs(line[:-1]), period=2 * np.pi)


def _farthest_on(grid, line):
    """The same of a curve that goes back and forth in angle: the largest radius of any piece that covers an angle."""
    start, radius = np.angle(line[:-1]), np.abs(line)
    turn = np.angle(line[1:] / line[:-1])
    share = ((grid[:, None] - start + np.pi) % (2 * np.pi) - np.pi) / np.where(turn == 0, 1e-12, turn)
    on = radius[:-1] + share * np.diff(radius)
    return np.where((share >= 0) & (share <= 1), on, 0).max(axis=1)


def region_area(radius, inner=0.0):
    """Area, arcsec^2, of star-shaped regions given by ``region_radius``, less all within an inner radius."""
    return _pieces(radius, inner).sum(axis=-1) * 2 * np.pi / (radius.shape[-1] - 1)


def _pieces(radius, inner):
    """Half of the squared radii's difference, the mean of both ends of each step in angle: [n, angle - 1]."""
    squares = np.maximum(radius**2 - inner**2, 0) / 2
    return (squares[..., 1:] + squares[..., :-1]) / 2


def draw_in_region(rng, radius, inner=None):
    """Points uniform over star-shaped regions, or between two curves.

    Parameters
    ----------
    rng : numpy.random.Generator
    radius : array [n, angle]
        From ``region_radius``.
    inner : array [n, angle], optional
        Radius within which there is none.

    Returns
    -------
    x, y : array [n], arcsec
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
