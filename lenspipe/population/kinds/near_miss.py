"""A lensed background galaxy with a single image: it lies just outside of the region of multiple images."""

import numpy as np

from lenspipe.population.caustics import ISOTHERMAL, outer_image
from lenspipe.population.clumps import draw_parts, part_columns, total_magnification
from lenspipe.population.joint_prior import draw_deflectors, proposal_density, survey_density
from lenspipe.population.source_counts import source_density
from lenspipe.population.source_regions import draw_in_region, magnified_radius, region_area, region_radius
from lenspipe.population.sources import draw_blue_galaxy, draw_magnitude, magnitude_density
from lenspipe.rng import child_stream

FARTHEST = 1.5  # in units of the boundary of the region of multiple images, in the same direction
MAGNIFICATION = 2.0  # upper limit, of the source's centre and of all its light
TRIES = 20  # positions of a source that are drawn in the annulus before it is moved outwards
OUTWARDS, MOVES = 1.1, 30  # factor in distance of each move; needed by a large source behind a small deflector, gamma<2


def draw(rng, n, priors):
    """Draw lensed sources at 1 to 1.5 times the region's boundary, with a magnification below 2.

    Positions are uniform in area over ``source_annulus``, where a point source is magnified less than twice. The area
    enters ``weight`` as the cross-section of a lens does. An extended source whose total magnification is higher is
    redrawn and gets weight 0, so that the weights add up to the area that remains. ``radius`` is the distance of the
    image of the source's centre from the deflector.

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
    inner, outer = source_annulus(system)
    placed, accepted_first = place_sources(rng, system, source=source, parts=parts, inner=inner, outer=outer)
    radius, _ = outer_image(*(placed[f"center_{axis}"] - system[f"center_{axis}"] for axis in "xy"), system)
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
            "weight": np.where(accepted_first, target / proposal, 0),
        }
    )


def place_sources(rng, system, *, source, parts, inner, outer):
    """Draw positions of sources until each total magnification is below ``MAGNIFICATION``.

    Parameters
    ----------
    rng : numpy.random.Generator
    system : dict of str to array [n]
        From ``draw_deflectors``.
    source : dict of str to array [n]
        From ``draw_blue_galaxy``.
    parts : dict of str to array [n, part]
        From ``draw_parts``.
    inner, outer : array [n, angle], arcsec
        From ``source_annulus``.

    Returns
    -------
    placed : dict of str to array [n]
        ``source`` with ``center_x``, ``center_y`` (arcsec) and ``magnification``.
    accepted_first : bool array [n]
        Whether the first position was accepted.
    """
    n = len(inner)
    placed = source | {name: np.zeros(n) for name in ("center_x", "center_y", "magnification")}
    redrawn = np.arange(n)
    for attempt in range(TRIES + MOVES):
        x, y = np.multiply(draw_in_region(rng, outer[redrawn], inner[redrawn]), OUTWARDS ** max(attempt - TRIES + 1, 0))
        placed["center_x"][redrawn] = system["center_x"][redrawn] + x
        placed["center_y"][redrawn] = system["center_y"][redrawn] + y
        subsets = [{name: values[redrawn] for name, values in table.items()} for table in (system, placed, parts)]
        placed["magnification"][redrawn] = total_magnification(*subsets)
        redrawn = np.flatnonzero(placed["magnification"] >= MAGNIFICATION)
        if attempt == 0:
            accepted_first = placed["magnification"] < MAGNIFICATION
        if not len(redrawn):
            break
    return placed, accepted_first


def source_annulus(deflector):
    """Inner and outer radius of the annulus in which sources are drawn.

    Just outside of the region of multiple images of a deflector with gamma < 2, a source is magnified more than twice,
    in all directions if gamma is small. There the boundary is enlarged until it touches the line of magnification 2
    from within.

    Parameters
    ----------
    deflector : mapping of str to array [n]
        As in ``caustics``.

    Returns
    -------
    inner, outer : array [n, angle], arcsec
        At the polar angles of ``region_radius``.
    """
    boundary, magnified = region_radius(deflector), magnified_radius(MAGNIFICATION, deflector)
    shallow = deflector.get("gamma", ISOTHERMAL) < ISOTHERMAL
    larger = np.where(shallow, np.maximum((magnified / boundary).min(axis=1), 1), 1)[:, None] * boundary
    return np.maximum(larger, magnified), FARTHEST * larger
