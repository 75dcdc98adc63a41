"""Observing conditions of the exposures of each object, and the resulting properties of their coadds."""

import numpy as np
from scipy.special import log_ndtr

from lenspipe.population.components import split_into_cells
from lenspipe.surveys import coadd_weights, effective_fwhm

BEST_SEEING = 0.3  # arcsec; lower limit for exposures from the ground


def draw_conditions(rng, n, survey, bands):
    """Draw the exposures of coadds; the possible numbers of exposures are equally likely.

    Seeing is log-normal about the survey's median, sky brightness normal in magnitudes. Extinction by clouds, airmass
    and dust is exponential. Dithers are uniform. The k-th exposures in all bands of an object are one visit: the share
    ``survey.shared`` of the variance of the normal numbers behind seeing, sky and extinction is common to the visit, so
    that this is their correlation between bands. Exposures of one band are independent.

    Parameters
    ----------
    rng : numpy.random.Generator
    n : int
        Number of objects.
    survey : Survey
    bands : sequence of str

    Returns
    -------
    dict of str to array [n]
        The columns of ``columns.catalog_columns`` that describe observing; those of exposures are lists.
    """
    visits = rng.normal(size=(3, n, max(max(survey.bands[band].num_exposures) for band in bands)))
    drawn = {}
    for band in bands:
        drawn |= {f"{name}_{band}": values for name, values in _draw_band(rng, n, survey, band, visits).items()}
    return drawn


def _draw_band(rng, n, survey, band, visits):
    """Columns of one band, without its name."""
    typical = survey.bands[band]
    count = rng.choice(typical.num_exposures, size=n)
    shape = (n, max(typical.num_exposures))
    exists = np.arange(shape[1]) < count[:, None]
    band_scatter = rng.normal(size=(3, *shape))
    normal = np.sqrt(survey.shared) * visits[..., : shape[1]] + np.sqrt(1 - survey.shared) * band_scatter
    scatter = np.sqrt(np.log1p((typical.seeing_sd / typical.seeing) ** 2))
    seeing = np.maximum(typical.seeing * np.exp(scatter * normal[0]), BEST_SEEING)
    sky_brightness = typical.sky_brightness + typical.sky_brightness_sd * normal[1]
    transparency = np.where(exists, 10 ** (-0.4 * exponential_quantile(normal[2], survey.extinction)), 0)
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
    return {f"exposure_{name}": split_into_cells(values[exists], count) for name, values in lists.items()} | {
        "seeing": effective_fwhm(seeing, weights, survey.moffat_beta),
        "sky_brightness": np.mean(sky_brightness, axis=1, where=exists),
        "num_exposures": count,
        "psf_e1": shape[0],
        "psf_e2": shape[1],
    }


def exponential_quantile(normal, mean):
    """Numbers with an exponential law, at the quantiles of normal numbers.

    Parameters
    ----------
    normal : array [...]
        Standard normal numbers.
    mean : float
        Mean of the exponential law.

    Returns
    -------
    array [...], in the unit of mean
    """
    return -mean * log_ndtr(-normal)
