"""Two merging galaxies, each with a tidal tail that curves around the other."""

import numpy as np

from lenspipe.population.components import slots_to_lists
from lenspipe.population.deflectors import ellipticity
from lenspipe.population.sources import blue_magnitudes

Z = (0.05, 0.5)
MAGNITUDE_I = (18.5, 22.0)  # of both galaxies with their tails: the range that searches select
LIGHT_RATIO = (0.25, 1.0)  # of the galaxies: major mergers, which have long tails
IN_TAIL = (0.15, 0.4)  # share of a galaxy's light that is in its tail
SEPARATION = (0.5, 1.0)  # of the nuclei, in units of the tails' radius
SIZE = (0.15, 0.35)  # half-light radius of a galaxy in the same unit: small enough that the tail is visible
N_SERSIC = (1.0, 3.0)
AXIS_RATIO = (0.5, 1.0)
WIDTH = (0.08, 0.2)  # Gaussian sigma of a tail, in the same unit
OPENING = (0.6, 1.6)  # rad, from a tail's brightest point to either end
BEHIND = 0.6  # angle from its nucleus to a tail's brightest point, in units of the opening


def draw(rng, n, priors):
    """Draw mergers, each law flat; ``radius`` is that of the tails, flat over the range of theta_E.

    A tail is an arc of a circle around the other galaxy. Both tails have the same sense of rotation, as tides have it
    (Toomre & Toomre 1972). A galaxy and its tail have one spectrum, between Sbc and Im. Mergers are no deflectors:
    sigma_v, z_source and theta_E_halo are not set, and no survey law gives a weight.

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
    z = rng.uniform(*Z, n)
    total, ratio = rng.uniform(*MAGNITUDE_I, n), rng.uniform(*LIGHT_RATIO, n)
    radius = rng.uniform(priors.theta_E_min, priors.theta_E_max, n)
    angle, sense = rng.uniform(0, 2 * np.pi, n), rng.choice([-1, 1], n)
    half = priors.survey.pixel_scale / 2
    first = rng.uniform(-half, half, (2, n))
    second = first + rng.uniform(*SEPARATION, n) * radius * np.array([np.cos(angle), np.sin(angle)])
    slots = []
    for place, centre, direction, share in (
        (first, second, angle + np.pi, 1 / (1 + ratio)),
        (second, first, angle, ratio / (1 + ratio)),
    ):
        magnitude_i, in_tail = total - 2.5 * np.log10(share), rng.uniform(*IN_TAIL, n)
        magnitudes, _ = blue_magnitudes(
            rng, magnitude_i, z, survey=priors.survey, bands=priors.bands, templates=("Sbc", "Im")
        )
        slots.append(draw_body(rng, radius, place) | magnitudes_of_share(magnitudes, 1 - in_tail))
        slots.append(
            draw_tail(rng, radius, centre=centre, direction=direction, sense=sense)
            | magnitudes_of_share(magnitudes, in_tail)
        )
    rows = {f"lens_{name}": slots[0][name] for name in slots[0] if name != "profile" and not name.startswith("center")}
    rows |= {"z_lens": z, "center_x": first[0], "center_y": first[1], "radius": radius}
    return rows | slots_to_lists("extra", slots[1:], priors.bands)


def magnitudes_of_share(magnitudes, share):
    """Magnitudes of a share of the light.

    Parameters
    ----------
    magnitudes : dict of str to array [n], mag
        By band.
    share : array [n]

    Returns
    -------
    dict of str to array [n], mag
        ``magnitude_<band>``.
    """
    return {f"magnitude_{band}": values - 2.5 * np.log10(share) for band, values in magnitudes.items()}


def draw_body(rng, radius, place):
    """Draw the shape of a galaxy without its tail.

    Parameters
    ----------
    rng : numpy.random.Generator
    radius : array [n], arcsec
        Of the tails.
    place : array [2, n], arcsec
        Centre of the galaxy.

    Returns
    -------
    dict of str to array [n]
        ``profile``, ``center_x``, ``center_y``, ``R_sersic`` (arcsec), ``n_sersic``, ``e1``, ``e2``.
    """
    n = len(radius)
    e1, e2 = ellipticity(rng, rng.uniform(*AXIS_RATIO, n))
    shape = {"R_sersic": radius * rng.uniform(*SIZE, n), "n_sersic": rng.uniform(*N_SERSIC, n), "e1": e1, "e2": e2}
    return {"profile": np.full(n, "sersic"), "center_x": place[0], "center_y": place[1]} | shape


def draw_tail(rng, radius, *, centre, direction, sense):
    """Draw a tail that starts near a galaxy and curves around a centre.

    Parameters
    ----------
    rng : numpy.random.Generator
    radius : array [n], arcsec
        Of the tail.
    centre : array [2, n], arcsec
        Centre of the circle.
    direction : array [n], rad
        Direction from the centre to the galaxy that the tail belongs to.
    sense : array [n]
        Sense of rotation, 1 or -1.

    Returns
    -------
    dict of str to array [n]
        ``profile``, ``center_x``, ``center_y``, ``R_sersic``, ``width`` (arcsec), ``e1``, ``e2``, ``opening``,
        ``phase`` (rad).
    """
    n = len(radius)
    opening = rng.uniform(*OPENING, n)
    return {
        "profile": np.full(n, "tail"),
        "center_x": centre[0],
        "center_y": centre[1],
        "R_sersic": radius,
        "width": radius * rng.uniform(*WIDTH, n),
        "e1": np.zeros(n),
        "e2": np.zeros(n),
        "opening": opening,
        "phase": direction + sense * BEHIND * opening,
    }
