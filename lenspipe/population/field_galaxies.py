"""Field galaxies of all types: counts per magnitude, types, redshifts, colours, sizes, shapes."""

from functools import cache

import numpy as np

from lenspipe.population.cosmology import RAD_TO_ARCSEC, angular_diameter_distance
from lenspipe.population.deflectors import ellipticity, rayleigh_axis_ratio
from lenspipe.population.sources import AXIS_RATIO_SCALE, SMALLEST_R_SERSIC
from lenspipe.population.spectra import REST_WAVELENGTH, apparent_minus_absolute

# log10 of galaxies per square degree and mag, i 19.25, 19.75, ...: Weaver et al. 2022, ApJS 258, 11, table 2 (COSMOS,
# The Farmer).
COUNTS = np.array([3.01, 3.23, 3.44, 3.64, 3.85, 4.03, 4.21, 4.38, 4.54, 4.71, 4.86, 4.97, 5.08, 5.20, 5.29, 5.35])
MAGNITUDE = 19.25 + 0.5 * np.arange(len(COUNTS))
# dex per mag at brighter magnitudes: meets 92 galaxies per square degree with r < 17.77 (Strauss et al. 2002, SDSS).
BRIGHT_SLOPE = 0.5

# Types: share at i 20, its decrease per mag (natural log), and a, z0, k of z^a exp(-(z/z_m)^a), z_m = z0 + k (i - 20).
# Source: Benitez 2000, ApJ 536, 571, table 1 (Hubble Deep Field North and CFRS).
TYPES = {
    "early": (0.35, 0.147, 2.46, 0.431, 0.0913),
    "spiral": (0.50, 0.450, 1.81, 0.390, 0.0636),
    "irregular": (None, None, 0.91, 0.063, 0.123),
}
BRIGHTEST_IN_TYPES = 20.0
NEAREST, FARTHEST = 0.02, 5.0  # redshifts
SPECTRA = ("E", "Sbc", "Scd", "Im")
PLACES = {"early": (0.0, 0.3), "spiral": (1.0, 2.0), "irregular": (2.0, 3.0)}  # range of a type's spectra along SPECTRA
SIZE_SCATTER = 0.15  # dex, of early types at a given luminosity
# Late types: Shen et al. 2003, MNRAS 343, 978, table 1 (equations 15, 16, 14); evolution at a mass: van der Wel et al.
# 2014, ApJ 788, 28.
ALPHA, BETA, GAMMA, M0 = 0.21, 0.53, -1.31, -20.52
SCATTER_FAINT, SCATTER_BRIGHT = 0.48, 0.25  # of ln R
SHRINKING = -0.75  # power of 1 + z
EARLY_AXIS_RATIO_SCALE = 0.25


def galaxy_counts(magnitude_i):
    """Number counts of galaxies, array [n], per square degree and mag, at ``magnitude_i``, array [n], AB mag."""
    bright = COUNTS[0] + BRIGHT_SLOPE * (magnitude_i - MAGNITUDE[0])
    return 10 ** np.where(magnitude_i < MAGNITUDE[0], bright, np.interp(magnitude_i, MAGNITUDE, COUNTS))


@cache
def _cumulative(brightest, faintest):
    edges = np.linspace(brightest, faintest, int(np.ceil((faintest - brightest) / 0.02)) + 1)
    per_step = galaxy_counts((edges[1:] + edges[:-1]) / 2) * np.diff(edges)
    return edges, np.concatenate([[0], np.cumsum(per_step)])


def galaxy_density(brightest, faintest):
    """Density of galaxies, float, per square degree, between the i magnitudes ``brightest`` and ``faintest``, float."""
    return _cumulative(brightest, faintest)[1][-1]


def draw_galaxy_magnitude(rng, n, brightest, faintest):
    """Draw i magnitudes from the counts, by inverse CDF.

    Parameters
    ----------
    rng : numpy.random.Generator
    n : int
        Number of galaxies.
    brightest, faintest : float, i mag

    Returns
    -------
    array [n], i mag
    """
    edges, below = _cumulative(brightest, faintest)
    return np.interp(rng.uniform(0, below[-1], n), below, edges)


def type_shares(magnitude_i):
    """Shares of ``TYPES``, array [type, n], at ``magnitude_i``, array [n]; brighter than i 20 they are constant."""
    fainter = np.maximum(magnitude_i - BRIGHTEST_IN_TYPES, 0)
    early, spiral = (f * np.exp(-k * fainter) for f, k, *_ in list(TYPES.values())[:2])
    return np.stack([early, spiral, 1 - early - spiral])


def redshift_scale(kind, magnitude_i):
    """Redshift scale z_m of a type.

    Brighter than i 20 it decreases as the distance of a fixed luminosity does, 10^(0.2 (i - 20)).

    Parameters
    ----------
    kind : str
        One of ``TYPES``.
    magnitude_i : array [n], mag

    Returns
    -------
    array [n]
    """
    *_, z0, k = TYPES[kind]
    fainter = magnitude_i - BRIGHTEST_IN_TYPES
    return np.where(fainter > 0, z0 + k * np.maximum(fainter, 0), z0 * 10 ** (0.2 * fainter))


def draw_galaxy_redshift(rng, kind, magnitude_i):
    """Draw redshifts of a type: (z/z_m)^a follows a gamma law of shape (a + 1)/a.

    Parameters
    ----------
    rng : numpy.random.Generator
    kind : str
        One of ``TYPES``.
    magnitude_i : array [n], mag

    Returns
    -------
    array [n]
    """
    a = TYPES[kind][2]
    t = rng.gamma((a + 1) / a, size=len(magnitude_i))
    return (redshift_scale(kind, magnitude_i) * t ** (1 / a)).clip(NEAREST, FARTHEST)


def draw_galaxies(rng, magnitude_i, survey, bands):
    """Draw the light of galaxies with given i magnitudes.

    Parameters
    ----------
    rng : numpy.random.Generator
    magnitude_i : array [n], mag
    survey : Survey
    bands : sequence of str

    Returns
    -------
    dict of str to array [n]
        ``profile``, ``R_sersic`` (arcsec), ``n_sersic``, ``e1``, ``e2``, ``magnitude_<band>``.
    """
    below = np.cumsum(type_shares(magnitude_i), axis=0)
    type_number = (rng.uniform(size=len(magnitude_i)) > below[:-1]).sum(axis=0)
    z = np.empty(len(magnitude_i))
    for number, kind in enumerate(TYPES):
        z[type_number == number] = draw_galaxy_redshift(rng, kind, magnitude_i[type_number == number])
    return draw_galaxy_light(rng, type_number, z=z, magnitude_i=magnitude_i, survey=survey, bands=bands)


def draw_galaxy_light(rng, type_number, *, z, magnitude_i, survey, bands):
    """Draw the light of galaxies with given types, redshifts and i magnitudes.

    Early types: n = 4, radius from the absolute r magnitude M, log10 R/kpc = 4.72 + 0.63 M + 0.02 M^2 (Hyde & Bernardi
    2009). Other types: discs, n = 1, with the shapes of sources. ``PLACES`` gives the spectra that a type lies between.

    Parameters
    ----------
    rng : numpy.random.Generator
    type_number : int array [n]
        Number of the type in ``TYPES``.
    z : array [n]
        Redshift.
    magnitude_i : array [n], mag
    survey : Survey
    bands : sequence of str

    Returns
    -------
    dict of str to array [n]
        ``profile``, ``R_sersic`` (arcsec), ``n_sersic``, ``e1``, ``e2``, ``magnitude_<band>``.
    """
    n = len(z)
    low, high = np.array(list(PLACES.values())).T[:, type_number]
    place = rng.uniform(low, high)
    shift = magnitude_shifts(place, z, {band: survey.bands[band].wavelength for band in {*bands, "i"}})
    early = type_number == 0
    kpc = 10 ** (size_of_early_types(magnitude_i - shift["i"]) + rng.normal(0, SIZE_SCATTER, n))
    R_sersic = np.maximum(kpc / 1e3 / angular_diameter_distance(z) * RAD_TO_ARCSEC, SMALLEST_R_SERSIC)
    R_sersic = np.where(early, R_sersic, draw_size_of_late_types(rng, magnitude_i - shift["i"], z))
    q = rayleigh_axis_ratio(rng, np.where(early, EARLY_AXIS_RATIO_SCALE, AXIS_RATIO_SCALE))
    e1, e2 = ellipticity(rng, q)
    light = {
        "profile": np.full(n, "sersic"),
        "R_sersic": R_sersic,
        "n_sersic": np.where(early, 4.0, 1.0),
        "e1": e1,
        "e2": e2,
    }
    return light | {f"magnitude_{b}": magnitude_i + shift[b] - shift["i"] for b in bands}


def draw_size_of_late_types(rng, M, z):
    """Draw half-light radii: log-normal about -0.4 a M + (b - a) log10(1 + L) + c, L = 10^(-0.4 (M - M0)).

    The scatter of ln R falls from 0.48 to 0.25: s2 + (s1 - s2) / (1 + L^2).

    Parameters
    ----------
    rng : numpy.random.Generator
    M : array [n], mag
        Absolute r magnitude.
    z : array [n]
        Redshift.

    Returns
    -------
    array [n], arcsec
    """
    L = 10 ** (-0.4 * (M - M0))
    scatter = SCATTER_BRIGHT + (SCATTER_FAINT - SCATTER_BRIGHT) / (1 + L**2)
    kpc = 10 ** (-0.4 * ALPHA * M + (BETA - ALPHA) * np.log10(1 + L) + GAMMA) * np.exp(
        scatter * rng.normal(size=len(z))
    )
    return np.maximum(
        kpc * (1 + z) ** SHRINKING / 1e3 / angular_diameter_distance(z) * RAD_TO_ARCSEC, SMALLEST_R_SERSIC
    )


def size_of_early_types(M):
    """Mean log10 of the half-light radius/kpc, array [n], at an absolute r magnitude ``M``, array [n].

    4.72 + 0.63 M + 0.02 M^2 (Hyde & Bernardi 2009). Fainter than the minimum of the parabola, at M = -15.75, it is
    constant.
    """
    M = np.minimum(M, -0.63 / 0.04)
    return 4.72 + 0.63 * M + 0.02 * M**2


def magnitude_shifts(place, z, wavelengths):
    """Apparent minus absolute r magnitudes of spectra at positions along ``SPECTRA``.

    Parameters
    ----------
    place : array [n]
        0 for the first spectrum, 1.5 for the mean magnitude of the second and third.
    z : array [n]
        Redshift.
    wavelengths : dict of str to float, Angstrom
        Observed wavelengths by name.

    Returns
    -------
    dict of str to array [n], mag
        By name of the wavelength.
    """
    parts = [np.clip(1 - np.abs(place - k), 0, 1) for k in range(len(SPECTRA))]

    def mixed(wavelength):
        shifts = (
            apparent_minus_absolute(name, z, wavelength=wavelength, reference=REST_WAVELENGTH["r"]) for name in SPECTRA
        )
        return sum(part * one for part, one in zip(parts, shifts, strict=True))

    return {name: mixed(wavelength) for name, wavelength in wavelengths.items()}
