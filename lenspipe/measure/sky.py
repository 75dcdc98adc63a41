"""The sky of a stamp: which pixels are free of sources, how noisy they are, how neighbours go together."""

import numpy as np
from scipy import ndimage

SMOOTHED = 1.5  # pixels, sigma of the Gaussian that sources are looked for with: about that of the seeing
THRESHOLD = 3.0  # noise sigmas of the smoothed sum of all bands
GROWN = 3  # pixels that a source is grown by
ROUNDS = 3  # noise and sources are found from each other
STEP = 3  # pixels between those whose second difference gives the first guess of the noise
BELOW = 15.87  # %, of a normal law below its mean by one sigma
FEWEST = 100  # free pixels; a stamp with fewer says nothing of its sky
CLIPPED = 3.5  # noise sigmas beyond which a pixel is no sky's
MAD = 1.4826  # standard deviation of a normal law over its median absolute deviation
LAGS = {"1": [(0, 1), (1, 0)], "diagonal": [(1, 1), (1, -1)], "2": [(0, 2), (2, 0)], "3": [(0, 3), (3, 0)]}


def noise_of_differences(images):
    """Noise from second differences x[k-3] - 2 x[k] + x[k+3] along rows and columns, whose variance is 6 sigma^2.

    Slopes of light and single sources leave it; pixels three apart hardly go together. Good for a first guess.

    Parameters
    ----------
    images : array [..., y, x], counts

    Returns
    -------
    array [...], counts
    """
    parts = []
    for axis in (-2, -1):
        x = np.moveaxis(images, axis, -1)
        second = x[..., : -2 * STEP] - 2 * x[..., STEP:-STEP] + x[..., 2 * STEP :]
        parts.append(second.reshape(*images.shape[:-2], -1))
    return MAD * np.median(np.abs(np.concatenate(parts, axis=-1)), axis=-1) / np.sqrt(6)


def measure_sky(images):
    """Pixels free of sources, and the level and noise of the sky in them; without a word of where the stamps are from.

    A source is where the sum of all bands, each over its noise, smoothed by a Gaussian, exceeds 3 sigma of white noise;
    grown by 3 pixels. Noise: 1.4826 times the median absolute deviation of the free pixels.

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
    level = np.percentile(images, BELOW, axis=(-2, -1)) + sigma  # where the free pixels' faint half would have it
    first = (level, sigma)
    for _ in range(ROUNDS):
        free = ~_sources(images, level, sigma)
        level, sigma = _level_and_noise(images, free, *first)
    few = free.sum(axis=(1, 2)) < FEWEST
    level[few] = sigma[few] = np.nan
    return level, sigma, free


def _sources(images, level, sigma):
    bands = (images - level[..., None, None]) / np.where(sigma > 0, sigma, 1.0)[..., None, None]
    summed = bands.sum(axis=1) / np.sqrt(images.shape[1])
    smooth = ndimage.gaussian_filter(summed, (0, SMOOTHED, SMOOTHED), mode="nearest")
    bright = smooth > THRESHOLD / (2 * SMOOTHED * np.sqrt(np.pi))  # white noise keeps 1 / (2 s sqrt(pi))
    cross = ndimage.generate_binary_structure(2, 1)[None]
    return ndimage.binary_dilation(bright, cross, iterations=GROWN)


def _level_and_noise(images, free, level, sigma):
    """Of the free pixels; where there are too few, the first guess, so that the search goes on."""
    found, noise = level.copy(), sigma.copy()
    for k in np.flatnonzero(free.sum(axis=(1, 2)) >= FEWEST):
        values = images[k][:, free[k]]
        found[k] = np.median(values, axis=-1)
        noise[k] = MAD * np.median(np.abs(values - found[k][:, None]), axis=-1)
    return found, noise


def normalised(images, level, sigma):
    """Pixels over the noise of the sky, from its level; NaN where that is not known."""
    return (images - level[..., None, None]) / np.where(sigma > 0, sigma, np.nan)[..., None, None]


def correlation(pixels, free, lags):
    """Correlation of pixels some lags apart, both free of sources and within 3.5 sigma.

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
    found = []
    for dy, dx in lags:
        here, there = _ends(u, dy, dx)
        pairs = np.logical_and(*_ends(inside, dy, dx)).sum(axis=(-2, -1))
        found.append(_ratio((here * there).sum(axis=(-2, -1)), pairs))
    variance = _ratio((u**2).sum(axis=(-2, -1)), inside.sum(axis=(-2, -1)))
    return _ratio(np.mean(found, axis=0), variance)


def band_correlation(pixels, free):
    """Correlation of one pixel in adjacent bands: 0 for noise alone, more where faint light is left.

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
    """Values at both ends of a lag."""
    height, width = values.shape[-2:]
    here = values[..., : height - dy, max(-dx, 0) : width - max(dx, 0)]
    return here, values[..., dy:, max(dx, 0) : width + min(dx, 0)]


def _ratio(above, below):
    return np.divide(above, below, out=np.full(np.shape(above), np.nan), where=below > 0)
