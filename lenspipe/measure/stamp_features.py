"""Every number that real and simulated stamps are compared in."""

import itertools

import numpy as np
import pandas as pd

from lenspipe.measure import sky
from lenspipe.measure.detection import aperture_magnitudes, counts_per_stamp, detect
from lenspipe.measure.galaxy import galaxy_features

PERCENTILES = (5, 25, 50, 75, 95)  # of all pixels of a stamp
OF_NEIGHBOURS = ("magnitude", "radius", "concentration")  # of detected sources: their medians
GROUPS = {  # what a feature is of, by how its name begins
    "sky noise": ("sky_sigma", "skewness"),
    "pixel correlation": ("correlation",),
    "pixel values": ("percentile", "negative", "band_correlation"),
    "central galaxy": ("magnitude", "colour", "radius", "concentration"),
    "galaxy's shape": ("asymmetry", "ellipticity", "offset"),
    "field": ("free", "neighbour"),
}


def measure_stamps(images, bands, *, pixel_scale, zero_point):
    """Features of stamps, from their pixels alone.

    ``sky_sigma``, counts; ``skewness`` of the sky's pixels; ``percentile5`` ... of all pixels over the sky's noise;
    ``negative``, share of pixels below the sky's level; ``correlation1``, ``correlationdiagonal``, ... of sky pixels so
    far apart; ``band_correlation`` of one pixel in adjacent bands; those of ``galaxy_features``; those of
    ``neighbour_features``; ``free``, share of pixels free of sources.

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
        ``level``, ``sigma``, ``free``, from ``sky.measure_sky``.
    """
    level, sigma, free = sky.measure_sky(images)
    shown = sky.normalised(images, level, sigma)
    found = {"sky_sigma": sigma, "skewness": _skewness(shown, free)}
    flat = shown.reshape(*shown.shape[:2], -1)
    found |= {f"percentile{p}": q for p, q in zip(PERCENTILES, np.percentile(flat, PERCENTILES, axis=-1), strict=True)}
    found["negative"] = np.where(np.isnan(flat).any(axis=-1), np.nan, (flat < 0).mean(axis=-1))
    found |= {f"correlation{name}": sky.correlation(shown, free, lags) for name, lags in sky.LAGS.items()}
    table = {f"{name}_{band}": values[:, b] for name, values in found.items() for b, band in enumerate(bands)}
    pairs = sky.band_correlation(shown, free)
    table |= {f"band_correlation_{a}-{b}": pairs[:, k] for k, (a, b) in enumerate(itertools.pairwise(bands))}
    light = images - np.nan_to_num(level)[..., None, None]
    table |= neighbour_features(images, bands, pixel_scale=pixel_scale, zero_point=zero_point)
    table |= galaxy_features(
        light, np.where(sigma > 0, sigma, 1.0), bands, pixel_scale=pixel_scale, zero_point=zero_point
    )
    table["free"] = free.mean(axis=(1, 2))
    return pd.DataFrame(table), (level, sigma, free)


def group_of(feature):
    """The group that a feature belongs to."""
    return next(group for group, names in GROUPS.items() if feature.startswith(names))


def neighbour_features(images, bands, *, pixel_scale, zero_point):
    """Sources beside the stamp's own galaxy, as ``detection`` finds them.

    ``neighbours``, their number; ``neighbour_magnitude``, ``neighbour_radius``, ``neighbour_concentration``, medians of
    a stamp's in a band; ``neighbour_colour`` of adjacent bands, of those found in i, or the reddest band.

    Returns
    -------
    dict of str to array [n]
        By ``<name>_<band>``; NaN where there is no neighbour.
    """
    stamps = range(len(images))
    sources = detect(images, bands, pixel_scale=pixel_scale, zero_point=zero_point)
    numbers = counts_per_stamp(sources, len(images), bands)
    found = {f"neighbours_{band}": numbers[:, b].astype(float) for b, band in enumerate(bands)}
    for band in bands:
        medians = sources[sources["band"] == band].groupby("stamp")[[*OF_NEIGHBOURS]].median().reindex(stamps)
        found |= {f"neighbour_{name}_{band}": medians[name].to_numpy() for name in OF_NEIGHBOURS}
    seen = sources[sources["band"] == ("i" if "i" in bands else bands[-1])]
    magnitudes = aperture_magnitudes(images, seen, bands, pixel_scale=pixel_scale, zero_point=zero_point)
    for a, b in itertools.pairwise(bands):
        colour = (magnitudes[a] - magnitudes[b]).groupby(seen["stamp"]).median().reindex(stamps)
        found[f"neighbour_colour_{a}-{b}"] = colour.to_numpy()
    return found


def _skewness(shown, free):
    """Third moment of the sky's pixels within the clip, over sigma^3; [n, band]."""
    inside = free[:, None] & (np.abs(shown) < sky.CLIPPED)
    u, n = np.where(inside, shown, 0.0), inside.sum(axis=(-2, -1))
    n = np.where(n > 0, n, np.nan)
    mean = u.sum(axis=(-2, -1)) / n
    centred = np.where(inside, u - mean[..., None, None], 0.0)
    second, third = ((centred**k).sum(axis=(-2, -1)) / n for k in (2, 3))
    return third / second**1.5
