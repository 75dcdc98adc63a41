"""Joint law of deflector and source redshift, shared by lenses and all non-lenses with a deflector.

Because the law is the same, no property of the deflector distinguishes lenses from non-lenses. theta_E is flat in its
range. The redshifts come from proposals near the survey's law, cut to what the range of sigma_v allows; sigma_v
follows. All draws are by inverse CDF, so that their density is known in closed form. The slope of the mass is
independent of the rest. Its law is the same in both priors, so that it is in no weight.
"""

from functools import cache, partial

import numpy as np
import scipy

from lenspipe.population.caustics import ISOTHERMAL
from lenspipe.population.cosmology import sigma_v_sis, volume_per_redshift
from lenspipe.population.deflectors import FOLLOWS_LIGHT, draw_deflector_light, draw_slope, velocity_dispersion_function
from lenspipe.population.painting import LARGEST_E, place_on_real_galaxies
from lenspipe.population.priors import z_lens_limit, z_source_limits
from lenspipe.rng import named_child_stream

LARGEST_SHEAR = 0.2  # upper limit of the external shear


@cache
def z_lens_proposal():
    """Proposal of z_lens, a scipy frozen law, near the survey's: the nearer, the more effective lenses after weighting.

    Returns
    -------
    scipy.stats.rv_frozen
    """
    return scipy.stats.gamma(3.2, scale=0.2)


@cache
def z_source_proposal():
    """Proposal of z_source, a scipy frozen law, near the survey's.

    Returns
    -------
    scipy.stats.rv_frozen
    """
    return scipy.stats.gamma(2.5, scale=0.8)


def draw_deflectors(rng, n, priors):
    """Draw deflectors with a real or hypothetical source redshift.

    Parameters
    ----------
    rng : numpy.random.Generator
    n : int
        Number of deflectors.
    priors : Priors

    Returns
    -------
    dict of str to array [n]
        ``theta_E_halo`` (arcsec), ``z_lens``, ``z_source``, ``sigma_v`` (km/s), ``e1``, ``e2``, ``gamma``, ``gamma1``,
        ``gamma2``, ``center_x``, ``center_y`` (arcsec), ``lens_*``.
    """
    theta_E = rng.uniform(priors.theta_E_min, priors.theta_E_max, n)
    z_lens = _between(z_lens_proposal(), rng, priors.z_lens_min, z_lens_limit(theta_E, priors))
    z_source = _between(z_source_proposal(), rng, *z_source_limits(theta_E, z_lens, priors))
    sigma_v = sigma_v_sis(theta_E, z_lens, z_source)
    light = draw_deflector_light(rng, sigma_v, z_lens, survey=priors.survey, bands=priors.bands)
    e = np.array([light["lens_e1"], light["lens_e2"]]) + rng.normal(0, FOLLOWS_LIGHT, (2, n))
    e *= np.minimum(1, LARGEST_E / np.hypot(*e))
    gamma = rng.normal(0, priors.shear / np.sqrt(2), (2, n))
    gamma *= np.minimum(1, LARGEST_SHEAR / np.maximum(np.hypot(*gamma), 1e-12))
    half = priors.survey.pixel_scale / 2
    center = rng.uniform(-half, half, (2, n))
    system = light | {
        "theta_E_halo": theta_E,
        "z_lens": z_lens,
        "z_source": z_source,
        "sigma_v": sigma_v,
        "e1": e[0],
        "e2": e[1],
        "gamma": np.full(n, ISOTHERMAL) if priors.mass == "sie" else draw_slope(named_child_stream(rng, "slope"), n),
        "gamma1": gamma[0],
        "gamma2": gamma[1],
        "center_x": center[0],
        "center_y": center[1],
    }
    if priors.real is None:
        return system
    return place_on_real_galaxies(rng, system, priors, partial(_between, z_source_proposal(), rng))


def proposal_density(theta_E, z_lens, z_source, priors):
    """Density of ``draw_deflectors`` in (theta_E, z_lens, z_source).

    Parameters
    ----------
    theta_E : array [n], arcsec
    z_lens, z_source : array [n]
        Redshifts.
    priors : Priors

    Returns
    -------
    array [n], 1/arcsec
    """
    lens = _density(z_lens_proposal(), z_lens, priors.z_lens_min, z_lens_limit(theta_E, priors))
    source = _density(z_source_proposal(), z_source, *z_source_limits(theta_E, z_lens, priors))
    return lens * source / (priors.theta_E_max - priors.theta_E_min)


def survey_density(theta_E, z_lens, z_source):
    """Deflectors per steradian, arcsec of theta_E and z_lens: dn/dsigma_v x dV/dz x |d sigma_v / d theta_E|.

    Parameters
    ----------
    theta_E : array [n], arcsec
    z_lens, z_source : array [n]
        Redshifts.

    Returns
    -------
    array [n], 1/(steradian arcsec)
    """
    sigma_v = sigma_v_sis(theta_E, z_lens, z_source)
    return velocity_dispersion_function(sigma_v, z_lens) * volume_per_redshift(z_lens) * sigma_v / (2 * theta_E)


def _between(law, rng, low, high):
    a, b = law.cdf(low), law.cdf(high)
    return law.ppf(a + rng.uniform(size=np.shape(high)) * (b - a)).clip(low, high)


def _density(law, z, low, high):
    return law.pdf(z) / (law.cdf(high) - law.cdf(low))
