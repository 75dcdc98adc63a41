"""Arcs around a red galaxy: a redder band is subtracted, and the residual is summed in patches around the galaxy.

The method is RingFinder's (Gavazzi et al. 2014, ApJ 785, 144): blue - alpha x red at the same seeing, with alpha such
that the core of the galaxy vanishes. A galaxy of uniform colour leaves only noise; bluer light remains.
"""

import numpy as np
from scipy import fft
from scipy.special import gamma, kv

from lenspipe.surveys import moffat_alpha

CORE = 0.7  # arcsec, radius of the aperture in which the difference vanishes
RINGS = np.arange(0.6, 3.01, 0.3)  # arcsec, radii
SECTORS = 12  # patches on a ring: an even number, so that each has an opposite one
WIDTH = 0.4  # arcsec, sigma of a patch: about that of the seeing
TABULATED = 4096  # points of the table of the Moffat profile's transform; interpolation is good to 1e-5
MARGIN = 16  # pixels around the stamp, so that convolution does not wrap light around


def moffat_transform(x, beta):
    """Fourier transform of a Moffat profile of flux 1.

    2 (x / 2)^(beta - 1) K_(beta - 1)(x) / Gamma(beta - 1), with a modified Bessel function.

    Parameters
    ----------
    x : array [...]
        Wave number times the scale length alpha of the profile.
    beta : float
        Exponent of the profile.

    Returns
    -------
    array [...]
    """
    x = np.maximum(x, 1e-6)
    return 2 * (x / 2) ** (beta - 1) * kv(beta - 1, x) / gamma(beta - 1)


def wave_numbers(num_pix, pixel_scale):
    """Wave numbers |k| of ``scipy.fft.rfft2`` of a stamp with its margin.

    Parameters
    ----------
    num_pix : int
    pixel_scale : float, arcsec

    Returns
    -------
    array [ky, kx], rad/arcsec
    """
    size = fft.next_fast_len(num_pix + MARGIN, real=True)
    kx, ky = fft.rfftfreq(size, pixel_scale), fft.fftfreq(size, pixel_scale)
    return 2 * np.pi * np.hypot(kx, ky[:, None])


def matching_kernels(fwhm, k, beta):
    """Transforms of the kernels that convolve bands to the worst seeing among them.

    Parameters
    ----------
    fwhm : array [n, band], arcsec
    k : array [ky, kx], rad/arcsec
        From ``wave_numbers``.
    beta : float
        Exponent of the Moffat profile.

    Returns
    -------
    array [n, band, ky, kx], float32
        At most 1: nothing is deconvolved.
    """
    alpha = moffat_alpha(fwhm.astype(float), beta)
    values, places = np.unique(k, return_inverse=True)  # the grid is symmetric
    x = values * alpha[..., None]
    # Bessel functions are slow: their logarithm is interpolated linearly.
    table = np.linspace(0, np.nanmax(x), TABULATED)
    each = np.interp(x, table, np.log(moffat_transform(table, beta)))
    return np.exp(each.min(axis=1, keepdims=True) - each).astype(np.float32)[..., places.reshape(k.shape)]


def difference(blue, red, kernels, core):
    """The difference ``blue - alpha x red`` at the same seeing.

    Parameters
    ----------
    blue, red : array [n, y, x], counts
    kernels : array [n, 2, ky, kx]
        From ``matching_kernels``, of blue and red.
    core : array [y, x]
        Mask of the aperture in which the difference vanishes.

    Returns
    -------
    left : array [n, y, x], counts
    alpha : array [n]
        Flux ratio of the core, 0 where the red band shows no flux.
    """
    size = kernels.shape[-2]
    spectra = fft.rfft2(np.stack([blue, red], axis=1), (size, size)) * kernels
    blue, red = np.moveaxis(fft.irfft2(spectra, (size, size))[..., : blue.shape[1], : blue.shape[2]], 1, 0)
    flux_blue, flux_red = (np.einsum("nyx,yx->n", band, core) for band in (blue, red))
    alpha = np.divide(flux_blue, flux_red, out=np.zeros_like(flux_blue), where=flux_red > 0)
    return blue - alpha[:, None, None] * red, alpha


def patches(num_pix, pixel_scale):
    """Gaussian weights of patches on rings around the centre; only rings that fit the stamp.

    Parameters
    ----------
    num_pix : int
    pixel_scale : float, arcsec

    Returns
    -------
    array [ring, sector, y, x], float32
        The squares of each patch sum to 1.
    """
    centre = (np.arange(num_pix) - (num_pix - 1) / 2) * pixel_scale
    rings = RINGS[RINGS + WIDTH < num_pix * pixel_scale / 2]
    angle = 2 * np.pi * np.arange(SECTORS) / SECTORS
    x, y = (rings[:, None] * f(angle) for f in (np.cos, np.sin))
    across, along = (np.exp(-(((centre - p[..., None]) / WIDTH) ** 2) / 2) for p in (x, y))
    weights = along[..., :, None] * across[..., None, :]
    return (weights / np.sqrt((weights**2).sum(axis=(2, 3), keepdims=True))).astype(np.float32)


def patch_noise(sky_sigma, alpha, kernels, k):
    """Standard deviation of a patch's weighted sum of the difference, from the noise of the sky.

    By Parseval's theorem: the power of the noise is white times kernel^2, that of the patch exp(-k^2 WIDTH^2).

    Parameters
    ----------
    sky_sigma : array [n, 2], counts
        Of blue and red.
    alpha : array [n]
    kernels : array [n, 2, ky, kx]
    k : array [ky, kx], rad/arcsec

    Returns
    -------
    array [n], counts
    """
    power = np.exp(-((k * WIDTH) ** 2))
    power[:, 1:] *= 2  # the half-plane that rfft2 omits
    remaining = np.einsum("nbyx,nbyx,yx->nb", kernels, kernels, power / power.sum(), optimize=True)
    return np.sqrt(remaining[:, 0] * sky_sigma[:, 0] ** 2 + remaining[:, 1] * (alpha * sky_sigma[:, 1]) ** 2)


def ring_features(snr):
    """Features of each ring, from the signal-to-noise ratios of its patches.

    Parameters
    ----------
    snr : array [n, ring, sector]

    Returns
    -------
    dict of str to array [n, ring]
        ``mean`` and ``max`` over the sectors, and ``pair``, the mean of the lesser of two opposite patches: lensed
        images lie on either side of the deflector, a neighbour on one side.
    """
    first, opposite = np.split(snr, 2, axis=2)
    return {"mean": snr.mean(axis=2), "max": snr.max(axis=2), "pair": np.minimum(first, opposite).mean(axis=2)}
