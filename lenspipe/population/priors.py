"""Ranges that objects are drawn from, and the check that they are consistent."""

from dataclasses import dataclass

import numpy as np

from lenspipe.population.cosmology import redshift_at, theta_E_sis, transverse_distance
from lenspipe.surveys import Survey


@dataclass(frozen=True)
class Priors:
    """Ranges of the draws.

    Attributes
    ----------
    survey : Survey
    bands : tuple of str
    theta_E_min, theta_E_max : float, arcsec
    z_lens_min, z_lens_max : float
        Redshifts of deflectors.
    sigma_v_min, sigma_v_max : float, km/s
    shear : float
        Rms of the external shear.
    mass : str
        ``sie`` or ``epl``.
    z_source_max : float
        Highest redshift of sources.
    magnitude_i_min, magnitude_i_max : float, mag
        AB magnitudes of unlensed sources.
    clumpy : float
        Share of clumpy sources.
    num_pix : int
        Side of a stamp, pixels, which sets how far the field reaches.
    real : dict of str to array [n], optional
        Real galaxies of the objects of a batch: the columns of ``real_galaxies.measure_galaxies``, ``id``, ``z_lens``
        and ``sigma_v`` (km/s); None for fully simulated objects.
    """

    survey: Survey
    bands: tuple[str, ...]
    theta_E_min: float
    theta_E_max: float
    z_lens_min: float
    z_lens_max: float
    sigma_v_min: float
    sigma_v_max: float
    shear: float
    mass: str
    z_source_max: float
    magnitude_i_min: float
    magnitude_i_max: float
    clumpy: float
    num_pix: int
    real: dict[str, np.ndarray] | None = None


def z_lens_limit(theta_E, priors):
    """Highest z_lens at which theta_E can be reached.

    With D_ls/D_s = 1 - chi_l/chi_s (flat universe) and theta_E = theta_SIS(sigma_v) D_ls/D_s, the source at the
    highest redshift and the largest sigma_v give chi_l = (1 - theta_E / theta_SIS) chi_s.

    Parameters
    ----------
    theta_E : array [n], arcsec
    priors : Priors

    Returns
    -------
    array [n]
    """
    ratio = theta_E / theta_E_sis(priors.sigma_v_max)
    chi = (1 - ratio) * transverse_distance(priors.z_source_max)
    return redshift_at(chi).clip(max=priors.z_lens_max)


def z_source_limits(theta_E, z_lens, priors):
    """Source redshifts between which sigma_v stays in its range: the relation of ``z_lens_limit``, solved for chi_s.

    Parameters
    ----------
    theta_E : array [n], arcsec
    z_lens : array [n]
        Redshift.
    priors : Priors

    Returns
    -------
    low, high : array [n]
    """
    chi = transverse_distance(z_lens)
    least = theta_E / theta_E_sis(priors.sigma_v_max)
    most = (theta_E / theta_E_sis(priors.sigma_v_min)).clip(max=1 - 1e-9)
    farthest = transverse_distance(priors.z_source_max)
    low = (chi / (1 - least)).clip(max=farthest)
    high = (chi / (1 - most)).clip(max=farthest)
    return redshift_at(low), redshift_at(high)


def check_feasible(priors):
    """Check that every theta_E in the range can be reached.

    Parameters
    ----------
    priors : Priors

    Raises
    ------
    ValueError
        With one line that names the setting.
    """
    reach = theta_E_sis(priors.sigma_v_max) * (
        1 - transverse_distance(priors.z_lens_min) / transverse_distance(priors.z_source_max)
    )
    if priors.theta_E_max >= reach:
        raise ValueError(
            f"population.theta_E.max: {priors.theta_E_max:g} cannot be reached with sigma_v up to "
            f"{priors.sigma_v_max:g} km/s and sources up to z {priors.z_source_max:g}; make it smaller than {reach:.2f}"
        )
    if "i" not in priors.survey.bands:
        raise ValueError(f"survey: {priors.survey.name} has no i band, in which the magnitudes of sources are given")
