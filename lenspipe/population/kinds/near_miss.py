"""A background galaxy just outside of where it would have several images: bent and brightened, but seen once."""

import numpy as np

from lenspipe.population.caustics import (
    ISOTHERMAL,
    draw_in_region,
    magnified_radius,
    outer_image,
    region_area,
    region_radius,
)
from lenspipe.population.clumps import draw_parts, part_columns, total_magnification
from lenspipe.population.joint_prior import draw_deflectors, proposal_density, survey_density
from lenspipe.population.source_counts import source_density
from lenspipe.population.sources import draw_blue_galaxy, draw_magnitude, magnitude_density
from lenspipe.rng import child_stream

FARTHEST = 1.5  # in units of the multiply-imaging region's boundary, in the same direction
MAGNIFICATION = 2.0  # at most, of the source's centre and of all its light
TRIES = 20  # places of a source that are drawn between the lines, before they are moved
OUTWARDS, MOVES = 1.1, 30  # factor in distance, each time; a large source behind a small deflector with gamma < 2


def draw(rng, n, priors):
    """The sources of lenses, at 1 to 1.5 times the region's boundary where they are magnified less than twice.

    They are uniform in area where a point is (``source_annulus``); the area enters ``weight`` as a lens's cross-section does.
    A source whose light as a whole is magnified more is placed anew, and then its weight is 0: so the weights add up to
    the area that is left. radius is the distance of the centre's image from the deflector.
    """
    system = draw_deflectors(rng, n, priors)
    theta_E, z_lens, z_source = (system[name] for name in ("theta_E_halo", "z_lens", "z_source"))
    shape = [system[name] for name in ("theta_E_halo", "e1", "e2", "gamma1", "gamma2", "gamma")]
    magnitude_i = draw_magnitude(rng, n, priors)
    source = draw_blue_galaxy(rng, magnitude_i, z_source, survey=priors.survey, bands=priors.bands)
    parts = draw_parts(child_stream(rng), source, z_source, priors)
    inner, outer = source_annulus(*shape)
    placed, at_once = place_sources(rng, system, source=source, parts=parts, inner=inner, outer=outer)
    radius, _ = outer_image(*(placed[f"center_{axis}"] - system[f"center_{axis}"] for axis in "xy"), *shape)
    proposal = proposal_density(theta_E, z_lens, z_source, priors) * magnitude_density(magnitude_i, priors)
    target = (
        survey_density(theta_E, z_lens, z_source) * source_density(magnitude_i, z_source) * region_area(outer, inner)
    )
    return (
        system
        | {f"source_{name}": values for name, values in placed.items() if name != "magnification"}
        | part_columns(placed, parts, priors.bands)
        | {
            "source_is_lensed": np.ones(n, bool),
            "magnification": placed["magnification"],
            "radius": radius,
            "weight": np.where(at_once, target / proposal, 0),
        }
    )


def place_sources(rng, system, *, source, parts, inner, outer):
    """The sources with ``center_x``, ``center_y`` and ``magnification``, and which were good where they were first."""
    n = len(inner)
    light = source | {name: np.zeros(n) for name in ("center_x", "center_y", "magnification")}
    again = np.arange(n)
    for attempt in range(TRIES + MOVES):
        x, y = np.multiply(draw_in_region(rng, outer[again], inner[again]), OUTWARDS ** max(attempt - TRIES + 1, 0))
        light["center_x"][again], light["center_y"][again] = (
            system["center_x"][again] + x,
            system["center_y"][again] + y,
        )
        each = [{name: values[again] for name, values in table.items()} for table in (system, light, parts)]
        light["magnification"][again] = total_magnification(*each)
        again = np.flatnonzero(light["magnification"] >= MAGNIFICATION)
        if attempt == 0:
            at_once = light["magnification"] < MAGNIFICATION
        if not len(again):
            break
    return light, at_once


def source_annulus(theta_E, e1, e2, gamma1, gamma2, gamma=ISOTHERMAL):
    """Radii [n, angle], arcsec, that the sources lie between, as ``region_radius`` gives them.

    Just outside of the region of a deflector with gamma < 2 a source is magnified more, in all directions if gamma is
    small: there the boundary is enlarged until the line of magnification 2 touches it from within.
    """
    lens = (theta_E, e1, e2, gamma1, gamma2, gamma)
    boundary, magnified = region_radius(*lens), magnified_radius(MAGNIFICATION, *lens)
    larger = np.where(gamma < ISOTHERMAL, np.maximum((magnified / boundary).min(axis=1), 1), 1)[:, None] * boundary
    return np.maximum(larger, magnified), FARTHEST * larger
