"""A deflector with an edge-on disc galaxy next to it: long, thin, and bluer than the deflector."""

import numpy as np

from lenspipe.population.components import slots_to_lists
from lenspipe.population.deflectors import ellipticity
from lenspipe.population.joint_prior import draw_deflectors
from lenspipe.population.kinds.deflector import survey_weight
from lenspipe.population.source_counts import draw_redshift
from lenspipe.population.sources import blue_magnitudes, draw_size

MAGNITUDE_I = (18.5, 22.0)  # the range that searches select
THICKNESS = (0.13, 0.29)  # axis ratios: mean 0.21 and range of Padilla & Strauss 2008
BULGE_FRACTION = (0.0, 0.3)  # of the light, in all bands
BULGE_SIZE = 0.2  # half-light radius in units of the disc's along its major axis
Z_MIN = 0.05


def draw(rng, n, priors):
    """Draw discs with random orientation; ``radius`` is the distance of their centres, flat over the range of theta_E.

    Magnitudes are flat, down to those of the brighter arcs. The half-light radius along the major axis is that of a
    face-on galaxy of this magnitude. The spectrum lies between Sbc and Scd, since dust reddens inclined discs.

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
    z = draw_redshift(rng, magnitude_i, Z_MIN, priors.z_source_max)
    magnitudes, M_r = blue_magnitudes(
        rng, magnitude_i, z, survey=priors.survey, bands=priors.bands, templates=("Sbc", "Scd")
    )
    q, length, bulge = rng.uniform(*THICKNESS, n), draw_size(rng, M_r, z), rng.uniform(*BULGE_FRACTION, n)
    e1, e2 = ellipticity(rng, q)
    place = {
        "profile": np.full(n, "sersic"),
        "center_x": rows["center_x"] + radius * np.cos(angle),
        "center_y": rows["center_y"] + radius * np.sin(angle),
    }
    zero = np.zeros(n)
    slots = []
    for share, shape in (
        (1 - bulge, {"R_sersic": length * np.sqrt(q), "n_sersic": np.ones(n), "e1": e1, "e2": e2}),
        (bulge, {"R_sersic": BULGE_SIZE * length, "n_sersic": np.full(n, 2.0), "e1": zero, "e2": zero}),
    ):
        light = {f"magnitude_{band}": values - 2.5 * np.log10(share) for band, values in magnitudes.items()}
        slots.append(place | shape | light)
    rows |= slots_to_lists("extra", slots, priors.bands)
    return rows | {"radius": radius, "weight": survey_weight(rows, priors)}
