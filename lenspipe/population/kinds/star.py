"""A deflector with a star of our own galaxy in front of or beside it."""

import numpy as np

from lenspipe.population.components import listed
from lenspipe.population.kinds.deflector import survey_weight
from lenspipe.population.systems import draw_systems

MAGNITUDE_I = (18.0, 23.0)
G_MINUS_I = (0.4, 2.8)
BANDS = ("g", "r", "i", "z")  # that the locus has colours in
# The stellar locus: g-i, and at it g-r, r-i, i-z. Read off the median locus of Covey et al. 2007, table 3, rounded.
LOCUS = np.array(
    [
        [0.4, 0.32, 0.08, 0.01],
        [0.7, 0.52, 0.18, 0.07],
        [1.0, 0.74, 0.26, 0.12],
        [1.5, 1.11, 0.39, 0.21],
        [2.0, 1.37, 0.63, 0.35],
        [2.5, 1.43, 1.07, 0.58],
        [2.8, 1.45, 1.35, 0.74],
    ]
)


def star_colours(g_minus_i):
    """Colours relative to i, as a dict of band to band - i (AB)."""
    r_i, i_z = (np.interp(g_minus_i, LOCUS[:, 0], LOCUS[:, k]) for k in (2, 3))
    return {"g": g_minus_i, "r": r_i, "i": np.zeros_like(g_minus_i), "z": -i_z}


def draw(rng, n, priors):
    """Star-galaxy pairs; radius is their separation, flat over theta_E's range."""
    rows = draw_systems(rng, n, priors)
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
    rows |= listed("extra", [star], priors.bands)
    return rows | {"radius": radius, "weight": survey_weight(rows, priors)}
