"""A deflector with one to three unlensed blue galaxies around it, as bright as arcs."""

import numpy as np

from lenspipe.population.kinds.deflector import survey_weight
from lenspipe.population.sources import draw_blue_galaxy, draw_magnified_magnitude, draw_redshift
from lenspipe.population.systems import draw_systems

NEAREST, FARTHEST = 0.5, 2.5  # in units of theta_E_halo
Z_MIN = 0.05


def draw(rng, n, priors):
    """Companions at 0.5 to 2.5 theta_E_halo in random directions; radius is the distance of the brightest."""
    rows = draw_systems(rng, n, priors)
    number = rng.integers(1, 4, n)
    brightest = np.full(n, np.inf)
    radius = np.zeros(n)
    for k in (1, 2, 3):
        distance = rng.uniform(NEAREST, FARTHEST, n) * rows["theta_E_halo"]
        angle = rng.uniform(0, 2 * np.pi, n)
        magnitude_i = draw_magnified_magnitude(rng, n, priors)
        z = draw_redshift(rng, magnitude_i, Z_MIN, priors.z_source_max)
        light = draw_blue_galaxy(rng, magnitude_i, z, priors.survey, priors.bands)
        there = number >= k
        light["center_x"] = rows["center_x"] + distance * np.cos(angle)
        light["center_y"] = rows["center_y"] + distance * np.sin(angle)
        rows |= {f"extra{k}_{name}": np.where(there, values, np.nan) for name, values in light.items()}
        rows[f"extra{k}_profile"] = np.where(there, "sersic", "")
        first = there & (magnitude_i < brightest)
        brightest[first], radius[first] = magnitude_i[first], distance[first]
    return rows | {"radius": radius, "weight": survey_weight(rows, priors)}
