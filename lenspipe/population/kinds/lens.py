"""A strong lens: an early-type galaxy with a multiply imaged faint blue galaxy behind it."""

import numpy as np

from lenspipe.population.clumps import draw_parts, part_columns, total_magnification
from lenspipe.population.joint_prior import draw_deflectors, proposal_density, survey_density
from lenspipe.population.source_counts import source_density
from lenspipe.population.source_regions import draw_in_region, region_area, region_radius
from lenspipe.population.sources import draw_blue_galaxy, draw_magnitude, magnitude_density
from lenspipe.rng import child_stream


def draw(rng, n, priors):
    """Draw lenses; the source is uniform over the region of multiple images.

    ``weight`` is the survey's density over the training density in (theta_E, z_lens, z_source, i magnitude). The area
    of the region, over which the position is uniform, enters once, as the cross-section.

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
    system = draw_deflectors(rng, n, priors)
    theta_E, z_lens, z_source = (system[name] for name in ("theta_E_halo", "z_lens", "z_source"))
    magnitude_i = draw_magnitude(rng, n, priors)
    source = draw_blue_galaxy(rng, magnitude_i, z_source, survey=priors.survey, bands=priors.bands)
    parts = draw_parts(child_stream(rng), source, z_source, priors)
    radius = region_radius(system)
    x, y = draw_in_region(rng, radius)
    placed = source | {"center_x": system["center_x"] + x, "center_y": system["center_y"] + y}
    proposal = proposal_density(theta_E, z_lens, z_source, priors) * magnitude_density(magnitude_i, priors)
    target = survey_density(theta_E, z_lens, z_source) * source_density(magnitude_i, z_source) * region_area(radius)
    return (
        system
        | {f"source_{name}": values for name, values in placed.items()}
        | part_columns(placed, parts, priors.bands)
        | {
            "source_is_lensed": np.ones(n, bool),
            "theta_E": theta_E,
            "radius": theta_E,
            "magnification": total_magnification(system, placed, parts),
            "weight": np.asarray(target / proposal),
        }
    )
