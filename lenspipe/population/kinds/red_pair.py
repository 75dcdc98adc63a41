"""Two early-type galaxies next to each other, at one redshift or, by chance, at two."""

import numpy as np

from lenspipe.population.components import slots_to_lists
from lenspipe.population.deflectors import draw_deflector_light
from lenspipe.population.joint_prior import draw_deflectors
from lenspipe.population.kinds.deflector import survey_weight

SIGMA_V = (0.6, 1.0)  # of the second galaxy, in units of the first one's
AT_ONE_REDSHIFT = 0.5  # share of the pairs


def draw(rng, n, priors):
    """Draw a deflector and a second galaxy; ``radius`` is their separation, flat over the range of theta_E.

    The second galaxy of a chance pair has a redshift that is flat in the range of deflectors. Early types are
    clustered, so that pairs at one redshift are common in spite of the small volume. Half of each shows both colours
    equally often.

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
    sigma_v = rows["sigma_v"] * rng.uniform(*SIGMA_V, n)
    by_chance = rng.uniform(priors.z_lens_min, priors.z_lens_max, n)
    z = np.where(rng.uniform(size=n) < AT_ONE_REDSHIFT, rows["z_lens"], by_chance)
    light = draw_deflector_light(rng, sigma_v, z, survey=priors.survey, bands=priors.bands)
    second = {name.removeprefix("lens_"): values for name, values in light.items()}
    second |= {
        "profile": np.full(n, "sersic"),
        "center_x": rows["center_x"] + radius * np.cos(angle),
        "center_y": rows["center_y"] + radius * np.sin(angle),
    }
    rows |= slots_to_lists("extra", [second], priors.bands)
    return rows | {"radius": radius, "weight": survey_weight(rows, priors)}
