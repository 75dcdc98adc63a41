"""Every number that real and simulated stamps are compared in."""

import itertools

import numpy as np
import pandas as pd
from scipy import ndimage

from lenspipe.diagnostics.realism import pixels
from lenspipe.diagnostics.realism.galaxy import galaxy_features

PERCENTILES = (5, 25, 50, 75, 95)  # of all pixels of a stamp
PEAK = 5.0  # noise sigmas of a neighbour's peak
WIDE = 4.0  # pixels, sigma of the Gaussian that takes the galaxy's wings away
APART = 7  # pixels, side of the square in which a peak is the highest
BEYOND = 2.0  # arcsec from the centre
GROUPS = {  # what a feature is of, by how its name begins
    "sky noise": ("sky_sigma", "skewness"),
    "pixel correlation": ("correlation",),
    "pixel values": ("percentile", "negative", "band_correlation"),
    "central galaxy": ("magnitude", "colour", "radius", "concentration"),
    "galaxy's shape": ("asymmetry", "ellipticity", "offset"),
    "field": ("free", "neighbours"),
}


def measure_stamps(images, bands, pixel_scale, zero_point):
    """Features of stamps, from their pixels alone.

    ``sky_sigma``, counts; ``skewness`` of the sky's pixels; ``percentile5`` ... of all pixels over the sky's noise;
    ``negative``, share of pixels below the sky's level; ``correlation1``, ``correlationdiagonal``, ... of sky pixels so
    far apart; ``band_correlation`` of one pixel in adjacent bands; those of ``galaxy_features``; ``neighbours``,
    peaks of light beyond 2 arcsec; ``free``, share of pixels free of sources.

    Parameters
    ----------
    images : array [n, band, y, x], counts
    bands : sequence of str
    pixel_scale : float, arcsec
    zero_point : float

    Returns
    -------
    DataFrame [n]
        A column a feature, ``<name>_<band>``; NaN where a stamp's sky cannot be seen.
    sky : tuple
        ``level``, ``sigma``, ``free``, from ``pixels.sky_of``.
    """
    level, sigma, free = pixels.sky_of(images)
    shown = pixels.normalised(images, level, sigma)
    found = {"sky_sigma": sigma, "skewness": _skewness(shown, free)}
    flat = shown.reshape(*shown.shape[:2], -1)
    found |= {f"percentile{p}": q for p, q in zip(PERCENTILES, np.percentile(flat, PERCENTILES, axis=-1), strict=True)}
    found["negative"] = np.where(np.isnan(flat).any(axis=-1), np.nan, (flat < 0).mean(axis=-1))
    found |= {f"correlation{name}": pixels.correlation(shown, free, lags) for name, lags in pixels.LAGS.items()}
    found["neighbours"] = neighbours(shown, pixel_scale)
    table = {f"{name}_{band}": values[:, b] for name, values in found.items() for b, band in enumerate(bands)}
    pairs = pixels.band_correlation(shown, free)
    table |= {f"band_correlation_{a}-{b}": pairs[:, k] for k, (a, b) in enumerate(itertools.pairwise(bands))}
    light = images - np.nan_to_num(level)[..., None, None]
    table |= galaxy_features(light, np.where(sigma > 0, sigma, 1.0), bands, pixel_scale, zero_point)
    table["free"] = free.mean(axis=(1, 2))
    return pd.DataFrame(table), (level, sigma, free)


def group_of(feature):
    """The group that a feature belongs to."""
    return next(group for group, names in GROUPS.items() if feature.startswith(names))


def neighbours(shown, pixel_scale):
    """Peaks above 5 sigma beyond 2 arcsec from the stamp's centre: [n, band]; NaN where the sky is not known.

    Peaks of the image smoothed by a narrow less that smoothed by a wide Gaussian, s and w: wings of the galaxy go with
    the wide one. White noise keeps the square root of (1/s^2 + 1/w^2 - 4/(s^2 + w^2)) / 4 pi of its sigma.
    """
    s, w, known = pixels.SMOOTHED, WIDE, np.isfinite(shown).all(axis=(-2, -1))
    narrow, wide = (ndimage.gaussian_filter(np.nan_to_num(shown), (0, 0, k, k), mode="nearest") for k in (s, w))
    left = (narrow - wide) / np.sqrt((1 / s**2 + 1 / w**2 - 4 / (s**2 + w**2)) / (4 * np.pi))
    axis = (np.arange(shown.shape[-1]) - (shown.shape[-1] - 1) / 2) * pixel_scale
    beyond = np.hypot(axis[:, None], axis) > BEYOND
    peaks = (left == ndimage.maximum_filter(left, (1, 1, APART, APART))) & (left > PEAK) & beyond
    return np.where(known, peaks.sum(axis=(-2, -1)), np.nan)


def _skewness(shown, free):
    """Third moment of the sky's pixels within the clip, over sigma^3; [n, band]."""
    inside = free[:, None] & (np.abs(shown) < pixels.CLIPPED)
    u, n = np.where(inside, shown, 0.0), inside.sum(axis=(-2, -1))
    n = np.where(n > 0, n, np.nan)
    mean = u.sum(axis=(-2, -1)) / n
    centred = np.where(inside, u - mean[..., None, None], 0.0)
    second, third = ((centred**k).sum(axis=(-2, -1)) / n for k in (2, 3))
    return third / second**1.5
