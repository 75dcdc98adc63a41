"""Distances in the flat Lambda-CDM universe of the lens forecast: H0 70 km/s/Mpc, Omega_m 0.3 (Collett 2015).

The distances are those of astropy's FlatLambdaCDM to the last digit (a test compares). Importing that took a quarter
of the start of a workflow, which checks the radii that can be reached, so the closed form is here. Splines invert it
and give its derivative.
"""

from functools import cache

import numpy as np
import scipy

OMEGA_M = 0.3
C_KM_S = 299792.458
H = 0.7  # H0 / (100 km/s/Mpc)
RAD_TO_ARCSEC = 180 / np.pi * 3600
Z_TABLE = 12.0  # highest tabulated redshift


def _comoving_distance(z):
    """Comoving distance, array [n], Mpc, at a redshift ``z``, array [n].

    The closed form of Baes, Camps & Van De Putte (2017, MNRAS 468, 927).
    """
    hubble_distance = 299792458 / (100 * H) / 1e3  # Mpc; from m/s, as in astropy, for the same last digit
    s = ((1 - OMEGA_M) / OMEGA_M) ** (1 / 3)

    def integral(x):
        return 2 * np.sqrt(x) * scipy.special.hyp2f1(1 / 6, 1 / 2, 7 / 6, -(x**3))

    return hubble_distance / np.sqrt(s * OMEGA_M) * (integral(s) - integral(s / (1 + z)))


@cache
def _tables():
    z = np.concatenate([[0.0], np.geomspace(1e-4, Z_TABLE, 4000)])
    chi = _comoving_distance(z)
    forward, backward = scipy.interpolate.CubicSpline(z, chi), scipy.interpolate.CubicSpline(chi, z)
    return forward, backward, forward.derivative()


def transverse_distance(z):
    """Comoving distance chi, array [...], Mpc, at a redshift ``z``, array [...]."""
    return _tables()[0](z)


def redshift_at(chi):
    """Redshift, array [...], at a comoving distance ``chi``, array [...], Mpc."""
    return _tables()[1](chi)


def angular_diameter_distance(z):
    """Angular diameter distance, array [...], Mpc, at a redshift ``z``, array [...]."""
    return transverse_distance(z) / (1 + z)


def distance_modulus(z):
    """Distance modulus, array [...], mag, of the luminosity distance at a redshift ``z``, array [...]."""
    return 5 * np.log10(transverse_distance(z) * (1 + z)) + 25


def volume_per_redshift(z):
    """Comoving volume dV/dz = chi^2 dchi/dz, array [...], Mpc^3 per steradian, at a redshift ``z``, array [...]."""
    return transverse_distance(z) ** 2 * _tables()[2](z)


def distance_ratio(z_lens, z_source):
    """Ratio D_ls / D_s = 1 - chi_l / chi_s of a flat universe.

    Parameters
    ----------
    z_lens, z_source : array [...]
        Redshifts.

    Returns
    -------
    array [...]
    """
    return 1 - transverse_distance(z_lens) / transverse_distance(z_source)


def theta_E_sis(sigma_v, ratio=1.0):
    """Einstein radius of a singular isothermal sphere.

    Parameters
    ----------
    sigma_v : array [...], km/s
        Velocity dispersion.
    ratio : array [...]
        D_ls / D_s.

    Returns
    -------
    array [...], arcsec

    Source: Schneider, Kochanek & Wambsganss 2006: 4 pi (sigma_v/c)^2 D_ls/D_s.
    """
    return 4 * np.pi * (np.asarray(sigma_v) / C_KM_S) ** 2 * ratio * RAD_TO_ARCSEC


def sigma_v_sis(theta_E, z_lens, z_source):
    """Velocity dispersion of a singular isothermal sphere with a given Einstein radius: the inverse of ``theta_E_sis``.

    Parameters
    ----------
    theta_E : array [...], arcsec
    z_lens, z_source : array [...]
        Redshifts.

    Returns
    -------
    array [...], km/s
    """
    return C_KM_S * np.sqrt(theta_E / RAD_TO_ARCSEC / (4 * np.pi * distance_ratio(z_lens, z_source)))
