"""A deflector with four to eight satellites, as red as itself: the middle of a group of galaxies."""

import numpy as np
from scipy.special import exp1

from lenspipe.population.components import slots_to_lists
from lenspipe.population.deflectors import absolute_magnitude_r, draw_shape, velocity_dispersion
from lenspipe.population.joint_prior import draw_deflectors
from lenspipe.population.kinds.deflector import survey_weight

FEWEST, MOST = 4, 8
FARTHEST = 6.0  # arcsec: half of a stamp of 45 pixels
KNEE = 10**-0.25  # of the satellites' luminosity function, in units of the central's luminosity
FAINTEST = 0.03  # luminosity in the same unit
N_SERSIC = (2.0, 4.0)


def draw(rng, n, priors):
    """Satellites at the deflector's redshift; radius is the distance of the brightest, flat over theta_E's range.

    Distances are flat, the brightest's over theta_E's range and the others' to 6 arcsec: a surface density ~ 1/r, which
    luminous red galaxies have about each other down to 10 kpc (Masjedi et al. 2006, xi ~ r^-2 in space).
    """
    rows = draw_deflectors(rng, n, priors)
    number = rng.integers(FEWEST, MOST + 1, n)
    there = np.arange(MOST) < number[:, None]
    luminosity = np.where(there, draw_luminosity(rng, (n, MOST)), 0)
    luminosity = -np.sort(-luminosity, axis=1)
    farthest = [priors.theta_E_max] + [max(FARTHEST, priors.theta_E_max)] * (MOST - 1)
    distance = rng.uniform(priors.theta_E_min, farthest, (n, MOST))
    angle = rng.uniform(0, 2 * np.pi, (n, MOST))
    slots = []
    for k in range(MOST):
        light = draw_satellite_light(rng, rows, np.maximum(luminosity[:, k], FAINTEST), priors)
        light["center_x"] = rows["center_x"] + distance[:, k] * np.cos(angle[:, k])
        light["center_y"] = rows["center_y"] + distance[:, k] * np.sin(angle[:, k])
        slots.append(light)
    rows |= slots_to_lists("extra", slots, priors.bands, there)
    return rows | {"radius": distance[:, 0], "weight": survey_weight(rows, priors)}


def draw_luminosity(rng, shape):
    """Luminosities of satellites over their central's, between ``FAINTEST`` and 1, by inverse CDF from a table.

    Per ln L they are ~ exp(-(L / L_s)^2) with log10 L_s = log10 L_c - 0.25, the form and knee that Yang, Mo & van den
    Bosch 2008 give for groups of SDSS, with equal numbers per ln L at the faint end.
    """
    table = np.geomspace(FAINTEST, 1, 400)
    below = luminosity_cdf(table)
    return np.exp(np.interp(rng.uniform(size=shape), below, np.log(table)))


def luminosity_cdf(luminosity):
    """Of ``draw_luminosity``: with s = (L / L_s)^2 the integral of exp(-s) d ln s is an exponential integral."""
    low, here, high = (exp1((L / KNEE) ** 2) for L in (FAINTEST, luminosity, 1.0))
    return (low - here) / (low - high)


def draw_satellite_light(rng, central, luminosity, priors):
    """Light of early types with their central's colours: size and shape from the velocity dispersion that fits them."""
    fainter = -2.5 * np.log10(luminosity)
    sigma_v = velocity_dispersion(absolute_magnitude_r(central["sigma_v"]) + fainter)
    light = draw_shape(rng, sigma_v, central["z_lens"], priors.survey.bands["i"].wavelength)
    light |= {"profile": np.full(len(fainter), "sersic"), "n_sersic": rng.uniform(*N_SERSIC, len(fainter))}
    return light | {f"magnitude_{band}": central[f"lens_magnitude_{band}"] + fainter for band in priors.bands}
