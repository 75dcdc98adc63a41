"""A background galaxy just outside of where it would have several images: bent and brightened, but seen once."""

import numpy as np

from lenspipe.population.counts import counts
from lenspipe.population.lensing import (
    draw_in_region,
    magnified_radius,
    outer_image,
    region_area,
    region_radius,
)
from lenspipe.population.sources import draw_blue_galaxy, draw_magnitude, magnitude_density
from lenspipe.population.systems import draw_systems, proposal_density, survey_density

FARTHEST = 1.5  # in units of the multiply-imaging region's boundary, in the same direction
MAGNIFICATION = 2.0  # of a point, at most


def draw(rng, n, priors):
    """The sources of lenses, at 1 to 1.5 times the region's boundary where a point is magnified less than twice.

    They are uniform in area there; the area enters ``weight`` as a lens's cross-section does. radius is the distance of
    the image from the deflector.
    """
    system = draw_systems(rng, n, priors)
    theta_E, z_lens, z_source = (system[name] for name in ("theta_E_halo", "z_lens", "z_source"))
    shape = [system[name] for name in ("e1", "e2", "gamma1", "gamma2")]
    magnitude_i = draw_magnitude(rng, n, priors)
    source = draw_blue_galaxy(rng, magnitude_i, z_source, priors.survey, priors.bands)
    inner, outer = between(theta_E, *shape)
    x, y = draw_in_region(rng, outer, inner)
    radius, _ = outer_image(x, y, theta_E, *shape)
    proposal = proposal_density(theta_E, z_lens, z_source, priors) * magnitude_density(magnitude_i, priors)
    target = survey_density(theta_E, z_lens, z_source) * counts(magnitude_i, z_source) * region_area(outer, inner)
    return (
        system
        | {f"source_{name}": values for name, values in source.items()}
        | {
            "source_center_x": system["center_x"] + x,
            "source_center_y": system["center_y"] + y,
            "source_is_lensed": np.ones(n, bool),
            "radius": radius,
            "weight": np.asarray(target / proposal),
        }
    )


def between(theta_E, e1, e2, gamma1, gamma2):
    """Radii [n, angle], arcsec, that the sources lie between, as ``region_radius`` gives them."""
    lens = (theta_E, e1, e2, gamma1, gamma2)
    boundary = region_radius(*lens)
    return np.maximum(boundary, magnified_radius(MAGNIFICATION, *lens)), FARTHEST * boundary
