"""A deflector with four to eight satellites, as red as itself: the centre of a group of galaxies."""

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
    """Draw satellites at the deflector's redshift; ``radius`` is the distance of the brightest.

    Distances are flat: over the range of theta_E for the brightest, up to 6 arcsec for the rest. This is a surface
    density ~ 1/r, as luminous red galaxies have about each other down to 10 kpc (Masjedi et al. 2006, xi ~ r^-2 in
    space).

    Parameters
    ----------
    rng : numpy.random.Generator
    n : int
        Number of objects.
    priors : Priors

    Returns
    -------
    dict of str to array [n]
        Columns of the catalogue.
    """
    rows = draw_deflectors(rng, n, priors)
    number = rng.integers(FEWEST, MOST + 1, n)
    present = np.arange(MOST) < number[:, None]
    luminosity = np.where(present, draw_luminosity(rng, (n, MOST)), 0)
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
    rows |= slots_to_lists("extra", slots, priors.bands, present)
    return rows | {"radius": distance[:, 0], "weight": survey_weight(rows, priors)}


def draw_luminosity(rng, shape):
    """Draw luminosities of satellites over that of the central, from ``FAINTEST`` to 1, by inverse CDF from a table.

    Per ln L they are ~ exp(-(L / L_s)^2) with log10 L_s = log10 L_c - 0.25, the form and knee that Yang, Mo & van den
    Bosch 2008 give for groups of SDSS, with equal numbers per ln L at the faint end.

    Parameters
    ----------
    rng : numpy.random.Generator
    shape : tuple of int

    Returns
    -------
    array [shape]
    """
    table = np.geomspace(FAINTEST, 1, 400)
    below = luminosity_cdf(table)
    return np.exp(np.interp(rng.uniform(size=shape), below, np.log(table)))


def luminosity_cdf(luminosity):
    """Cumulative distribution, array [n], of ``draw_luminosity`` at a ``luminosity``, array [n].

    With s = (L / L_s)^2 the integral of exp(-s) d ln s is an exponential integral.
    """
    low, middle, high = (exp1((L / KNEE) ** 2) for L in (FAINTEST, luminosity, 1.0))
    return (low - middle) / (low - high)


def draw_satellite_light(rng, central, luminosity, priors):
    """Draw the light of satellites: the colours of the central, size and shape from the matching velocity dispersion.

    Parameters
    ----------
    rng : numpy.random.Generator
    central : dict of str to array [n]
        ``sigma_v`` (km/s), ``z_lens``, ``lens_magnitude_<band>``.
    luminosity : array [n]
        Over that of the central.
    priors : Priors

    Returns
    -------
    dict of str to array [n]
        ``profile``, ``R_sersic`` (arcsec), ``n_sersic``, ``e1``, ``e2``, ``magnitude_<band>``.
    """
    fainter = -2.5 * np.log10(luminosity)
    sigma_v = velocity_dispersion(absolute_magnitude_r(central["sigma_v"]) + fainter)
    light = draw_shape(rng, sigma_v, central["z_lens"], priors.survey.bands["i"].wavelength)
    light |= {"profile": np.full(len(fainter), "sersic"), "n_sersic": rng.uniform(*N_SERSIC, len(fainter))}
    return light | {f"magnitude_{band}": central[f"lens_magnitude_{band}"] + fainter for band in priors.bands}
