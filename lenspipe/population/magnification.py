"""Total magnification of extended sources.

For an isothermal ellipsoid with shear the lens equation along a ray of constant polar angle is linear in the radius,
beta = r (1 - Gamma) e(phi) - alpha(phi): the ray is a straight line through the source plane. The lensed flux is the
integral over phi and r of r S(beta), along lines. No grid is needed, however small the source. Behind a power law
alpha(phi) is proportional to r^(2 - gamma) and the lines are curved; the rest is the same.
"""

import cmath
import math

import numpy as np
from numba import njit
from scipy.special import gamma, gammainccinv

from lenspipe.population.caustics import ISOTHERMAL, axis_ratio
from lenspipe.population.epl import deflection, farthest_radius, flux_along_ray

FEWEST, MOST = 256, 16384  # rays, limits of their number
PER_RADIUS = 6.0  # rays per half-light radius that they sweep: the error is far below 1 %
FEWEST_BENT = 128  # rays behind power laws, each of which takes longer
MOST_PER_INDEX = 2.0  # of these per half-light radius and unit of Sersic index
LEFT_OUT = 1e-4  # share of the source's light beyond the radius where it is truncated
NODES, WEIGHTS = np.polynomial.legendre.leggauss(12)
NODES, WEIGHTS = NODES / 2 + 0.5, WEIGHTS / 2  # on 0 to 1


def magnification(lens, light, per_radius=PER_RADIUS):
    """Lensed over unlensed flux of Sersic profiles behind elliptical power laws with shear.

    Parameters
    ----------
    lens : mapping of str to array [n]
        ``theta_E_halo`` (arcsec), ``gamma``, ``e1``, ``e2``, ``gamma1``, ``gamma2``, ``center_x``, ``center_y``
        (arcsec).
    light : mapping of str to array [n]
        ``R_sersic`` (arcsec), ``n_sersic``, ``e1``, ``e2``, ``center_x``, ``center_y`` (arcsec) of the unlensed
        sources.
    per_radius : float, optional
        Rays per half-light radius that they sweep across the source: with 2 the error is below 1 % for indices up to
        2.

    Returns
    -------
    array [n]
    """
    n = np.asarray(light["n_sersic"], float)
    b = gammainccinv(2 * n, 0.5)
    columns = (
        *(lens[name] for name in ("theta_E_halo", "gamma1", "gamma2")),
        *axis_ratio(lens["e1"], lens["e2"]),
        *(light[name] - lens[name] for name in ("center_x", "center_y")),
        *axis_ratio(light["e1"], light["e2"]),
        *(light["R_sersic"], n, b),
        (gammainccinv(2 * n, LEFT_OUT) / b) ** n,
        b ** (2 * n) / (2 * np.pi * n * gamma(2 * n)),  # central brightness of a profile with R_sersic 1 and flux 1
    )
    return np.array(
        [
            _isothermal(per_radius, *row) if slope == ISOTHERMAL else _power_law(per_radius, slope, *row)
            for slope, row in zip(lens["gamma"], np.stack(np.broadcast_arrays(*columns), axis=1), strict=True)
        ]
    )


@njit(cache=True)
def _power_law(
    per_radius, slope, theta_E, gamma1, gamma2, q, angle, x0, y0, source_q, source_angle, R, n, b, extent, central
):
    """Sum over rays; lengths in units of R in the plane where the source is round."""
    shear, turn, root = complex(gamma1, gamma2), cmath.exp(1j * angle), math.sqrt(source_q)
    back, squeeze, stretch = cmath.exp(-1j * source_angle), root / R, 1 / root / R
    sweep = (2 * theta_E + math.hypot(x0, y0)) / (R * root)
    dense = min(per_radius, MOST_PER_INDEX * max(n, 1.0))
    rays = int(min(max(FEWEST_BENT, 2 * math.pi * dense * sweep), MOST))
    source = _rounded(complex(x0, y0) * back, squeeze, stretch)
    farthest = farthest_radius(theta_E, slope, abs(shear), math.hypot(x0, y0) + extent * R / root)
    flux = 0.0
    for k in range(rays):
        ray = cmath.exp(2j * math.pi * (k + 0.5) / rays)
        rotated = ray / turn
        alpha = deflection(theta_E, q, slope, rotated.real, rotated.imag) * turn
        unbent = ray - shear * ray.conjugate()
        curve = (_rounded(unbent * back, squeeze, stretch), _rounded(alpha * back, squeeze, stretch))
        flux += flux_along_ray(extent, farthest, *curve, source, slope, n, b)
    return flux * 2 * math.pi / rays * central / R**2


@njit(cache=True)
def _rounded(point, squeeze, stretch):
    """A point on the source's axes, in units of R where the source is made round."""
    return complex(point.real * squeeze, point.imag * stretch)


@njit(cache=True)
def _isothermal(
    per_radius, theta_E, gamma1, gamma2, q, angle, x0, y0, source_q, source_angle, R, n, b, extent, central
):
    """Sum over rays; lengths in units of R in the plane where the source is round."""
    f = math.sqrt(max(1 - q**2, 1e-14))
    root = math.sqrt(source_q)
    cos_s, sin_s = math.cos(source_angle), math.sin(source_angle)
    cos_l, sin_l = math.cos(angle), math.sin(angle)
    sweep = (2 * theta_E + math.hypot(x0, y0)) / (R * root)
    rays = int(min(max(FEWEST, 2 * math.pi * per_radius * sweep), MOST))
    flux = 0.0
    for k in range(rays):
        phi = 2 * math.pi * (k + 0.5) / rays
        c, s = math.cos(phi), math.sin(phi)
        # The deflection, which does not depend on r: caustics.sie_deflection_direction.
        along = theta_E * math.sqrt(q) / f * math.asin(f * (cos_l * c + sin_l * s))
        across = theta_E * math.sqrt(q) / f * math.asinh(f / q * (cos_l * s - sin_l * c))
        alpha_x, alpha_y = cos_l * along - sin_l * across, sin_l * along + cos_l * across
        # The line r v + w, from the source's centre, with the source made round.
        v_x, v_y = c - gamma1 * c - gamma2 * s, s - gamma2 * c + gamma1 * s
        w_x, w_y = -alpha_x - x0, -alpha_y - y0
        v_x, v_y = (cos_s * v_x + sin_s * v_y) * root / R, (cos_s * v_y - sin_s * v_x) / root / R
        w_x, w_y = (cos_s * w_x + sin_s * w_y) * root / R, (cos_s * w_y - sin_s * w_x) / root / R
        v2 = v_x**2 + v_y**2
        nearest = -(v_x * w_x + v_y * w_y) / v2  # r where the line is nearest to the centre
        d2 = (v_x * w_y - v_y * w_x) ** 2 / v2
        if d2 < extent**2:
            reach = math.sqrt((extent**2 - d2) / v2)
            if nearest > -reach:
                flux += _along(nearest, reach, d2, v2, n, b)
    return flux * 2 * math.pi / rays * central / R**2


@njit(cache=True)
def _along(nearest, reach, d2, v2, n, b):
    """Integral over r of r S along one line, both ways from its point nearest to the source's centre."""
    total = 0.0
    power = 2 if n < 2 else 4
    ends = (reach, -min(reach, nearest)) if nearest > 0 else (reach, 0.0)
    start = max(-nearest, 0.0)
    for end in ends:
        length = abs(end) - start
        for k in range(len(NODES)):
            node, weight = NODES[k], WEIGHTS[k]
            t = start + length * node**power
            step = length * power * node ** (power - 1) * weight
            r = nearest + (t if end > 0 else -t)
            if length > 0:
                total += step * r * math.exp(-b * (v2 * t**2 + d2) ** (0.5 / n))
    return total
