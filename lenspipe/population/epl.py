"""Elliptical power laws: their deflection, and the light of a source along rays from the deflector's centre.

On a ray of constant polar angle the deflection is r^(2 - gamma) A(phi), in a fixed direction. Source: Tessore & Metcalf
2015, A&A 580, A79, equations 11, 13 and 23, for kappa = (3 - gamma)/2 (theta_E / sqrt(q x^2 + y^2/q))^(gamma - 1).
"""

import math

import numpy as np
from numba import njit, vectorize

TOLERANCE = 1e-10  # of the series
SMALLEST = 1e-9  # arcsec, distance from the centre
STEPS = 60  # at most, of a search for a radius
LARGEST = 1.25  # deflection over theta_E (r / theta_E)^(2 - gamma)
CLOSE = 1e-3  # in units of a source's R_sersic: as near as that search goes to the place that it is sought for
NODES, WEIGHTS = np.polynomial.legendre.leggauss(12)
NODES, WEIGHTS = NODES / 2 + 0.5, WEIGHTS / 2  # on 0 to 1


@vectorize(cache=True)
def deflection(theta_E, q, gamma, x, y):
    """Deflection alpha_x + i alpha_y of a power law whose major axis is x.

    The hypergeometric function is a series in e^(2 i phi'), with phi' the angle on the ellipse. At x, y = cos phi, sin
    phi this is A(phi).

    Parameters
    ----------
    theta_E, q, gamma, x, y : float, or arrays that fit one another

    Returns
    -------
    complex, arcsec
    """
    t = gamma - 1
    place = complex(q * x, y)
    R = max(abs(place), SMALLEST)
    term = place / R
    turn = -(1 - q) / (1 + q) * term * term
    total, n, left = term, 1, abs(turn)
    while left > TOLERANCE:
        term *= turn * ((2 * n - 2 + t) / (2 * n + 2 - t))
        total += term
        left *= abs(turn)
        n += 1
    return 2 / (1 + q) * (theta_E * math.sqrt(q)) ** t * R ** (1 - t) * total


@njit(cache=True)
def farthest_radius(theta_E, gamma, shear, source):
    """Distance from the deflector, arcsec, beyond which no ray ends within a distance from it in the source plane.

    r (1 - shear) <= source + |alpha|, with |alpha| at most 1.25 theta_E (r / theta_E)^(2 - gamma) for q > 0.1: below
    gamma = 2 this power is below its tangent at theta_E, above that below 1 further out.
    """
    power = max(2 - gamma, 0)
    return max(theta_E, (source + LARGEST * theta_E * (1 - power)) / (1 - shear - LARGEST * power))


@njit(cache=True)
def flux_along_ray(extent, farthest, axis, bent, source, gamma, n, b):
    """Integral over r of r S(beta) along one ray, which is a curve through the source plane.

    Along ``axis`` the curve beta = r axis - r^(2 - gamma) bent may turn once: each of the pieces before and after meets
    the source at most once.

    Parameters
    ----------
    extent : float
        Where the source is taken to end.
    farthest : float, arcsec
        Beyond which no ray meets the source.
    axis, bent, source : complex
        On the source's axes and in units of its R_sersic, made round; the last is its centre.
    gamma, n, b : float
        Slope of the lens; Sersic index and its b.

    Returns
    -------
    float
        For a source with S = exp(-b beta^(1/n)).
    """
    power, speed = 2 - gamma, abs(axis)
    unit = axis.conjugate() / speed
    pull, place = bent * unit, source * unit
    if abs(pull.imag) < abs(pull.real):  # sideways the curve strays only this far while it is as near as the source
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
    """The curve's piece beyond the turn, or before it: from where it is nearest to the source both ways."""
    nearest = _radius_at(place.real, speed, pull.real, power, turn, outwards)
    bent = nearest**power
    along, across = speed * nearest - bent * pull.real - place.real, bent * pull.imag + place.imag
    if along**2 + across**2 >= extent**2:
        return 0.0
    reach = math.sqrt(extent**2 - across**2)
    total = 0.0
    crowding = 2 if n < 2 else 4  # points are crowded where S is steep
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
    """Where on its piece the curve has a place along the axis, by Newton's steps within a bracket.

    Where it has it nowhere, the piece's end that is nearest to it: the turn, or the deflector's centre.
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
