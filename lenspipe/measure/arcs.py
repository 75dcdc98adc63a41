"""Arcs around a red galaxy: a redder band takes the galaxy away, and what is left is weighed around it.

As RingFinder does (Gavazzi et al. 2014, ApJ 785, 144): blue - alpha x red at one seeing, alpha such that the galaxy's
core vanishes. A galaxy of one colour leaves noise; what is bluer than it stays.
"""

import numpy as np
from scipy import fft
from scipy.special import gamma, kv

CORE = 0.7  # arcsec: aperture whose flux is made to vanish
RINGS = np.arange(0.6, 3.01, 0.3)  # arcsec
SECTORS = 12  # patches on a ring: an even number, so that each has one opposite
WIDTH = 0.4  # arcsec, sigma of a patch: about that of the seeing
TABULATED = 4096  # places of the Moffat profile's transform, which is good to 1e-5 between them
MARGIN = 16  # pixels around the stamp, so that convolution does not wrap light around


def moffat_transform(x, beta):
    """Fourier transform of a Moffat profile of flux 1 and radius alpha, x = k alpha.

    2 (x / 2)^(beta - 1) K_(beta - 1)(x) / Gamma(beta - 1), with a modified Bessel function.
    """
    x = np.maximum(x, 1e-6)
    return 2 * (x / 2) ** (beta - 1) * kv(beta - 1, x) / gamma(beta - 1)


def wave_numbers(num_pix, pixel_scale):
    """|k| of ``scipy.fft.rfft2`` on the stamp with its margin, array [ky, kx], rad/arcsec."""
    size = fft.next_fast_len(num_pix + MARGIN, real=True)
    kx, ky = fft.rfftfreq(size, pixel_scale), fft.fftfreq(size, pixel_scale)
    return 2 * np.pi * np.hypot(kx, ky[:, None])


def matching_kernels(fwhm, k, beta):
    """Transforms of the kernels that bring bands to the worst seeing among them.

    Parameters
    ----------
    fwhm : array [n, band], arcsec
    k : array [ky, kx], rad/arcsec
    beta : float
        Of the Moffat profile.

    Returns
    -------
    array [n, band, ky, kx], float32
        At most 1: nothing is deconvolved.
    """
    alpha = fwhm.astype(float) / (2 * np.sqrt(2 ** (1 / beta) - 1))
    values, places = np.unique(k, return_inverse=True)  # the grid is symmetric
    x = values * alpha[..., None]
    table = np.linspace(
        0, np.nanmax(x), TABULATED
    )  # Bessel functions are slow; between these their logarithm is straight
    each = np.interp(x, table, np.log(moffat_transform(table, beta)))
    return np.exp(each.min(axis=1, keepdims=True) - each).astype(np.float32)[..., places.reshape(k.shape)]


def difference(blue, red, kernels, core):
    """``blue - alpha x red`` at one seeing.

    Parameters
    ----------
    blue, red : array [n, y, x], counts
    kernels : array [n, 2, ky, kx]
        From ``matching_kernels``, of blue and red.
    core : array [y, x]
        Mask of the aperture in which the difference vanishes.

    Returns
    -------
    array [n, y, x], counts
    alpha : array [n]
        Flux ratio of the core, 0 where the red band shows none.
    """
    size = kernels.shape[-2]
    spectra = fft.rfft2(np.stack([blue, red], axis=1), (size, size)) * kernels
    blue, red = np.moveaxis(fft.irfft2(spectra, (size, size))[..., : blue.shape[1], : blue.shape[2]], 1, 0)
    flux_blue, flux_red = (np.einsum("nyx,yx->n", band, core) for band in (blue, red))
    alpha = np.divide(flux_blue, flux_red, out=np.zeros_like(flux_blue), where=flux_red > 0)
    return blue - alpha[:, None, None] * red, alpha


def patches(num_pix, pixel_scale):
    """Gaussian weights [ring, sector, y, x] around the centre, their squares summing to 1; rings that fit the stamp."""
    centre = (np.arange(num_pix) - (num_pix - 1) / 2) * pixel_scale
    rings = RINGS[RINGS + WIDTH < num_pix * pixel_scale / 2]
    angle = 2 * np.pi * np.arange(SECTORS) / SECTORS
    x, y = (rings[:, None] * f(angle) for f in (np.cos, np.sin))
    across, along = (np.exp(-(((centre - p[..., None]) / WIDTH) ** 2) / 2) for p in (x, y))
    weights = along[..., :, None] * across[..., None, :]
    return (weights / np.sqrt((weights**2).sum(axis=(2, 3), keepdims=True))).astype(np.float32)


def patch_noise(sky_sigma, alpha, kernels, k):
    """Standard deviation of a patch's weighted sum of the difference, from the sky's noise.

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
        By Parseval: the noise's power is white times kernel^2, the patch's power exp(-k^2 WIDTH^2).
    """
    power = np.exp(-((k * WIDTH) ** 2))
    power[:, 1:] *= 2  # the half of the plane that rfft2 leaves out
    kept = np.einsum("nbyx,nbyx,yx->nb", kernels, kernels, power / power.sum(), optimize=True)
    return np.sqrt(kept[:, 0] * sky_sigma[:, 0] ** 2 + kept[:, 1] * (alpha * sky_sigma[:, 1]) ** 2)


def ring_features(snr):
    """What the patches of each ring say.

    Parameters
    ----------
    snr : array [n, ring, sector]
        Signal to noise of each patch.

    Returns
    -------
    dict of str to array [n, ring]
        ``mean`` and ``max`` over the sectors, and ``pair``, the mean of the lesser of two opposite patches: lensed
        images lie on either side of the deflector, a neighbour on one.
    """
    first, opposite = np.split(snr, 2, axis=2)
    return {"mean": snr.mean(axis=2), "max": snr.max(axis=2), "pair": np.minimum(first, opposite).mean(axis=2)}
