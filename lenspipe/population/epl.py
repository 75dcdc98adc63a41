"""Elliptical power laws: their deflection, and the flux of a source along rays from the deflector's centre.

On a ray of constant polar angle the deflection is r^(2 - gamma) A(phi), in a fixed direction. Source: Tessore & Metcalf
2015, A&A 580, A79, equations 11, 13 and 23, for kappa = (3 - gamma)/2 (theta_E / sqrt(q x^2 + y^2/q))^(gamma - 1).
"""

import math

import numpy as np
from numba import njit, vectorize

TOLERANCE = 1e-10  # of the series of the deflection
SMALLEST = 1e-9  # arcsec, smallest distance from the centre
STEPS = 60  # largest number of steps of a search for a radius
LARGEST = 1.25  # upper limit of the deflection over theta_E (r / theta_E)^(2 - gamma)
CLOSE = 1e-3  # in units of R_sersic: tolerance of that search
NODES, WEIGHTS = np.polynomial.legendre.leggauss(12)
NODES, WEIGHTS = NODES / 2 + 0.5, WEIGHTS / 2  # on 0 to 1


@vectorize(cache=True)
def deflection(theta_E, q, gamma, x, y):
    """Deflection alpha_x + i alpha_y of a power law whose major axis is x.

    The hypergeometric function is a series in e^(2 i phi'), with phi' the angle on the ellipse. At x, y = cos phi, sin
    phi this is A(phi).

    Parameters
    ----------
    theta_E : float or array [...], arcsec
    q, gamma : float or array [...]
        Axis ratio and slope.
    x, y : float or array [...], arcsec
        From the deflector's centre.

    Returns
    -------
    complex or complex array [...], arcsec
    """
    t = gamma - 1
    place = complex(q * x, y)
    R = max(abs(place), SMALLEST)
    term = place / R
    turn = -(1 - q) / (1 + q) * term * term
    total, n, left = term, 1, abs(turn)
    while left > TOLERANCE:  # |turn| < 1, since q > 0: ``axis_ratio`` keeps it above 5e-5
        term *= turn * ((2 * n - 2 + t) / (2 * n + 2 - t))
        total += term
        left *= abs(turn)
        n += 1
    return 2 / (1 + q) * (theta_E * math.sqrt(q)) ** t * R ** (1 - t) * total


@njit(cache=True)
def farthest_radius(theta_E, gamma, shear, source):
    """Distance from the deflector beyond which no ray ends within a given distance in the source plane.

    r (1 - shear) <= source + |alpha|, with |alpha| at most 1.25 theta_E (r / theta_E)^(2 - gamma) for q > 0.1. For
    gamma below 2 this power is below its tangent at theta_E; for gamma above 2 it is below 1 at larger radii.

    Parameters
    ----------
    theta_E : float, arcsec
    gamma, shear : float
        Slope and modulus of the shear.
    source : float, arcsec
        Distance in the source plane.

    Returns
    -------
    float, arcsec
    """
    power = max(2 - gamma, 0)
    return max(theta_E, (source + LARGEST * theta_E * (1 - power)) / (1 - shear - LARGEST * power))


@njit(cache=True)
def flux_along_ray(extent, farthest, axis, bent, source, gamma, n, b):
    """Integral over r of r S(beta) along one ray, a curve in the source plane, for a source S = exp(-b beta^(1/n)).

    Along ``axis`` the curve beta = r axis - r^(2 - gamma) bent turns at most once. Each of the pieces before and after
    the turn meets the source at most once. A compiled kernel, so that its arguments are positional.

    Parameters
    ----------
    extent : float, R_sersic
        Radius at which the source ends.
    farthest : float, arcsec
        Radius beyond which no ray meets the source.
    axis, bent, source : complex, R_sersic
        Direction of the ray without deflector, its deflection, and the source's centre, on the source's axes where the
        source is made round.
    gamma, n, b : float
        Slope of the lens; Sersic index and its constant b.

    Returns
    -------
    float
    """
    power, speed = 2 - gamma, abs(axis)
    unit = axis.conjugate() / speed
    pull, place = bent * unit, source * unit
    if abs(pull.imag) < abs(pull.real):  # bound how far the curve strays sideways while it is near the source
        stray = (speed * farthest + abs(source) + extent) * pull.imag / abs(pull.real)
        if place.imag + max(stray, 0.0) < -extent or place.imag + min(stray, 0.0) > extent:
            return 0.0
    turn = 0.0
    if power * pull.real > 0:
        turn = (power * pull.real / speed) ** (1 / (gamma - 1))
    flux = _piece(extent, speed, pull, place, power, turn, True, n, b)
    return flux + _piece(extent, speed, pull, place, power, turn, False, n, b) if turn > 0 else flux


@njit(cache=True)
def _piece(extent, speed, pull, place, power, turn, outwards, n, b):
    """Integral over the piece of the curve before or after the turn, both ways from its point nearest to the source."""
    nearest = _radius_at(place.real, speed, pull.real, power, turn, outwards)
    bent = nearest**power
    along, across = speed * nearest - bent * pull.real - place.real, bent * pull.imag + place.imag
    if along**2 + across**2 >= extent**2:
        return 0.0
    reach = math.sqrt(extent**2 - across**2)
    total = 0.0
    crowding = 2 if n < 2 else 4  # points are denser where S is steep
    for side in (-1, 1):
        length = _radius_at(place.real + side * reach, speed, pull.real, power, turn, outwards) - nearest
        if length != 0:
            for k in range(len(NODES)):
                r = nearest + length * NODES[k] ** crowding
                weight = abs(length) * crowding * NODES[k] ** (crowding - 1) * WEIGHTS[k]
                bent = r**power
                d2 = (speed * r - bent * pull.real - place.real) ** 2 + (bent * pull.imag + place.imag) ** 2
                total += weight * r * math.exp(-b * d2 ** (0.5 / n))
    return total


@njit(cache=True)
def _radius_at(target, speed, pull, power, turn, outwards):
    """Radius at which a piece of the curve has a given coordinate along the axis, by Newton steps within a bracket.

    If the piece does not reach the coordinate, its nearest end: the turn, or the deflector's centre.
    """
    if turn > 0 and speed * turn - turn**power * pull >= target:
        return turn
    if outwards:
        if turn == 0 and power >= 0 and (-pull if power == 0 else 0.0) >= target:
            return 0.0
        low, high = turn, math.inf
        r = max((target + pull) / speed, 2 * turn, 1e-3)
    else:
        if power > 0 and target >= 0:
            return 0.0
        low, high = 0.0, turn
        r = turn / 2
    sign = 1.0 if outwards else -1.0
    for _ in range(STEPS):
        bent = r**power * pull
        off = speed * r - bent - target
        if abs(off) < CLOSE:
            break
        if sign * off > 0:
            high = r
        else:
            low = r
        r -= off / (speed - power * bent / r)
        if not low < r < high:
            r = (low + high) / 2 if high < math.inf else 2 * low + 1e-3
    return r
