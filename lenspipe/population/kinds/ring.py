"""A ring galaxy: a red spheroid inside a ring of young stars at the same redshift."""

import numpy as np

from lenspipe.population.components import slots_to_lists
from lenspipe.population.deflectors import ellipticity
from lenspipe.population.joint_prior import draw_deflectors
from lenspipe.population.kinds.deflector import survey_weight
from lenspipe.population.sources import blue_magnitudes, draw_magnified_magnitude

WIDTH = (0.08, 0.3)  # Gaussian sigma of the ring in units of its radius
AXIS_RATIO = (0.6, 1.0)


def draw(rng, n, priors):
    """Draw rings as bright as arcs; ``radius`` is that of the crest, flat over the range of theta_E.

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
    radius = rng.uniform(priors.theta_E_min, priors.theta_E_max, n)
    magnitude_i = draw_magnified_magnitude(rng, n, priors)
    magnitudes, _ = blue_magnitudes(rng, magnitude_i, rows["z_lens"], survey=priors.survey, bands=priors.bands)
    e1, e2 = ellipticity(rng, rng.uniform(*AXIS_RATIO, n))
    ring = {
        "profile": np.full(n, "ring"),
        "center_x": rows["center_x"],
        "center_y": rows["center_y"],
        "R_sersic": radius,
        "width": radius * rng.uniform(*WIDTH, n),
        "e1": e1,
        "e2": e2,
    }
    ring |= {f"magnitude_{band}": values for band, values in magnitudes.items()}
    rows |= slots_to_lists("extra", [ring], priors.bands)
    return rows | {"radius": radius, "weight": survey_weight(rows, priors)}
