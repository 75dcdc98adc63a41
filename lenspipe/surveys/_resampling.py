"""Noise of resampled exposures: a Lanczos kernel interpolates an exposure to the pixels of the coadd.

A pixel of the coadd that falls between pixels of the exposure is a weighted mean of them. Its noise is lower, and it is
correlated with that of its neighbours. Light that the point-spread function spreads over several pixels hardly changes.
"""

from functools import cache

import numpy as np

PHASES = 512  # tabulated positions; half of their spacing is a thousandth of a pixel


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
    """Covariance of resampled white noise of variance 1 at distances 0, 1, ... pixels along one axis.

    Parameters
    ----------
    order : int
        Of the kernel.

    Returns
    -------
    array [PHASES, 2 x order], or [PHASES, 1] for order 0
        For each phase; zero at larger distances.
    """
    weights = taps((np.arange(PHASES) + 0.5) / PHASES, order)
    size = weights.shape[-1]
    return np.stack([(weights[:, lag:] * weights[:, : size - lag]).sum(axis=1) for lag in range(size)], axis=1)


@cache
def power_spectra(order, size):
    """Power spectra of the covariances of ``autocorrelations``.

    Parameters
    ----------
    order : int
        Of the kernel.
    size : int
        Number of pixels along the axis.

    Returns
    -------
    array [PHASES, size]
    """
    covariance = autocorrelations(order)
    cosines = 2 * np.cos(2 * np.pi * np.outer(np.arange(covariance.shape[1]), np.arange(size)) / size)
    cosines[0] = 1
    return covariance @ cosines


def nearest_phase(phase):
    """Index, int array [...], of the tabulated phase nearest to each ``phase``, array [...], pixels, 0 to 1."""
    return np.minimum((phase * PHASES).astype(int), PHASES - 1)
