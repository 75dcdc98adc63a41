"""Stars and galaxies that lie in a stamp by chance, with the same law for objects of all kinds.

Their number has a Poisson law. Those just outside of the stamp are included as far as their light reaches into it.
"""

import numpy as np

from lenspipe.columns import group_columns
from lenspipe.population.components import flat_to_lists
from lenspipe.population.field_galaxies import MAGNITUDE, draw_galaxies, draw_galaxy_magnitude, galaxy_density
from lenspipe.population.satellites import draw_satellites
from lenspipe.population.stars import draw_stars, star_density

DEGREE2 = 3600.0**2  # arcsec^2
BRIGHTEST, BRIGHT = 15.0, 20.0  # i mag, brightest galaxies, and limit of those drawn farther out
APERTURE, SIGNAL = 1.95, 1.5  # arcsec, diameter; signal-to-noise ratio in it of the faintest galaxies
COUNTED = float(MAGNITUDE[-1])  # i mag, faint end of the counts
MOST_ELECTRONS = 1e9  # per pixel of an exposure; no detector holds a thousandth of them
MOST_GALAXIES = 500  # per stamp; with 900 of them, population took 3.3 GB for 112 objects
FAR, NEAR = 6.0, 2.0  # arcsec beyond the stamp: for stars and galaxies brighter than BRIGHT, for fainter galaxies


def draw_field(rng, rows, n, priors):
    """Draw the field of each object.

    Parameters
    ----------
    rng : numpy.random.Generator
    rows : dict of str to array [n]
        ``z_lens``, ``center_x``, ``center_y`` (arcsec) of the foreground galaxy, around which satellites cluster.
    n : int
        Number of objects.
    priors : Priors

    Returns
    -------
    dict of str to object array [n]
        The columns ``field_*``, lists.
    """
    half = priors.num_pix * priors.survey.pixel_scale / 2
    faintest = faintest_i(priors.survey)
    parts = [
        _galaxies(rng, n, half + FAR, BRIGHTEST, BRIGHT, priors),
        _galaxies(rng, n, half + NEAR, BRIGHT, faintest, priors),
        _stars(rng, n, half + FAR, priors),
        _satellites(rng, rows, half + NEAR, faintest, priors),
    ]
    owner = np.concatenate([part[0] for part in parts])
    order = np.argsort(owner, kind="stable")
    flat = {}
    for column in group_columns("field", priors.bands):
        name = column.name.removeprefix("field_")
        values = [part[1].get(name, np.full(len(part[0]), np.nan)) for part in parts]
        flat[name] = np.concatenate(values)[order]
    return flat_to_lists("field", flat, owner[order], n)


def check_field(priors):
    """Check that a survey can show field galaxies, and that a stamp shows a number of them that can be drawn.

    Parameters
    ----------
    priors : Priors

    Raises
    ------
    ValueError
        With one line that names the settings.
    """
    name, faintest = priors.survey.name, faintest_i(priors.survey)
    for band in priors.bands:
        electrons = priors.survey.sky_electrons(band, priors.survey.bands[band].sky_brightness)
        if electrons > MOST_ELECTRONS:
            raise ValueError(
                f"survey: {name}: the sky of one exposure in {band} gives {electrons:.1e} electrons per pixel, above "
                f"{MOST_ELECTRONS:.0e}; check the band's zero_point, exposure_time and sky_brightness"
            )
    if faintest <= BRIGHT:
        raise ValueError(
            f"survey: {name}: galaxies fainter than i = {faintest:.1f} are lost in its noise, but {BRIGHT:g} must be "
            "visible; check zero_point, exposure_time, sky_brightness and num_exposures of its i band"
        )
    side = priors.num_pix * priors.survey.pixel_scale
    number = galaxy_density(BRIGHT, faintest) * (side + 2 * NEAR) ** 2 / DEGREE2
    if number > MOST_GALAXIES:
        raise ValueError(
            f"num_pix: {priors.num_pix} pixels of {name} are {side:.0f} arcsec, with some {number:.0f} galaxies, above "
            f"{MOST_GALAXIES}; give fewer pixels, or check the survey's pixel_scale"
        )


def faintest_i(survey):
    """Magnitude of the faintest galaxies that matter: 1.5 sigma in an aperture, or the faint end of the counts.

    It is 25.5 for DES after three years. Fainter galaxies add smooth light, which is part of the sky, and little noise.

    Parameters
    ----------
    survey : Survey

    Returns
    -------
    float, i mag
    """
    sigma = survey.typical_sky_sigma("i") * np.sqrt(np.pi) * APERTURE / 2 / survey.pixel_scale
    return min(float(survey.magnitude_zero_point - 2.5 * np.log10(SIGNAL * sigma)), COUNTED)


def _scattered(rng, n, half, per_degree2):
    """Owners [m] and positions (arcsec) of objects scattered over squares with a given half side, arcsec."""
    owner = np.repeat(np.arange(n), rng.poisson(per_degree2 * (2 * half) ** 2 / DEGREE2, n))
    x, y = rng.uniform(-half, half, (2, len(owner)))
    return owner, {"center_x": x, "center_y": y}


def _galaxies(rng, n, half, brightest, faintest, priors):
    owner, place = _scattered(rng, n, half, galaxy_density(brightest, faintest))
    magnitude_i = draw_galaxy_magnitude(rng, len(owner), brightest, faintest)
    return owner, place | draw_galaxies(rng, magnitude_i, priors.survey, priors.bands)


def _stars(rng, n, half, priors):
    owner, place = _scattered(rng, n, half, star_density())
    magnitudes = draw_stars(rng, len(owner), priors.survey, priors.bands)
    return owner, place | {"profile": np.full(len(owner), "point")} | {
        f"magnitude_{b}": m for b, m in magnitudes.items()
    }


def _satellites(rng, rows, half, faintest, priors):
    owner, light = draw_satellites(
        rng, rows["z_lens"], radius=np.sqrt(2) * half, faintest_i=faintest, survey=priors.survey, bands=priors.bands
    )
    for name in ("center_x", "center_y"):
        light[name] = light[name] + rows[name][owner]
    inside = (np.abs(light["center_x"]) < half) & (np.abs(light["center_y"]) < half)
    return owner[inside], {name: values[inside] for name, values in light.items()}
