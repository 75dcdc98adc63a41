"""A deflector with a star of the Milky Way in front of or next to it."""

import numpy as np

from lenspipe.population.components import slots_to_lists
from lenspipe.population.joint_prior import draw_deflectors
from lenspipe.population.kinds.deflector import survey_weight
from lenspipe.population.stars import star_colours

MAGNITUDE_I = (18.0, 23.0)
G_MINUS_I = (0.4, 2.8)


def draw(rng, n, priors):
    """Draw pairs of a deflector and a star; ``radius`` is their separation, flat over the range of theta_E.

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
    angle = rng.uniform(0, 2 * np.pi, n)
    magnitude_i = rng.uniform(*MAGNITUDE_I, n)
    colours = star_colours(rng.uniform(*G_MINUS_I, n))
    star = {
        "profile": np.full(n, "point"),
        "center_x": rows["center_x"] + radius * np.cos(angle),
        "center_y": rows["center_y"] + radius * np.sin(angle),
    }
    star |= {f"magnitude_{band}": magnitude_i + colours[band] for band in priors.bands}
    rows |= slots_to_lists("extra", [star], priors.bands)
    return rows | {"radius": radius, "weight": survey_weight(rows, priors)}
