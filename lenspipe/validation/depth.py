"""Depth and noise of simulated coadds against the survey's published numbers."""

from dataclasses import asdict

import numpy as np
import pandas as pd

from lenspipe.population.conditions import draw_conditions
from lenspipe.simulate.noise import coadds_of
from lenspipe.simulate.psf import CoaddPsf
from lenspipe.simulate.scene import psf_of
from lenspipe.validation.checks import check_difference, check_ratio

COADDS = 400  # coadds whose depth is computed
DEPTH_TOLERANCE = 0.1  # mag
NOISE_TOLERANCE = 0.10  # of the reference
STAR_RADIUS = 4.0  # arcsec, half the side of the square in which a star's profile is fitted


def check_depth(survey, bands, seed):
    """Compare the depth and the noise of simulated coadds with the survey's published ones.

    Parameters
    ----------
    survey : surveys.Survey
    bands : sequence of str
    seed : int

    Returns
    -------
    DataFrame
        Columns as in ``checks.Check``; intervals hold 68 % of the coadds. Empty if nothing was published.
    """
    published = survey.published
    rows = pd.DataFrame(draw_conditions(np.random.default_rng(seed), COADDS, survey, bands)).to_dict("records")
    checks = []
    for band in [band for band in bands if published and band in published.depth]:
        coadds = [coadds_of(row, [band], survey)[0] for row in rows]
        snr = published.signal_to_noise
        if published.aperture:
            quantity = f"{snr:g}-sigma depth in {published.aperture:g} arcsec, {band}"
            depths = [coadd.depth(survey, published.aperture, snr) for coadd in coadds]
        else:
            quantity = f"{snr:g}-sigma depth of stars, {band}"
            sigma = [_star_sigma(coadd, row, band, survey) for coadd, row in zip(coadds, rows, strict=True)]
            depths = survey.magnitude_zero_point - 2.5 * np.log10(snr * np.array(sigma))
        depth = published.depth[band]
        checks.append(check_difference(quantity, _median_and_68(depths), depth, tolerance=DEPTH_TOLERANCE, unit="mag"))
        if band in published.sky_sigma:
            noise, reference = _median_and_68([coadd.sky_sigma() for coadd in coadds]), published.sky_sigma[band]
            checks.append(check_ratio(f"noise of an empty pixel, {band}", noise, reference, tolerance=NOISE_TOLERANCE))
    return pd.DataFrame(map(asdict, checks))


def _star_sigma(coadd, row, band, survey):
    """Noise of a faint star's flux, fitted with its profile p, in counts: sqrt(variance / sum of p^2)."""
    half = int(np.ceil(STAR_RADIUS / survey.pixel_scale))
    axis = np.arange(-half, half + 1) * survey.pixel_scale
    star = CoaddPsf(psf_of(row, [band], survey)).at(axis, axis)[0] * survey.pixel_scale**2
    return np.sqrt(coadd.variance() / np.sum(star**2))


def _median_and_68(values):
    """Median and percentiles 16 and 84."""
    return np.percentile(values, [50, 16, 84])
