"""Conditions of each object's exposures, band by band, and what their coadds have of them."""

import numpy as np
from scipy.special import log_ndtr

from lenspipe.population.components import split_into_cells
from lenspipe.surveys import coadd_weights, effective_fwhm

BEST_SEEING = 0.3  # arcsec; no exposure from the ground is better


def draw_conditions(rng, n, survey, bands):
    """Exposures of coadds, their numbers equally likely.

    Seeing is log-normal about the survey's median, sky brightness normal in magnitudes, extinction by clouds, airmass
    and dust exponential; dithers are uniform. The k-th exposures of an object's bands are one visit: of the normal
    numbers behind seeing, sky and extinction, ``survey.shared`` of the variance is the visit's, the rest the band's
    own, so that two bands of a visit are correlated by it. Exposures of a band are independent.

    Returns
    -------
    dict of str to array [n]
        The columns of ``columns.catalog_columns`` that tell of observing; those of exposures are lists.
    """
    visits = rng.normal(size=(3, n, max(max(survey.bands[band].num_exposures) for band in bands)))
    drawn = {}
    for band in bands:
        drawn |= {f"{name}_{band}": values for name, values in _draw_band(rng, n, survey, band, visits).items()}
    return drawn


def _draw_band(rng, n, survey, band, visits):
    """One band's columns, without its name."""
    said = survey.bands[band]
    count = rng.choice(said.num_exposures, size=n)
    shape = (n, max(said.num_exposures))
    there = np.arange(shape[1]) < count[:, None]
    own = rng.normal(size=(3, *shape))
    normal = np.sqrt(survey.shared) * visits[..., : shape[1]] + np.sqrt(1 - survey.shared) * own
    scatter = np.sqrt(np.log1p((said.seeing_sd / said.seeing) ** 2))
    seeing = np.maximum(said.seeing * np.exp(scatter * normal[0]), BEST_SEEING)
    sky_brightness = said.sky_brightness + said.sky_brightness_sd * normal[1]
    transparency = np.where(there, 10 ** (-0.4 * exponential_quantile(normal[2], survey.extinction)), 0)
    dither_x, dither_y = rng.uniform(size=(2, *shape))
    weights = coadd_weights(survey, band, sky_brightness, transparency)
    lists = {
        "seeing": seeing,
        "sky_brightness": sky_brightness,
        "transparency": transparency,
        "dither_x": dither_x,
        "dither_y": dither_y,
    }
    shape = rng.normal(0, survey.psf_ellipticity / np.sqrt(2), (2, n))
    shape *= np.minimum(1, 0.3 / np.maximum(np.hypot(*shape), 1e-12))
    return {f"exposure_{name}": split_into_cells(values[there], count) for name, values in lists.items()} | {
        "seeing": effective_fwhm(seeing, weights, survey.moffat_beta),
        "sky_brightness": np.mean(sky_brightness, axis=1, where=there),
        "num_exposures": count,
        "psf_e1": shape[0],
        "psf_e2": shape[1],
    }


def exponential_quantile(normal, mean):
    """Numbers of an exponential law, by its quantiles at those of normal ones."""
    return -mean * log_ndtr(-normal)
