"""Seeing, sky and number of exposures of each object's coadds."""

import numpy as np

BEST_SEEING = 0.5  # arcsec; no coadd of a ground-based survey is better


def draw_conditions(rng, n, survey, bands):
    """Conditions of coadds: numbers of exposures equally likely, seeing and sky normal about the survey's medians.

    The spread between exposures averages down by the root of their number.

    Returns
    -------
    dict of str to array [n]
        ``seeing_<band>`` (arcsec), ``sky_brightness_<band>`` (mag/arcsec^2), ``num_exposures_<band>``.
    """
    drawn = {}
    for band in bands:
        said = survey.bands[band]
        exposures = rng.choice(survey.num_exposures, size=n)
        seeing = said.seeing + said.seeing_sd / np.sqrt(exposures) * rng.normal(size=n)
        drawn[f"seeing_{band}"] = np.maximum(seeing, BEST_SEEING)
        drawn[f"sky_brightness_{band}"] = said.sky_brightness + said.sky_brightness_sd / np.sqrt(
            exposures
        ) * rng.normal(size=n)
        drawn[f"num_exposures_{band}"] = exposures
    return drawn
