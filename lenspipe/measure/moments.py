"""Position and ellipticity of a galaxy: adaptive second moments, under a Gaussian fitted to the light."""

from functools import cache

import numpy as np

STEPS = 60  # iterations
SIGMA = (1.0, 6.0)  # pixels, allowed range of the Gaussian's width
START = 2.5  # pixels, initial width
FARTHEST = 3.0  # pixels, largest distance of the galaxy's centre from the stamp's
LEAST_Q = 0.2  # smallest axis ratio
RESPONSE = 0.75  # measured over true ellipticity of simulated de Vaucouleurs galaxies at DES seeing
LARGEST_E = (1 - LEAST_Q) / (1 + LEAST_Q)


def adaptive_moments(images):
    """Centres and second moments of the Gaussians that fit images best.

    On a galaxy with covariance M, a Gaussian weight W of the same covariance has first moments of half the offset and
    second moments of M/2. Both are corrected until they agree (Bernstein & Jarvis 2002, AJ 123, 583, section 3).

    Parameters
    ----------
    images : array [n, y, x]

    Returns
    -------
    center : array [n, 2], pixels
        x and y from the stamp's centre.
    moments : array [n, 3], pixels^2
        xx, yy, xy of M.
    """
    n, size = len(images), images.shape[-1]
    axis = np.arange(size) - (size - 1) / 2
    center, moments = np.zeros((n, 2)), np.tile([START**2, START**2, 0.0], (n, 1))
    for _ in range(STEPS):  # not every image has a Gaussian that fits it: centres and widths stay within their bounds
        x, y = axis - center[:, :1], axis - center[:, 1:]
        xx, yy, xy = moments.T
        inverse = np.stack([yy, xx, -xy]) / (xx * yy - xy**2)
        square = inverse[0, :, None, None] * x[:, None, :] ** 2 + inverse[1, :, None, None] * y[:, :, None] ** 2
        square += 2 * inverse[2, :, None, None] * x[:, None, :] * y[:, :, None]
        light = np.exp(-square / 2) * images
        flux = np.maximum(light.sum(axis=(1, 2)), 1e-9)
        first = np.stack([np.einsum("nyx,nx->n", light, x), np.einsum("nyx,ny->n", light, y)], axis=1) / flux[:, None]
        second = [
            np.einsum("nyx,nx->n", light, x**2),
            np.einsum("nyx,ny->n", light, y**2),
            np.einsum("nyx,nx,ny->n", light, x, y),
        ]
        center = np.clip(center + 2 * first, -FARTHEST, FARTHEST)
        moments = _bounded(2 * np.stack(second, axis=1) / flux[:, None])
    return center, moments


@cache
def moffat_sigma(beta):
    """Width, float, of the Gaussian that best fits a Moffat profile of FWHM 1 with exponent ``beta``, float.

    It is 0.48 for beta 3; a Gaussian has 0.42.
    """
    axis, fwhm = np.arange(-40, 41), 8.0
    alpha2 = (fwhm / 2) ** 2 / (2 ** (1 / beta) - 1)
    profile = (1 + (axis[:, None] ** 2 + axis**2) / alpha2) ** -beta
    return float(np.sqrt(adaptive_moments(profile[None])[1][0, 0]) / fwhm)


def _bounded(moments):
    """Moments with principal widths limited to SIGMA, so that neighbours and noise cannot make the fit diverge."""
    mean, difference, angle = _principal(moments)
    large, small = (np.clip(mean + sign * difference, SIGMA[0] ** 2, SIGMA[1] ** 2) for sign in (1, -1))
    mean, difference = (large + small) / 2, (large - small) / 2
    along, across = difference * np.cos(angle), difference * np.sin(angle)
    return np.stack([mean + along, mean - along, across], axis=1)


def _principal(moments):
    """Mean of the principal moments, half their difference, and twice the major axis's angle (rad)."""
    xx, yy, xy = moments.T
    return (xx + yy) / 2, np.hypot((xx - yy) / 2, xy), np.arctan2(2 * xy, xx - yy)


def ellipticity_before_blurring(moments, psf_sigma):
    """Ellipticity of light before the blurring by a round point-spread function.

    Parameters
    ----------
    moments : array [n, 3], pixels^2
        xx, yy, xy of the blurred light.
    psf_sigma : array [n], pixels
        Width of the point-spread function.

    Returns
    -------
    e1, e2 : array [n]
        (1-q)/(1+q) (cos 2 phi, sin 2 phi), with q the square root of the ratio of principal moments, over RESPONSE.
    """
    mean, difference, angle = _principal(moments)
    large, small = mean + difference - psf_sigma**2, mean - difference - psf_sigma**2
    q = np.sqrt(np.clip(small / np.maximum(large, 1e-3), LEAST_Q**2, 1))
    e = np.where(large > 0, np.minimum((1 - q) / (1 + q) / RESPONSE, LARGEST_E), 0)
    return e * np.cos(angle), e * np.sin(angle)
