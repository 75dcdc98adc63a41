"""lenstronomy's models of mass and light, as functions of a row's numbers."""

import numpy as np
from lenstronomy.LensModel.Profiles.nie import NIE, NIEMajorAxis
from lenstronomy.LensModel.Profiles.shear import Shear
from lenstronomy.LightModel.Profiles.sersic import SersicElliptic
from scipy.special import gamma, gammainccinv

from lenspipe.population.caustics import axis_ratio
from lenspipe.population.epl import deflection

DEFLECTOR, ALONG_ITS_AXES, SHEAR, SERSIC = NIE(), NIEMajorAxis(), Shear(), SersicElliptic()
CORE = 1e-10  # arcsec: lenstronomy's SIE is an NIE with this


def ray_shooting(mass):
    """The lens equation of an SIE or a power law with shear.

    The SIE is lenstronomy's, in single precision, which takes half the time; its EPL would take several times as long.

    Parameters
    ----------
    mass : Mass

    Returns
    -------
    callable
        From x and y (arrays, arcsec) in the image plane to those in the source plane.
    """
    if mass.gamma != 2:
        return power_law(mass)
    shape = DEFLECTOR.param_conv(mass.theta_E, mass.e1, mass.e2, CORE)
    b, core, q, phi, x_l, y_l, gamma1, gamma2 = (
        np.float32(a) for a in (*shape, mass.center_x, mass.center_y, mass.gamma1, mass.gamma2)
    )
    cos, sin = np.cos(phi), np.sin(phi)

    def to_source(x, y):
        dx, dy = np.float32(x) - x_l, np.float32(y) - y_l
        along, across = ALONG_ITS_AXES.derivatives(cos * dx + sin * dy, cos * dy - sin * dx, b, core, q)
        shear_x, shear_y = SHEAR.derivatives(dx, dy, gamma1, gamma2)
        return x_l + dx - shear_x - (cos * along - sin * across), y_l + dy - shear_y - (cos * across + sin * along)

    return to_source


def power_law(mass):
    """The lens equation of an elliptical power law with shear: a callable as of ``ray_shooting``; ``mass`` a Mass."""
    theta_E, e1, e2, slope, gamma1, gamma2, x_l, y_l = mass
    q, phi = axis_ratio(e1, e2)
    cos, sin = np.cos(phi), np.sin(phi)

    def to_source(x, y):
        dx, dy = x - x_l, y - y_l
        shear_x, shear_y = SHEAR.derivatives(dx, dy, gamma1, gamma2)
        alpha = complex(cos, sin) * deflection(theta_E, q, slope, cos * dx + sin * dy, cos * dy - sin * dx)
        return x - shear_x - alpha.real, y - shear_y - alpha.imag

    return to_source


def sersic_b(n_sersic):
    """lenstronomy's b of Sersic profiles exp(-b (r/R)^(1/n)): array like ``n_sersic`` (array)."""
    return SERSIC.b_n(n_sersic)


def sersic_center(R_sersic, n_sersic):
    """b of a Sersic profile, and the brightness in its centre for a flux of 1 (floats; the second per arcsec^2).

    Its flux is 2 pi n R^2 Gamma(2n) / b^(2n) times the central brightness, of ``R_sersic`` (float, arcsec) and
    ``n_sersic`` (float).
    """
    b = sersic_b(n_sersic)
    return b, b ** (2 * n_sersic) / (2 * np.pi * n_sersic * gamma(2 * n_sersic) * R_sersic**2)


def sersic_extent(n):
    """Radius (float, in units of R_sersic) that holds all but 1e-3 of the light of index ``n`` (float).

    With s = b r^(1/n) the light within r is the incomplete gamma function P(2n, s), and P(2n, b) = 1/2.
    """
    return (gammainccinv(2 * n, 1e-3) / gammainccinv(2 * n, 0.5)) ** n
