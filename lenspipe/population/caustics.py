"""Caustics, magnification and outer image of an elliptical power law with external shear.

All functions are closed forms for many lenses at once. Coordinates are in arcsec from the deflector's centre. The
potential of a power law is r^(3 - gamma) F(phi). In polar coordinates its Hessian is therefore s = r^(1 - gamma) times
a function of phi, and the determinant of the lens equation is a parabola in s: critical curves are formulas. The
Hessian of an isothermal ellipsoid has one entry, G(phi)/r = 2 kappa, and the parabola is a line.

Source: Kormann, Schneider & Bartelmann 1994, sections 2-4, for the convergence kappa = theta_E / (2 sqrt(q x^2 +
y^2 / q)); Tessore & Metcalf 2015 for other slopes.
"""

from typing import NamedTuple

import numpy as np

ANGLES = 721  # points along a curve; the radius of a region is linear between them
BRACKETS = 181  # angles of the grid on which the angle of the image is bracketed
ISOTHERMAL = 2.0  # gamma
FAINTEST = 0.1  # magnification; a fainter image does not count as one of several
NEWTON = 12  # Newton steps of the search for a radius


class Rays(NamedTuple):
    """Rays of constant polar angle from the deflector's centre: arrays [n, angle].

    ``alpha``: deflection, arcsec, at r = 1 arcsec; at r it is r^(2 - gamma) times as large. ``direction``:
    e^(i phi). ``unbent``: source-plane displacement per arcsec of r without the deflector, from shear alone.
    ``determinant``: tuple c0, c1, c2 of the lens equation's determinant c0 - c1 s + c2 s^2, with s = r^(1 - gamma).
    ``gamma``: slope [n, 1].
    """

    alpha: np.ndarray
    direction: np.ndarray
    unbent: np.ndarray
    determinant: tuple
    gamma: np.ndarray


def axis_ratio(e1, e2):
    """Axis ratio and position angle from ellipticity components (1-q)/(1+q) (cos 2 phi, sin 2 phi).

    Parameters
    ----------
    e1, e2 : array [n]

    Returns
    -------
    q : array [n]
    phi : array [n], rad
    """
    e = np.minimum(np.hypot(e1, e2), 0.9999)
    return (1 - e) / (1 + e), np.arctan2(e2, e1) / 2


def sie_deflection_direction(phi, q):
    """Deflection of an SIE of theta_E = 1 whose major axis is x; it does not depend on the radius.

    Parameters
    ----------
    phi : array [..., angle], rad
        Polar angles.
    q : array [...]
        Axis ratios.

    Returns
    -------
    alpha_x, alpha_y : array [..., angle]
        In units of theta_E.

    Source: Kormann, Schneider & Bartelmann 1994, section 3.
    """
    q = np.minimum(q, 1 - 1e-7)[..., None]
    f = np.sqrt(1 - q**2)
    return np.sqrt(q) / f * np.arcsin(f * np.cos(phi)), np.sqrt(q) / f * np.arcsinh(f / q * np.sin(phi))


def caustics(deflector):
    """The curve within which a source has a second image, and the tangential caustic.

    The first curve is the cut (pseudo-caustic) of an isothermal lens and the radial caustic of a shallower one. Behind
    a steeper lens every source has an inner image, which can be arbitrarily faint. There the curve is the line on which
    this image has the magnification gamma - 2, or ``FAINTEST`` if that is less, so that all three definitions agree at
    gamma = 2.

    Parameters
    ----------
    deflector : mapping of str to array [n]
        ``theta_E_halo`` (arcsec), ``e1``, ``e2``, ``gamma1``, ``gamma2``, and ``gamma``; isothermal without ``gamma``.

    Returns
    -------
    inner, tangential : complex array [n, angle], arcsec
        Source-plane points x + iy from the deflector's centre.
    """
    rays = _rays(deflector)
    c0, c1, c2 = rays.determinant
    shallow = rays.gamma <= ISOTHERMAL
    level = c0 + 1 / np.where(shallow, np.inf, np.clip(rays.gamma - ISOTHERMAL, 1e-12, FAINTEST))
    power = np.where(shallow, 2 * c2 / _larger_root(c0, c1, c2), _larger_root(level, c1, c2) / (2 * level))
    inner = _to_source(np.maximum(power, 0) ** (1 / (rays.gamma - 1)), rays)
    return inner, _to_source(_outer_radius(np.inf, rays), rays)


def line_of_magnification(mu, deflector):
    """Source positions whose outer image has a given magnification.

    Outside of this line and of the caustics there is one image, and its magnification is lower. The determinant of the
    lens equation at (r, phi) of an isothermal lens is 1 - |shear|^2 - (1 - shear_r) G / r, with the shear along the
    ray.

    Parameters
    ----------
    mu : float
        Above 1 / (1 - |shear|^2), the magnification far away; infinity gives the tangential caustic.
    deflector : mapping of str to array [n]
        As in ``caustics``.

    Returns
    -------
    complex array [n, angle], arcsec
        Source-plane points x + iy from the deflector's centre.
    """
    rays = _rays(deflector)
    return _to_source(_outer_radius(mu, rays), rays)


def outer_image(x, y, deflector):
    """The image outside of the critical curve of a source that lies outside of the caustics: its only image.

    The angle is the root of the component of the lens equation across ``Rays.unbent``, bracketed on a grid and
    bisected. The radius is the component along it. Where the deflection depends on the radius, it is solved by Newton
    steps from outside of the critical curve.

    Parameters
    ----------
    x, y : array [n], arcsec
        The source, from the deflector's centre.
    deflector : mapping of str to array [n]
        As in ``caustics``.

    Returns
    -------
    r : array [n], arcsec
        Distance of the image from the deflector's centre.
    mu : array [n]
        Its magnification, for a point source.
    """
    source = (x + 1j * y)[:, None]
    steps = 0 if np.all(_slope(deflector) == ISOTHERMAL) else NEWTON

    def image_at(phi):
        rays = _rays(deflector, phi)
        power, least = 2 - rays.gamma, 0.9 * _outer_radius(np.inf, rays)
        r = least + np.abs(source)
        # The equation r - mapped(r) is convex for gamma < 2 and concave for gamma > 2, with one root outside of the
        # critical curve, where its slope is positive: after the first step Newton's method approaches it from one side.
        for _ in range(steps):
            mapped = ((source + r**power * rays.alpha) / rays.unbent).real
            slope = power * r ** (power - 1) * (rays.alpha / rays.unbent).real
            r = np.maximum(r - (r - mapped) / np.maximum(1 - slope, 0.1), least)
        ratio = np.where(r > least, (source + r**power * rays.alpha) / rays.unbent, 0)  # 0: no image there
        c0, c1, c2 = rays.determinant
        s = np.maximum(ratio.real, 1e-12) ** (1 - rays.gamma)
        return ratio, c0 - c1 * s + c2 * s * s

    phi = np.linspace(-0.01, 2 * np.pi, BRACKETS) * np.ones_like(x)[:, None]  # more than a turn: no root at the seam
    ratio, _ = image_at(phi)
    change = (ratio.imag[:, :-1] * ratio.imag[:, 1:] <= 0) & (ratio.real[:, :-1] > 0) & (ratio.real[:, 1:] > 0)
    first = change.argmax(axis=1)[:, None]
    low, high = (np.take_along_axis(phi, first + k, axis=1) for k in (0, 1))
    sign = np.sign(np.take_along_axis(ratio.imag, first, axis=1))
    for _ in range(40):
        middle = (low + high) / 2
        same = np.sign(image_at(middle)[0].imag) == sign
        low, high = np.where(same, middle, low), np.where(same, high, middle)
    ratio, determinant = image_at((low + high) / 2)
    return ratio.real[:, 0], 1 / np.abs(determinant[:, 0])


def _slope(deflector):
    return deflector["gamma"] if "gamma" in deflector else ISOTHERMAL


def _rays(deflector, phi=None):
    """The rays at polar angles from the major axis [n, angle], by default a whole turn.

    With the deflection a_r, a_t along and across the ray, the first row of the Hessian is s times (2 - gamma) a_r and
    (2 - gamma) a_t, and its trace is 2 kappa.
    """
    theta_E, e1, e2, gamma1, gamma2 = (
        np.asarray(deflector[name]) for name in ("theta_E_halo", "e1", "e2", "gamma1", "gamma2")
    )
    q, angle = axis_ratio(e1, e2)
    turn = np.exp(1j * angle)[:, None]
    phi = np.linspace(0, 2 * np.pi, ANGLES) * np.ones_like(q)[:, None] if phi is None else phi
    gamma = np.broadcast_to(_slope(deflector), q.shape)
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
    """Source-plane points of image-plane points at distances r [n, angle] from the centre."""
    return r * rays.unbent - r ** (2 - rays.gamma) * rays.alpha


def _outer_radius(mu, rays):
    """Radius on the outer side of the critical curve where the determinant is 1 / mu."""
    c0, c1, c2 = rays.determinant
    level = c0 - 1 / mu
    return (_larger_root(level, c1, c2) / (2 * level)) ** (1 / (rays.gamma - 1))


def _larger_root(c0, c1, c2):
    """c1 + sqrt(c1^2 - 4 c0 c2); on a ray where the critical curve is open, the value nearest to a root."""
    return c1 + np.sqrt(np.maximum(c1**2 - 4 * c0 * c2, 0))
