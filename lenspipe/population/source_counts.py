"""Number of star-forming galaxies by magnitude and redshift, from their ultraviolet luminosity function.

Nothing here is fitted to counts, redshifts or lenses: all follows from the luminosity function and the spectra.
"""

from functools import cache

import numpy as np

from lenspipe.population.cosmology import RAD_TO_ARCSEC, volume_per_redshift
from lenspipe.population.spectra import REST_WAVELENGTH, mixed_apparent_minus_absolute

I_WAVELENGTH = 7827.0  # Angstrom, of the i magnitudes here: DECam's; the i filters of other surveys are within 4 %
MIXES = (
    np.arange(16) + 0.5
) / 16  # positions between the templates, equally frequent at a given ultraviolet luminosity
Z = np.linspace(0.01, 6.0, 600)  # of the tables
MAGNITUDE = np.arange(14.0, 30.05, 0.1)


def luminosity_function(M_UV, z):
    """Comoving density of galaxies at an absolute ultraviolet magnitude: a Schechter function.

    Its parameters are formulas of the redshift. Source: Bouwens et al. 2021, AJ 162, 47 (section 5; redshifts 0 to 10,
    below 2 from the literature that they compile).

    Parameters
    ----------
    M_UV : array [...], mag
        AB, at 1600 Angstrom, as observed: with dust.
    z : array [...]
        Redshift.

    Returns
    -------
    array [...], Mpc^-3 mag^-1
    """
    M_star = np.where(z < 2.46, -20.89 - 1.09 * (z - 2.46), -21.03 - 0.04 * (z - 6))
    phi_star = 0.40e-3 * 10 ** (-0.33 * (z - 6) - 0.024 * (z - 6) ** 2)
    alpha = -1.94 - 0.11 * (z - 6)
    L = 10 ** (-0.4 * (M_UV - M_star))
    return 0.4 * np.log(10) * phi_star * L ** (alpha + 1) * np.exp(-L)


def _densities(magnitude_i, z):
    """Comoving density, Mpc^-3 mag^-1, for each of ``MIXES`` along a new last axis."""
    magnitude_i, z = np.broadcast_arrays(magnitude_i, z)
    shift = mixed_apparent_minus_absolute(MIXES, z[..., None], wavelength=I_WAVELENGTH, reference=REST_WAVELENGTH["UV"])
    return luminosity_function(magnitude_i[..., None] - shift, z[..., None])


def source_density(magnitude_i, z):
    """Surface density of galaxies per magnitude and redshift.

    Parameters
    ----------
    magnitude_i : array [...], mag
    z : array [...]
        Redshift.

    Returns
    -------
    array [...], 1/(arcsec^2 mag)
    """
    return _densities(magnitude_i, z).mean(axis=-1) * volume_per_redshift(z) / RAD_TO_ARCSEC**2


def draw_mix(rng, magnitude_i, z):
    """Draw positions between the templates Scd (0) and Im (1) of galaxies, by inverse CDF.

    At a given ultraviolet luminosity all positions are equally frequent. At a given i magnitude the luminosity function
    favours red spectra, whose ultraviolet is fainter.

    Parameters
    ----------
    rng : numpy.random.Generator
    magnitude_i : array [n], mag
    z : array [n]
        Redshift.

    Returns
    -------
    array [n]
    """
    share = _densities(magnitude_i, z) + 1e-300  # avoid 0/0 beyond the brightest galaxies
    share = np.cumsum(share, axis=-1)
    share /= share[..., -1:]
    cell = (rng.uniform(size=len(share))[:, None] > share).sum(axis=-1)
    return (cell + rng.uniform(size=len(share))) / len(MIXES)


@cache
def _redshift_table():
    """Normalised densities in redshift at each magnitude, and their cumulative sums: [magnitude, z]."""
    density = source_density(MAGNITUDE[:, None], Z)
    cumulative = np.concatenate(
        [np.zeros((len(MAGNITUDE), 1)), np.cumsum((density[:, 1:] + density[:, :-1]) / 2, axis=1)], axis=1
    )
    total = cumulative[:, -1:]
    return density / total / (Z[1] - Z[0]), cumulative / total


def redshift_density_at(magnitude_i, z):
    """Redshift distribution of galaxies at an i magnitude, normalised over all z.

    Parameters
    ----------
    magnitude_i, z : array [n]

    Returns
    -------
    array [n]
    """
    row, share = _place(magnitude_i)
    table = _redshift_table()[0]
    column = np.clip((z - Z[0]) / (Z[1] - Z[0]), 0, len(Z) - 1 - 1e-9)
    k = column.astype(int)
    rows = [table[r, k] * (1 - column + k) + table[r, k + 1] * (column - k) for r in (row, row + 1)]
    return rows[0] * (1 - share) + rows[1] * share


def draw_redshift(rng, magnitude_i, z_min, z_max):
    """Draw redshifts of galaxies with given magnitudes, between limits, by inverse CDF.

    Parameters
    ----------
    rng : numpy.random.Generator
    magnitude_i : array [n], mag
    z_min, z_max : float or array [n]

    Returns
    -------
    array [n]
    """
    row, share = _place(magnitude_i)
    row = row + (
        rng.uniform(size=len(row)) < share
    )  # a mixture of neighbouring rows: the density is linear between them
    # Rows in sequence, each raised by its number, are one increasing function that np.interp can invert.
    steps = (_redshift_table()[1] + np.arange(len(MAGNITUDE))[:, None]).ravel()
    z = np.tile(Z, len(MAGNITUDE))
    places = np.arange(len(MAGNITUDE))[:, None] * (Z[-1] - Z[0]) + (Z - Z[0])
    low, high = (
        np.interp(row * (Z[-1] - Z[0]) + np.clip(end - Z[0], 1e-9, Z[-1] - Z[0] - 1e-9), places.ravel(), steps) - row
        for end in (z_min, z_max)
    )
    return np.interp(row + low + rng.uniform(size=len(row)) * (high - low), steps, z).clip(z_min, z_max)


def _place(magnitude_i):
    place = np.clip((np.asarray(magnitude_i) - MAGNITUDE[0]) / 0.1, 0, len(MAGNITUDE) - 1 - 1e-9)
    return place.astype(int), place - place.astype(int)


@cache
def _between(brightest_i, faintest_i):
    edges = np.linspace(brightest_i, faintest_i, 81)
    middle = (edges[1:] + edges[:-1]) / 2
    density = source_density(middle[:, None], Z).mean(axis=0)
    return density / (density.sum() * (Z[1] - Z[0]))


def redshift_density(z, brightest_i, faintest_i):
    """Redshift distribution of galaxies between two i magnitudes, normalised over all z.

    Parameters
    ----------
    z : array [n]
    brightest_i, faintest_i : float, mag

    Returns
    -------
    array [n]
    """
    return np.interp(z, Z, _between(brightest_i, faintest_i))
