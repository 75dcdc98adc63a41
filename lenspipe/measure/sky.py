"""Sky of a stamp: pixels without sources, level and noise, correlation of neighbouring pixels and of bands."""

import numpy as np
from scipy import ndimage

SMOOTHED = 1.5  # pixels, sigma of the Gaussian that smooths the image before detection: about the seeing
THRESHOLD = 3.0  # noise sigmas of the smoothed sum of all bands
GROWN = 3  # pixels by which the mask of a source is dilated
ROUNDS = 3  # iterations between the noise and the mask of sources
STEP = 3  # pixels, spacing of the second differences that give the first guess of the noise
BELOW = 15.87  # %, percentile of a normal law at one sigma below its mean
FEWEST = 100  # free pixels; the sky of a stamp with fewer is unknown
CLIPPED = 3.5  # noise sigmas; larger deviations are not sky
MAD = 1.4826  # standard deviation of a normal law over its median absolute deviation
LAGS = {"1": [(0, 1), (1, 0)], "diagonal": [(1, 1), (1, -1)], "2": [(0, 2), (2, 0)], "3": [(0, 3), (3, 0)]}


def noise_of_differences(images, axes=(-2, -1)):
    """First guess of the noise, from second differences x[k-3] - 2 x[k] + x[k+3] along rows and columns.

    The variance of the differences is 6 sigma^2. Gradients cancel, single sources do not change the median, and pixels
    three apart are hardly correlated.

    Parameters
    ----------
    images : array [..., y, x], counts
    axes : sequence of int
        Along which differences are taken: rows, columns or both.

    Returns
    -------
    array [...], counts
    """
    parts = []
    for axis in axes:
        x = np.moveaxis(images, axis, -1)
        second = x[..., : -2 * STEP] - 2 * x[..., STEP:-STEP] + x[..., 2 * STEP :]
        parts.append(second.reshape(*images.shape[:-2], -1))
    return MAD * np.median(np.abs(np.concatenate(parts, axis=-1)), axis=-1) / np.sqrt(6)


def measure_sky(images):
    """Pixels free of sources, and the level and noise of the sky in them.

    A source is where the sum of all bands, each over its noise, smoothed by a Gaussian, exceeds 3 sigma of white noise;
    its mask is dilated by 3 pixels. The noise is 1.4826 times the median absolute deviation of the free pixels. Only
    the pixels are used, so that real and simulated stamps are treated alike.

    Parameters
    ----------
    images : array [n, band, y, x], counts

    Returns
    -------
    level, sigma : array [n, band], counts
        NaN where fewer than 100 pixels are free.
    free : bool array [n, y, x]
    """
    sigma = noise_of_differences(images)
    level = np.percentile(images, BELOW, axis=(-2, -1)) + sigma  # estimated from the faint half of the pixels
    first = (level, sigma)
    for _ in range(ROUNDS):
        free = ~_sources(images, level, sigma)
        level, sigma = _level_and_noise(images, free, *first)
    few = free.sum(axis=(1, 2)) < FEWEST
    level[few] = sigma[few] = np.nan
    return level, sigma, free


def _sources(images, level, sigma):
    """Mask [n, y, x] of the pixels that belong to sources."""
    bands = (images - level[..., None, None]) / np.where(sigma > 0, sigma, 1.0)[..., None, None]
    summed = bands.sum(axis=1) / np.sqrt(images.shape[1])
    smooth = ndimage.gaussian_filter(summed, (0, SMOOTHED, SMOOTHED), mode="nearest")
    bright = smooth > THRESHOLD / (2 * SMOOTHED * np.sqrt(np.pi))  # white noise keeps 1 / (2 s sqrt(pi))
    cross = ndimage.generate_binary_structure(2, 1)[None]
    return ndimage.binary_dilation(bright, cross, iterations=GROWN)


def _level_and_noise(images, free, level, sigma):
    """Level and noise of the free pixels; the first guess where too few are free, so that the iteration continues."""
    medians, noise = level.copy(), sigma.copy()
    for k in np.flatnonzero(free.sum(axis=(1, 2)) >= FEWEST):
        values = images[k][:, free[k]]
        medians[k] = np.median(values, axis=-1)
        noise[k] = MAD * np.median(np.abs(values - medians[k][:, None]), axis=-1)
    return medians, noise


def normalised(images, level, sigma):
    """Pixels minus the level of the sky, over its noise.

    Parameters
    ----------
    images : array [n, band, y, x], counts
    level, sigma : array [n, band], counts
        From ``measure_sky``.

    Returns
    -------
    array [n, band, y, x]
        NaN where the sky is unknown.
    """
    return (images - level[..., None, None]) / np.where(sigma > 0, sigma, np.nan)[..., None, None]


def correlation(pixels, free, lags):
    """Correlation of pixels at given lags, both free of sources and within 3.5 sigma.

    sum over pairs (u v) / pairs, over the mean of u^2, averaged over the lags.

    Parameters
    ----------
    pixels : array [n, band, y, x]
        From ``normalised``.
    free : bool array [n, y, x]
    lags : sequence of (int, int), pixels
        In y, not negative, and x.

    Returns
    -------
    array [n, band]
        NaN without a pair.
    """
    inside = free[:, None] & (np.abs(pixels) < CLIPPED)
    u = np.where(inside, pixels, 0.0)
    covariances = []
    for dy, dx in lags:
        first, second = _ends(u, dy, dx)
        pairs = np.logical_and(*_ends(inside, dy, dx)).sum(axis=(-2, -1))
        covariances.append(_ratio((first * second).sum(axis=(-2, -1)), pairs))
    variance = _ratio((u**2).sum(axis=(-2, -1)), inside.sum(axis=(-2, -1)))
    return _ratio(np.mean(covariances, axis=0), variance)


def band_correlation(pixels, free):
    """Correlation of the same pixel in adjacent bands: 0 for pure noise, higher where faint light remains.

    Parameters
    ----------
    pixels : array [n, band, y, x]
        From ``normalised``.
    free : bool array [n, y, x]

    Returns
    -------
    array [n, band - 1]
    """
    inside = free[:, None] & (np.abs(pixels) < CLIPPED)
    both = inside[:, 1:] & inside[:, :-1]
    blue, red = (np.where(both, part, 0.0) for part in (pixels[:, :-1], pixels[:, 1:]))
    product, *squares = ((a * b).sum(axis=(-2, -1)) for a, b in ((blue, red), (blue, blue), (red, red)))
    return _ratio(product, np.sqrt(squares[0] * squares[1]))


def _ends(values, dy, dx):
    """Values of both pixels of each pair with a given lag."""
    height, width = values.shape[-2:]
    first = values[..., : height - dy, max(-dx, 0) : width - max(dx, 0)]
    return first, values[..., dy:, max(dx, 0) : width + min(dx, 0)]


def _ratio(above, below):
    return np.divide(above, below, out=np.full(np.shape(above), np.nan), where=below > 0)
