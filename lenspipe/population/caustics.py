"""Where a source must lie to be seen more than once, or once: an elliptical power law with shear.

Closed forms, for many lenses at once. Coordinates are arcsec from the deflector's centre. The potential of a power law
is r^(3 - gamma) F(phi), so that in polar coordinates its Hessian is s = r^(1 - gamma) times a function of phi, and the
determinant of the lens equation a parabola in s: critical curves are formulas. An isothermal ellipsoid's Hessian has
one entry, G(phi)/r = 2 kappa, and the parabola is a line. Source: Kormann, Schneider & Bartelmann 1994, sections 2-4,
for the convergence kappa = theta_E / (2 sqrt(q x^2 + y^2 / q)); Tessore & Metcalf 2015 for other slopes.
"""

from typing import NamedTuple

import numpy as np

ANGLES = 721  # points along a curve; the region's radius is linear between them
BRACKETS = 181  # angles between which the one image is looked for
ISOTHERMAL = 2.0  # gamma
FAINTEST = 0.1  # magnification; an image that is fainter is not one of several
NEWTON = 12  # steps towards a radius


class Rays(NamedTuple):
    """What a lens does along rays of constant polar angle from its centre: arrays [n, angle]."""

    alpha: np.ndarray  # deflection at r = 1 arcsec; at r it is r^(2 - gamma) times as large
    direction: np.ndarray  # e^(i phi)
    unbent: np.ndarray  # where the ray goes for each arcsec of r without the deflector: shear alone
    determinant: tuple  # c0, c1, c2 of the lens equation's: c0 - c1 s + c2 s^2, with s = r^(1 - gamma)
    gamma: np.ndarray


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


def caustics(theta_E, e1, e2, gamma1, gamma2, gamma=ISOTHERMAL):
    """The curve within which there is a second image, and the tangential caustic.

    The first is the cut (pseudo-caustic) of an isothermal lens, the radial caustic of a shallower one. Behind a steeper
    one every source has an inner image, arbitrarily faint: there it is the line on which this image is magnified by
    gamma - 2, or by ``FAINTEST`` if that is less, so that all three are one at gamma = 2.

    Parameters
    ----------
    theta_E, e1, e2, gamma1, gamma2, gamma : array [n]

    Returns
    -------
    inner, tangential : complex array [n, angle]
        Source-plane points x + iy, arcsec from the deflector's centre.
    """
    rays = _rays(theta_E, e1, e2, gamma1, gamma2, gamma)
    c0, c1, c2 = rays.determinant
    shallow = rays.gamma <= ISOTHERMAL
    level = c0 + 1 / np.where(shallow, np.inf, np.clip(rays.gamma - ISOTHERMAL, 1e-12, FAINTEST))
    power = np.where(shallow, 2 * c2 / _larger_root(c0, c1, c2), _larger_root(level, c1, c2) / (2 * level))
    inner = _to_source(np.maximum(power, 0) ** (1 / (rays.gamma - 1)), rays)
    return inner, _to_source(_outer_radius(np.inf, rays), rays)


def line_of_magnification(mu, theta_E, e1, e2, gamma1, gamma2, gamma=ISOTHERMAL):
    """Where a source has an image of a given magnification on the outer side of the critical curve.

    Outside of this line and of the caustics there is one image, and it is magnified less. The determinant of the lens
    equation at (r, phi) of an isothermal lens is 1 - |shear|^2 - (1 - shear_r) G / r, with the shear along the ray.

    Parameters
    ----------
    mu : float
        Above 1 / (1 - |shear|^2), the magnification far away; infinity gives the tangential caustic.
    theta_E, e1, e2, gamma1, gamma2, gamma : array [n]

    Returns
    -------
    complex array [n, angle]
        Source-plane points x + iy, arcsec from the deflector's centre.
    """
    rays = _rays(theta_E, e1, e2, gamma1, gamma2, gamma)
    return _to_source(_outer_radius(mu, rays), rays)


def _rays(theta_E, e1, e2, gamma1, gamma2, gamma=ISOTHERMAL, phi=None):
    """The rays at polar angles from the major axis [n, angle], by default a whole turn.

    With the deflection a_r, a_t along and across the ray, the Hessian is s times (2 - gamma) a_r and (2 - gamma) a_t
    in its first row, and has the trace 2 kappa.
    """
    q, angle = axis_ratio(e1, e2)
    turn = np.exp(1j * angle)[:, None]
    phi = np.linspace(0, 2 * np.pi, ANGLES) * np.ones_like(q)[:, None] if phi is None else phi
    gamma = np.broadcast_to(gamma, q.shape)
    if np.all(gamma == ISOTHERMAL):
        alpha_x, alpha_y = sie_deflection_direction(phi, q)
        along_axes = theta_E[:, None] * (alpha_x + 1j * alpha_y)
    else:
        from lenspipe.population.epl import deflection  # compiled by numba, which is slow to import

        along_axes = deflection(theta_E[:, None], q[:, None], gamma[:, None], np.cos(phi), np.sin(phi))
    gamma, shear, direction = gamma[:, None], (gamma1 + 1j * gamma2)[:, None], np.exp(1j * phi) * turn
    alpha = along_axes * turn
    density = theta_E[:, None] * np.sqrt(q)[:, None] / np.sqrt((q[:, None] * np.cos(phi)) ** 2 + np.sin(phi) ** 2)
    bend, along_ray = (2 - gamma) * alpha * np.conj(direction), shear * np.conj(direction) ** 2
    trace = (3 - gamma) * density ** (gamma - 1)
    determinant = (
        1 - np.abs(shear) ** 2,
        (1 - along_ray.real) * (trace - bend.real) + (1 + along_ray.real) * bend.real + 2 * along_ray.imag * bend.imag,
        bend.real * (trace - bend.real) - bend.imag**2,
    )
    return Rays(alpha, direction, direction - shear * np.conj(direction), determinant, gamma)


def _to_source(r, rays):
    """Where rays meet the source plane that leave the image plane at distances r [n, angle] from the centre."""
    return r * rays.unbent - r ** (2 - rays.gamma) * rays.alpha


def _outer_radius(mu, rays):
    """Where the determinant is 1 / mu on the outer side of the critical curve."""
    c0, c1, c2 = rays.determinant
    level = c0 - 1 / mu
    return (_larger_root(level, c1, c2) / (2 * level)) ** (1 / (rays.gamma - 1))


def _larger_root(c0, c1, c2):
    """c1 + sqrt(c1^2 - 4 c0 c2); where critical curves are open on a ray, what is nearest to a root."""
    return c1 + np.sqrt(np.maximum(c1**2 - 4 * c0 * c2, 0))


def outer_image(x, y, theta_E, e1, e2, gamma1, gamma2, gamma=ISOTHERMAL):
    """The image of a source outside of the critical curve, where the source is not within the caustics: one image.

    The angle is the root of the lens equation's component across ``Rays.unbent``, bracketed on a grid and halved; r is
    its component along it, which holds r itself where the deflection depends on it: solved by Newton's steps from
    outside of the critical curve.

    Parameters
    ----------
    x, y : array [n], arcsec
        The source, from the deflector's centre.
    theta_E, e1, e2, gamma1, gamma2, gamma : array [n]

    Returns
    -------
    r : array [n], arcsec
        Distance of the image from the deflector's centre.
    mu : array [n]
        Its magnification, that of a point.
    """
    lens, source = (theta_E, e1, e2, gamma1, gamma2, gamma), (x + 1j * y)[:, None]
    steps = 0 if np.all(gamma == ISOTHERMAL) else NEWTON

    def at(phi):
        rays = _rays(*lens, phi)
        power, least = 2 - rays.gamma, 0.9 * _outer_radius(np.inf, rays)
        r = least + np.abs(source)
        for _ in range(steps):
            found = ((source + r**power * rays.alpha) / rays.unbent).real
            slope = power * r ** (power - 1) * (rays.alpha / rays.unbent).real
            r = np.maximum(r - (r - found) / np.maximum(1 - slope, 0.1), least)
        ratio = np.where(r > least, (source + r**power * rays.alpha) / rays.unbent, 0)  # 0: no image there
        c0, c1, c2 = rays.determinant
        s = np.maximum(ratio.real, 1e-12) ** (1 - rays.gamma)
        return ratio, c0 - c1 * s + c2 * s * s

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


def region_radius(theta_E, e1, e2, gamma1, gamma2, gamma=ISOTHERMAL):
    """Boundary of the multiply-imaging region, the union of both of ``caustics``, as radius against angle.

    Both curves are star-shaped about the deflector's centre, so the union's boundary is the larger radius.

    Returns
    -------
    array [n, angle], arcsec
        At ``ANGLES`` equal steps of polar angle from -pi to pi.
    """
    grid = np.linspace(-np.pi, np.pi, ANGLES)
    curves = caustics(theta_E, e1, e2, gamma1, gamma2, gamma)
    return np.maximum(*(np.array([_radius_on(grid, line) for line in curve]) for curve in curves))


def magnified_radius(mu, theta_E, e1, e2, gamma1, gamma2, gamma=ISOTHERMAL):
    """How far ``line_of_magnification`` reaches, as ``region_radius``.

    Behind deflectors of high ellipticity it crosses itself: then the farthest of its branches at each angle.
    """
    grid = np.linspace(-np.pi, np.pi, ANGLES)
    lines = line_of_magnification(mu, theta_E, e1, e2, gamma1, gamma2, gamma)
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
