"""Features in which real and simulated stamps are compared: sky noise, pixel statistics, central galaxy, neighbours."""

import itertools

import numpy as np
import pandas as pd

from lenspipe.measure import sky
from lenspipe.measure.detection import aperture_magnitudes, counts_per_stamp, detect
from lenspipe.measure.galaxy import galaxy_features

PERCENTILES = (5, 25, 50, 75, 95)  # of the pixel values of a stamp
OF_NEIGHBOURS = ("magnitude", "radius", "concentration")  # of detected sources, as medians
GROUPS = {  # groups of features, by the beginnings of their names
    "sky noise": ("sky_sigma", "skewness"),
    "pixel correlation": ("correlation",),
    "pixel values": ("percentile", "negative", "band_correlation"),
    "central galaxy": ("magnitude", "colour", "radius", "concentration"),
    "galaxy's shape": ("asymmetry", "ellipticity", "offset"),
    "field": ("free", "neighbour"),
}


def measure_stamps(images, bands, *, pixel_scale, zero_point):
    """Features of stamps, from their pixels alone.

    ``sky_sigma``, counts; ``skewness`` of the sky pixels; ``percentile5`` ... of all pixels over the noise of the sky;
    ``negative``, share of pixels below the level of the sky; ``correlation1``, ``correlationdiagonal``, ... of sky
    pixels at these lags; ``band_correlation`` of the same pixel in adjacent bands; those of ``galaxy_features``; those
    of ``neighbour_features``; ``free``, share of pixels free of sources.

    Parameters
    ----------
    images : array [n, band, y, x], counts
    bands : sequence of str
    pixel_scale : float, arcsec
    zero_point : float, mag

    Returns
    -------
    features : DataFrame [n]
        One column per feature, ``<name>_<band>``; NaN where the sky of a stamp is unknown.
    sky : tuple
        ``level``, ``sigma``, ``free``, from ``sky.measure_sky``.
    """
    level, sigma, free = sky.measure_sky(images)
    normalised = sky.normalised(images, level, sigma)
    features = {"sky_sigma": sigma, "skewness": _skewness(normalised, free)}
    flat = normalised.reshape(*normalised.shape[:2], -1)
    percentiles = np.percentile(flat, PERCENTILES, axis=-1)
    features |= {f"percentile{p}": values for p, values in zip(PERCENTILES, percentiles, strict=True)}
    features["negative"] = np.where(np.isnan(flat).any(axis=-1), np.nan, (flat < 0).mean(axis=-1))
    features |= {f"correlation{name}": sky.correlation(normalised, free, lags) for name, lags in sky.LAGS.items()}
    table = {f"{name}_{band}": values[:, b] for name, values in features.items() for b, band in enumerate(bands)}
    pairs = sky.band_correlation(normalised, free)
    table |= {f"band_correlation_{a}-{b}": pairs[:, k] for k, (a, b) in enumerate(itertools.pairwise(bands))}
    light = images - np.nan_to_num(level)[..., None, None]
    table |= neighbour_features(images, bands, pixel_scale=pixel_scale, zero_point=zero_point)
    table |= galaxy_features(
        light, np.where(sigma > 0, sigma, 1.0), bands, pixel_scale=pixel_scale, zero_point=zero_point
    )
    table["free"] = free.mean(axis=(1, 2))
    return pd.DataFrame(table), (level, sigma, free)


def group_of(feature):
    """Group, str of ``GROUPS``, that a ``feature``, str, belongs to."""
    return next(group for group, names in GROUPS.items() if feature.startswith(names))


def neighbour_features(images, bands, *, pixel_scale, zero_point):
    """Features of the sources around the central galaxy, as ``detection.detect`` finds them.

    ``neighbours``, their number; ``neighbour_magnitude``, ``neighbour_radius`` (arcsec), ``neighbour_concentration``,
    medians over the sources of a stamp and band; ``neighbour_colour`` of adjacent bands, for sources detected in i, or
    in the reddest band if there is no i.

    Parameters
    ----------
    images : array [n, band, y, x], counts
    bands : sequence of str
    pixel_scale : float, arcsec
    zero_point : float, mag

    Returns
    -------
    dict of str to array [n]
        By ``<name>_<band>``; NaN without a neighbour.
    """
    stamps = range(len(images))
    sources = detect(images, bands, pixel_scale=pixel_scale, zero_point=zero_point)
    numbers = counts_per_stamp(sources, len(images), bands)
    features = {f"neighbours_{band}": numbers[:, b].astype(float) for b, band in enumerate(bands)}
    for band in bands:
        medians = sources[sources["band"] == band].groupby("stamp")[[*OF_NEIGHBOURS]].median().reindex(stamps)
        features |= {f"neighbour_{name}_{band}": medians[name].to_numpy() for name in OF_NEIGHBOURS}
    in_i = sources[sources["band"] == ("i" if "i" in bands else bands[-1])]
    magnitudes = aperture_magnitudes(images, in_i, bands, pixel_scale=pixel_scale, zero_point=zero_point)
    for a, b in itertools.pairwise(bands):
        colour = (magnitudes[a] - magnitudes[b]).groupby(in_i["stamp"]).median().reindex(stamps)
        features[f"neighbour_colour_{a}-{b}"] = colour.to_numpy()
    return features


def _skewness(normalised, free):
    """Third central moment of the clipped sky pixels, over sigma^3: [n, band]."""
    inside = free[:, None] & (np.abs(normalised) < sky.CLIPPED)
    u, n = np.where(inside, normalised, 0.0), inside.sum(axis=(-2, -1))
    n = np.where(n > 0, n, np.nan)
    mean = u.sum(axis=(-2, -1)) / n
    centred = np.where(inside, u - mean[..., None, None], 0.0)
    second, third = ((centred**k).sum(axis=(-2, -1)) / n for k in (2, 3))
    return third / second**1.5
