"""Background sources and other faint blue galaxies: magnitudes, colours, sizes."""

import numpy as np

from lenspipe.population.cosmology import RAD_TO_ARCSEC, angular_diameter_distance
from lenspipe.population.deflectors import ellipticity, rayleigh_axis_ratio
from lenspipe.population.source_counts import draw_mix
from lenspipe.population.spectra import REST_WAVELENGTH, mixed_apparent_minus_absolute

PROPOSAL_SLOPE = 0.15  # dex per mag: half the slope of the counts, so that bright sources are not rare in training
BRIGHTEST_IN_SIZE_LAW = -22.0  # M_r; brighter galaxies get the size of this magnitude
SMALLEST_R_SERSIC = 0.05  # arcsec; smaller sources are indistinguishable at this resolution
SIZE_SCATTER = 0.35  # dex
AXIS_RATIO_SCALE = 0.3  # of the Rayleigh law of 1 - q


def blue_magnitudes(rng, magnitude_i, z, *, survey, bands, templates=None):
    """Apparent magnitudes of star-forming galaxies, and their absolute r magnitude (AB).

    By default the spectrum lies between the templates Scd and Im, with the law of the source counts. Between two other
    templates its position is uniform.

    Parameters
    ----------
    rng : numpy.random.Generator
    magnitude_i : array [n], mag
    z : array [n]
        Redshift.
    survey : Survey
    bands : sequence of str
    templates : (str, str), optional
        Red and blue template.

    Returns
    -------
    magnitudes : dict of str to array [n], mag
        By band.
    M_r : array [n], mag
    """
    mix = rng.uniform(size=len(z)) if templates else draw_mix(rng, magnitude_i, z)

    red, blue = templates or ("Scd", "Im")

    def shift(wavelength):
        return mixed_apparent_minus_absolute(
            mix, z, wavelength=wavelength, reference=REST_WAVELENGTH["r"], red=red, blue=blue
        )

    M_r = magnitude_i - shift(survey.bands["i"].wavelength)
    return {b: M_r + shift(survey.bands[b].wavelength) for b in bands}, M_r


def draw_size(rng, M_r, z):
    """Draw half-light radii: log10 R/kpc = -(M_r + 18)/4, times ((1+z)/1.6)^-1.2, scatter 0.35 dex (Collett 2015).

    The law is not followed beyond M_r = -22, where it would give discs of more than 10 kpc.

    Parameters
    ----------
    rng : numpy.random.Generator
    M_r : array [n], mag
        Absolute r magnitude.
    z : array [n]
        Redshift.

    Returns
    -------
    array [n], arcsec
    """
    log10_kpc = -(np.maximum(M_r, BRIGHTEST_IN_SIZE_LAW) + 18) / 4 + rng.normal(0, SIZE_SCATTER, len(z))
    kpc = 10**log10_kpc * ((1 + z) / 1.6) ** -1.2
    return np.maximum(kpc / 1e3 / angular_diameter_distance(z) * RAD_TO_ARCSEC, SMALLEST_R_SERSIC)


def draw_blue_galaxy(rng, magnitude_i, z, *, survey, bands):
    """Draw the light of faint blue galaxies: exponential discs.

    Parameters
    ----------
    rng : numpy.random.Generator
    magnitude_i : array [n], mag
    z : array [n]
        Redshift.
    survey : Survey
    bands : sequence of str

    Returns
    -------
    dict of str to array [n]
        ``R_sersic`` (arcsec), ``n_sersic``, ``e1``, ``e2``, ``M_r`` (absolute r magnitude) and ``magnitude_<band>``,
        also for i if it is none of the bands.
    """
    magnitudes, M_r = blue_magnitudes(rng, magnitude_i, z, survey=survey, bands=dict.fromkeys((*bands, "i")))
    R_sersic = draw_size(rng, M_r, z)
    e1, e2 = ellipticity(rng, rayleigh_axis_ratio(rng, np.full(len(z), AXIS_RATIO_SCALE)))
    light = {"R_sersic": R_sersic, "n_sersic": np.ones(len(z)), "e1": e1, "e2": e2, "M_r": M_r}
    return light | {f"magnitude_{band}": values for band, values in magnitudes.items()}


def draw_magnitude(rng, n, priors):
    """Draw i magnitudes of unlensed sources: density ~ 10^(0.15 i) in the range of the settings, by inverse CDF.

    Parameters
    ----------
    rng : numpy.random.Generator
    n : int
        Number of sources.
    priors : Priors

    Returns
    -------
    array [n], mag
    """
    low, high = (10 ** (PROPOSAL_SLOPE * m) for m in (priors.magnitude_i_min, priors.magnitude_i_max))
    return np.log10(low + rng.uniform(size=n) * (high - low)) / PROPOSAL_SLOPE


def magnitude_density(magnitude_i, priors):
    """Density of ``draw_magnitude``, array [n], per mag, at ``magnitude_i``, array [n], mag, for ``priors``, Priors."""
    low, high = (10 ** (PROPOSAL_SLOPE * m) for m in (priors.magnitude_i_min, priors.magnitude_i_max))
    return PROPOSAL_SLOPE * np.log(10) * 10 ** (PROPOSAL_SLOPE * magnitude_i) / (high - low)


def draw_magnified_magnitude(rng, n, priors, highest=20.0):
    """Draw i magnitudes of unlensed galaxies as bright as arcs: those of sources, brightened by a magnification.

    The magnification has the law of point sources behind any lens, p(mu) ~ mu^-3, from 2 (two images) to ``highest``.

    Parameters
    ----------
    rng : numpy.random.Generator
    n : int
        Number of galaxies.
    priors : Priors
    highest : float, optional

    Returns
    -------
    array [n], mag
    """
    magnitude = draw_magnitude(rng, n, priors)
    u = rng.uniform(size=n)
    mu = (2.0**-2 - u * (2.0**-2 - highest**-2)) ** -0.5
    return magnitude - 2.5 * np.log10(mu)
