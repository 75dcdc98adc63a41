"""A deflector with one to three unlensed blue galaxies around it, as bright as arcs."""

import numpy as np

from lenspipe.population.components import slots_to_lists
from lenspipe.population.joint_prior import draw_deflectors
from lenspipe.population.kinds.deflector import survey_weight
from lenspipe.population.source_counts import draw_redshift
from lenspipe.population.sources import draw_blue_galaxy, draw_magnified_magnitude

MOST = 3
NEAREST, FARTHEST = 0.5, 2.5  # in units of theta_E_halo
Z_MIN = 0.05


def draw(rng, n, priors):
    """Draw companions at 0.5 to 2.5 theta_E_halo in random directions; ``radius`` is the distance of the brightest.

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
    number = rng.integers(1, MOST + 1, n)
    slots, distances, magnitudes = [], [], []
    for _ in range(MOST):
        distance = rng.uniform(NEAREST, FARTHEST, n) * rows["theta_E_halo"]
        angle = rng.uniform(0, 2 * np.pi, n)
        magnitude_i = draw_magnified_magnitude(rng, n, priors)
        z = draw_redshift(rng, magnitude_i, Z_MIN, priors.z_source_max)
        light = draw_blue_galaxy(rng, magnitude_i, z, survey=priors.survey, bands=priors.bands)
        light["center_x"] = rows["center_x"] + distance * np.cos(angle)
        light["center_y"] = rows["center_y"] + distance * np.sin(angle)
        light["profile"] = np.full(n, "sersic")
        slots.append(light)
        distances.append(distance)
        magnitudes.append(magnitude_i)
    present = np.arange(MOST) < number[:, None]
    brightest = np.where(present, np.transpose(magnitudes), np.inf).argmin(axis=1)
    radius = np.transpose(distances)[np.arange(n), brightest]
    rows |= slots_to_lists("extra", slots, priors.bands, present)
    return rows | {"radius": radius, "weight": survey_weight(rows, priors)}
