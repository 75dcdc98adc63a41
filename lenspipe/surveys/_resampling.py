"""What resampling does to noise: an exposure is interpolated to the coadd's pixels with a Lanczos kernel.

Where a pixel of the coadd falls between those of the exposure it is a weighted mean of them: its noise is less, and its
neighbours share it. Light that the point-spread function has spread over several pixels passes nearly unchanged.
"""

from functools import cache

import numpy as np

PHASES = 512  # tabulated; half of the distance between two is a thousandth of a pixel


def taps(phase, order):
    """Weights of the 2 x order nearest pixels of an exposure in one pixel of the coadd, along one axis.

    Parameters
    ----------
    phase : array [...], pixels
        Distance to the next pixel on the left, 0 to 1.
    order : int
        Of the kernel; 0 takes the nearest pixel.

    Returns
    -------
    array [..., 2 x order]
        L(x) = sinc(x) sinc(x / order) within order pixels, scaled to sum to 1. Source: SWarp user's guide, section 5.6.
    """
    if order == 0:
        return np.ones((*np.shape(phase), 1))
    x = np.arange(1 - order, order + 1) - np.asarray(phase)[..., None]
    weights = np.sinc(x) * np.sinc(x / order)
    return weights / weights.sum(axis=-1, keepdims=True)


@cache
def autocorrelations(order):
    """Covariance of an exposure's resampled white noise of variance 1 at distances 0, 1, ... pixels along one axis.

    Returns
    -------
    array [PHASES, 2 x order], or [PHASES, 1] for order 0
        For each phase; after the last distance there is none.
    """
    weights = taps((np.arange(PHASES) + 0.5) / PHASES, order)
    size = weights.shape[-1]
    return np.stack([(weights[:, lag:] * weights[:, : size - lag]).sum(axis=1) for lag in range(size)], axis=1)


@cache
def power_spectra(order, size):
    """Power spectra of what ``autocorrelations`` tells of, for ``size`` pixels along the axis: array [PHASES, size]."""
    covariance = autocorrelations(order)
    cosines = 2 * np.cos(2 * np.pi * np.outer(np.arange(covariance.shape[1]), np.arange(size)) / size)
    cosines[0] = 1
    return covariance @ cosines


def nearest_phase(phase):
    """Numbers of the tabulated phases that are nearest: int array."""
    return np.minimum((phase * PHASES).astype(int), PHASES - 1)
