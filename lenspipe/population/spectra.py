"""Colours and k-corrections of galaxies from tabulated spectra (spectra.csv names their source)."""

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from lenspipe.population.cosmology import distance_modulus

REST_WAVELENGTH = {"r": 6200.0, "V": 5500.0, "UV": 1600.0}  # Angstrom


@cache
def _table():
    table = pd.read_csv(Path(__file__).with_name("spectra.csv"), comment="#")
    return {name: table[name].to_numpy() for name in table}


def rest_magnitude(template, wavelength):
    """AB magnitude of a template at rest wavelengths, zero at 6200 Angstrom.

    Parameters
    ----------
    template : str
        Column of ``spectra.csv``.
    wavelength : float or array [...], Angstrom

    Returns
    -------
    float or array [...], mag
    """
    table = _table()
    return np.interp(np.log(wavelength), np.log(table["wavelength"]), table[template])


def apparent_minus_absolute(template, z, *, wavelength, reference):
    """Apparent minus absolute magnitude, each at its wavelength: distance modulus + k-correction.

    A flux per frequency is brighter by 1 + z: k = m(lambda/(1+z)) - m(lambda_ref) - 2.5 log10(1+z).
    Source: Hogg et al. 2002, equation 8.

    Parameters
    ----------
    template : str
        Column of ``spectra.csv``.
    z : array [...]
        Redshift.
    wavelength : float, Angstrom
        Observed, of the apparent magnitude.
    reference : float, Angstrom
        At rest, of the absolute magnitude.

    Returns
    -------
    array [...], mag
    """
    k = rest_magnitude(template, wavelength / (1 + z)) - rest_magnitude(template, reference) - 2.5 * np.log10(1 + z)
    return distance_modulus(z) + k


def mixed_apparent_minus_absolute(mix, z, *, wavelength, reference, red="Scd", blue="Im"):
    """As ``apparent_minus_absolute``, for spectra between two templates, interpolated in magnitudes.

    Parameters
    ----------
    mix : array [...]
        0 at the red template, 1 at the blue one.
    z : array [...]
        Redshift.
    wavelength : float, Angstrom
        Observed, of the apparent magnitude.
    reference : float, Angstrom
        At rest, of the absolute magnitude.
    red, blue : str
        Templates, columns of ``spectra.csv``.

    Returns
    -------
    array [...], mag
    """
    ends = [apparent_minus_absolute(name, z, wavelength=wavelength, reference=reference) for name in (red, blue)]
    return ends[0] * (1 - mix) + ends[1] * mix
