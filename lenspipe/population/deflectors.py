"""Deflectors: mass and light of early-type galaxies, from their velocity dispersion."""

import numpy as np
import scipy

from lenspipe.population.cosmology import RAD_TO_ARCSEC, H, angular_diameter_distance
from lenspipe.population.spectra import REST_WAVELENGTH, apparent_minus_absolute

EVOLUTION = -2.5  # power of 1 + z in the comoving density of early-type galaxies
LUMINOSITY_SCATTER = 0.2  # mag
SIZE_SCATTER = 0.11  # dex
# d ln R / d ln(wavelength): spheroids shrink by 38 % from g to Ks (Kelvin et al. 2012, MNRAS 421, 1007).
SIZE_GRADIENT = float(np.log(1 - 0.38) / np.log(21590 / 4690))
# Scatter of the mass's ellipticity components about the light's. Lenses of SLACS have q_mass / q_light of 0.99 with an
# rms of 0.11, and position angles within 10 degrees (Koopmans et al. 2006, ApJ 649, 599), errors of measurement
# included: at their mean q of 0.78 that is 0.054 along the light's axis and 0.043 across it.
FOLLOWS_LIGHT = 0.05
SMALLEST_Q = 0.2
SLOPE, SLOPE_SCATTER = 2.078, 0.16
SLOPE_WITHIN = 3  # scatters from the mean: 73 lenses do not constrain the 0.3 % of the law beyond


def velocity_dispersion_function(sigma_v, z=0.0):
    """Comoving density of early-type galaxies per velocity dispersion.

    phi* (sigma/sigma*)^alpha exp(-(sigma/sigma*)^beta) beta / Gamma(alpha/beta) / sigma, times (1 + z)^-2.5.

    Parameters
    ----------
    sigma_v : array [...], km/s
    z : float or array [...]
        Redshift.

    Returns
    -------
    array [...], Mpc^-3 per km/s

    Source: Choi, Park & Vogeley 2007, equation 4: phi* 8e-3 h^3, sigma* 161 km/s, alpha 2.32, beta 2.67; evolution with
    redshift as in the forecast's code (LensPop, ``PopulationFunctions.py``).
    """
    from scipy.special import gamma

    phi, star, alpha, beta = 8e-3 * H**3, 161.0, 2.32, 2.67
    x = sigma_v / star
    return phi * x**alpha * np.exp(-(x**beta)) * beta / gamma(alpha / beta) / sigma_v * (1 + z) ** EVOLUTION


def absolute_magnitude_r(sigma_v):
    """Mean absolute r magnitude M, array [n], AB mag, at a velocity dispersion ``sigma_v``, array [n], km/s.

    Solves log10 sigma_v = -2.97 - 0.37 M - 0.006 M^2 (Hyde & Bernardi 2009) for M.
    """
    c = 2.97 + np.log10(sigma_v)
    return (-0.37 + np.sqrt(0.37**2 - 4 * 0.006 * c)) / (2 * 0.006)


def log10_size(sigma_v):
    """Mean log10 of the half-light radius/kpc, array [n], at a velocity dispersion ``sigma_v``, array [n], km/s.

    2.46 - 2.79 V + 0.84 V^2, V = log10 sigma_v (Hyde & Bernardi 2009).
    """
    V = np.log10(sigma_v)
    return 2.46 - 2.79 * V + 0.84 * V**2


def draw_axis_ratio(rng, sigma_v):
    """Draw axis ratios q with 1 - q Rayleigh of scale 0.378 - 0.000572 sigma_v, limited to q > 0.2 (Collett 2015).

    Parameters
    ----------
    rng : numpy.random.Generator
    sigma_v : array [n], km/s

    Returns
    -------
    array [n]
    """
    return rayleigh_axis_ratio(rng, 0.378 - 0.000572 * sigma_v)


def rayleigh_axis_ratio(rng, scale):
    """Draw axis ratios q with 1 - q Rayleigh, limited to q > 0.2 by inverse CDF.

    Parameters
    ----------
    rng : numpy.random.Generator
    scale : array [n]
        Scale of the Rayleigh law.

    Returns
    -------
    array [n]
    """
    most = -np.expm1(-((1 - SMALLEST_Q) ** 2) / (2 * scale**2))
    u = rng.uniform(size=np.shape(scale)) * most
    return 1 - scale * np.sqrt(-2 * np.log1p(-u))


def ellipticity(rng, q):
    """Ellipticity components (1-q)/(1+q) (cos 2 phi, sin 2 phi) with random position angles.

    Parameters
    ----------
    rng : numpy.random.Generator
    q : array [n]
        Axis ratios.

    Returns
    -------
    e1, e2 : array [n]
    """
    phi = rng.uniform(0, np.pi, size=np.shape(q))
    e = (1 - q) / (1 + q)
    return e * np.cos(2 * phi), e * np.sin(2 * phi)


def velocity_dispersion(M):
    """Mean velocity dispersion, array [n], km/s, at an absolute r magnitude ``M``, array [n] (Hyde & Bernardi 2009)."""
    return 10 ** (-2.97 - 0.37 * M - 0.006 * M**2)


def draw_shape(rng, sigma_v, z, wavelength):
    """Draw half-light radius and ellipticity of early types from their velocity dispersion.

    The size is that in r at rest. It changes with wavelength, since centres are redder.

    Parameters
    ----------
    rng : numpy.random.Generator
    sigma_v : array [n], km/s
    z : array [n]
        Redshift.
    wavelength : float, Angstrom
        Observed wavelength that the radius is for: the i band's.

    Returns
    -------
    dict of str to array [n]
        ``R_sersic`` (arcsec), ``size_gradient``, ``e1``, ``e2``.
    """
    size = 10 ** (log10_size(sigma_v) + rng.normal(0, SIZE_SCATTER, len(sigma_v)))
    size *= (wavelength / (1 + z) / REST_WAVELENGTH["r"]) ** SIZE_GRADIENT
    e1, e2 = ellipticity(rng, draw_axis_ratio(rng, sigma_v))
    R_sersic = size / 1e3 / angular_diameter_distance(z) * RAD_TO_ARCSEC
    return {"R_sersic": R_sersic, "size_gradient": np.full(len(R_sersic), SIZE_GRADIENT), "e1": e1, "e2": e2}


def slope_law():
    """Law of the logarithmic slopes gamma of the mass density of early-type galaxies: normal, 1.598 to 2.558.

    Returns
    -------
    scipy.stats.rv_frozen

    Source: Auger et al. 2010, ApJ 724, 511 (SLACS, 73 lenses): mean 2.078, intrinsic scatter 0.16.
    """
    return scipy.stats.truncnorm(-SLOPE_WITHIN, SLOPE_WITHIN, SLOPE, SLOPE_SCATTER)


def draw_slope(rng, n):
    """Draw slopes, array [n], from ``slope_law`` by inverse CDF; ``rng`` is a Generator, ``n`` an int."""
    return slope_law().ppf(rng.uniform(size=n))


def draw_deflector_light(rng, sigma_v, z, *, survey, bands):
    """Draw the light of deflectors: a de Vaucouleurs profile with size, luminosity and shape from sigma_v.

    Parameters
    ----------
    rng : numpy.random.Generator
    sigma_v : array [n], km/s
    z : array [n]
        Redshift.
    survey : Survey
    bands : sequence of str

    Returns
    -------
    dict of str to array [n]
        Columns ``lens_*`` of the catalogue.
    """
    n = len(sigma_v)
    M = absolute_magnitude_r(sigma_v) + rng.normal(0, LUMINOSITY_SCATTER, n)
    shape = draw_shape(rng, sigma_v, z, survey.bands["i"].wavelength)
    light = {f"lens_{name}": values for name, values in shape.items()}
    light["lens_n_sersic"] = np.full(n, 4.0)
    for band in bands:
        wavelength = survey.bands[band].wavelength
        light[f"lens_magnitude_{band}"] = M + apparent_minus_absolute(
            "E", z, wavelength=wavelength, reference=REST_WAVELENGTH["r"]
        )
    return light
