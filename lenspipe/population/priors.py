"""The ranges that objects are drawn from, and whether they can be met."""

from dataclasses import dataclass

import numpy as np

from lenspipe.population.cosmology import redshift_at, theta_E_sis, transverse_distance
from lenspipe.surveys import Survey


@dataclass(frozen=True)
class Priors:
    """What the draws need to know. theta_E in arcsec, sigma_v in km/s, magnitude_i unlensed AB; shear is an rms,
    mass "sie" or "epl", clumpy a share of the sources.

    num_pix, the side of a stamp, says how far the field reaches. ``real`` holds the real galaxies of a batch's objects:
    columns of ``backgrounds.measure``, ``id``, ``z_lens`` and ``sigma_v``, each an array [n]; None where objects are
    simulated whole.
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
    """Highest z_lens from which theta_E can be reached.

    With D_ls/D_s = 1 - chi_l/chi_s (flat universe) and theta_E = theta_SIS(sigma_v) D_ls/D_s, the source at the
    highest redshift and the largest sigma_v give chi_l = (1 - theta_E / theta_SIS) chi_s.
    """
    ratio = theta_E / theta_E_sis(priors.sigma_v_max)
    chi = (1 - ratio) * transverse_distance(priors.z_source_max)
    return redshift_at(chi).clip(max=priors.z_lens_max)


def z_source_limits(theta_E, z_lens, priors):
    """Redshifts of a source between which sigma_v stays in its range; the same relation, solved for chi_s."""
    chi = transverse_distance(z_lens)
    least = theta_E / theta_E_sis(priors.sigma_v_max)
    most = (theta_E / theta_E_sis(priors.sigma_v_min)).clip(max=1 - 1e-9)
    farthest = transverse_distance(priors.z_source_max)
    low = (chi / (1 - least)).clip(max=farthest)
    high = (chi / (1 - most)).clip(max=farthest)
    return redshift_at(low), redshift_at(high)


def check_feasible(priors):
    """ValueError with one line if some theta_E in the range cannot be had."""
    reach = theta_E_sis(priors.sigma_v_max) * (
        1 - transverse_distance(priors.z_lens_min) / transverse_distance(priors.z_source_max)
    )
    if priors.theta_E_max >= reach:
        raise ValueError(
            f"population.theta_E.max: {priors.theta_E_max:g} cannot be reached with sigma_v up to "
            f"{priors.sigma_v_max:g} km/s and sources up to z {priors.z_source_max:g}; make it smaller than {reach:.2f}"
        )
    if "i" not in priors.survey.bands:
        raise ValueError(f"survey: {priors.survey.name} has no i band, which sources' magnitudes are given in")
