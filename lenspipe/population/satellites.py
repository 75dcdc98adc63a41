"""Satellites of massive galaxies: the excess of field galaxies around early types."""

from functools import cache

import numpy as np
from scipy.special import gamma

from lenspipe.population.cosmology import RAD_TO_ARCSEC, H, transverse_distance
from lenspipe.population.field_galaxies import TYPES, draw_galaxy_light
from lenspipe.population.spectra import REST_WAVELENGTH, apparent_minus_absolute

SLOPE = 1.8  # of the correlation function (r/r0)^-SLOPE, on the sky theta^-0.8: Davis & Peebles 1983, ApJ 267, 465
# Comoving Mpc: geometric mean of the correlation lengths of luminous red galaxies, 9.8 Mpc/h (Zehavi et al. 2005a, ApJ
# 621, 22), and of L* galaxies, 5.59 Mpc/h (Zehavi et al. 2005b, ApJ 630, 1).
R0 = np.sqrt(9.8 * 5.59) / H
# Schechter function at rest wavelengths about V (the r band blueshifted by 0.1): Blanton et al. 2003, ApJ 592, 819.
PHI_STAR, M_STAR, ALPHA = 1.49e-2 * H**3, -20.44 + 5 * np.log10(H), -1.05
BRIGHTENING, MULTIPLYING = 1.62, 0.18  # evolution per redshift: of M* in mag, and of the density in units of 0.4 dex
BRIGHTEST = -1.0  # mag relative to M*: a brighter galaxy would be the stamp's central one
SPECTRA = {"early": "E", "spiral": "Scd"}
SHARES = {"early": 0.6, "spiral": 0.4}  # of satellites of early types (Weinmann et al. 2006, MNRAS 366, 2)


@cache
def _luminosity_function():
    """Magnitudes relative to M*, and integrals of the Schechter function from ``BRIGHTEST``, for a density of 1."""
    x = np.arange(BRIGHTEST, 10, 0.02)
    L = 10 ** (-0.4 * (x[:-1] + 0.01))
    return x, np.concatenate([[0], np.cumsum(0.4 * np.log(10) * L ** (ALPHA + 1) * np.exp(-L) * 0.02)])


def _faintest(kind, z, faintest_i, wavelength):
    """Magnitude relative to M* of a galaxy with a given i magnitude."""
    shift = apparent_minus_absolute(SPECTRA[kind], z, wavelength=wavelength, reference=REST_WAVELENGTH["V"])
    return faintest_i - shift - (M_STAR - BRIGHTENING * (z - 0.1))


def projected_correlation(radius):
    """Projected correlation function w(R) over R.

    w(R)/R = Gamma(1/2) Gamma((s-1)/2) / Gamma(s/2) (r0/R)^s. Source: Davis & Peebles 1983, ApJ 267, 465.

    Parameters
    ----------
    radius : array [n], comoving Mpc

    Returns
    -------
    array [n]
    """
    return np.sqrt(np.pi) * gamma((SLOPE - 1) / 2) / gamma(SLOPE / 2) * (R0 / radius) ** SLOPE


def expected_number(kind, z, *, radius, faintest_i, wavelength):
    """Mean number of satellites of a type within a radius about a galaxy: 2 pi n w(R) integrated over R.

    Parameters
    ----------
    kind : str
        Type, one of ``SHARES``.
    z : array [n]
        Redshift of the galaxy.
    radius : float, arcsec
    faintest_i : float, mag
        Faint limit of the i magnitude.
    wavelength : float, Angstrom
        Of the i band.

    Returns
    -------
    array [n]
    """
    x, integral = _luminosity_function()
    number = np.interp(_faintest(kind, z, faintest_i, wavelength), x, integral)
    comoving = PHI_STAR * 10 ** (0.4 * MULTIPLYING * z) * number * SHARES[kind]
    R = transverse_distance(z) * radius / RAD_TO_ARCSEC
    return comoving * 2 * np.pi * projected_correlation(R) * R**3 / (3 - SLOPE)


def draw_satellites(rng, z, *, radius, faintest_i, survey, bands):
    """Draw satellites within a circle about each of n galaxies.

    Distances R follow R^(1-SLOPE) on the sky, in number R^(2-SLOPE) dR; directions are random.

    Parameters
    ----------
    rng : numpy.random.Generator
    z : array [n]
        Redshift of the galaxies.
    radius : float, arcsec
        Of the circle.
    faintest_i : float, mag
        Faint limit of the i magnitude.
    survey : Survey
    bands : sequence of str

    Returns
    -------
    owner : int array [m]
        Galaxy that each satellite belongs to.
    light : dict of str to array [m]
        As from ``draw_galaxy_light``; ``center_x``, ``center_y`` from the galaxy, arcsec.
    """
    wavelength = survey.bands["i"].wavelength
    x, integral = _luminosity_function()
    owners, types, magnitudes = [], [], []
    for kind in SHARES:
        owner = np.repeat(
            np.arange(len(z)),
            rng.poisson(expected_number(kind, z, radius=radius, faintest_i=faintest_i, wavelength=wavelength)),
        )
        limit = _faintest(kind, z[owner], faintest_i, wavelength)
        M = np.interp(rng.uniform(size=len(owner)) * np.interp(limit, x, integral), integral, x)
        owners.append(owner)
        types.append(np.full(len(owner), list(TYPES).index(kind)))
        magnitudes.append(faintest_i - limit + M)
    owner, type_number, magnitude_i = (np.concatenate(parts) for parts in (owners, types, magnitudes))
    light = draw_galaxy_light(rng, type_number, z=z[owner], magnitude_i=magnitude_i, survey=survey, bands=bands)
    distance = radius * rng.uniform(size=len(owner)) ** (1 / (3 - SLOPE))
    angle = rng.uniform(0, 2 * np.pi, len(owner))
    return owner, light | {"center_x": distance * np.cos(angle), "center_y": distance * np.sin(angle)}
