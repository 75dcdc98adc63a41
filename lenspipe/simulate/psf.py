"""The point-spread function: a Moffat profile that contains the pixel.

The seeing that surveys publish is measured on pixels, so the profile is the effective one: a picture is the sky's
surface brightness convolved with it and sampled at pixel centres. Averaging over the pixel again would count it twice.
"""

from functools import cache

import numpy as np
from scipy.special import gamma, kv

HIGHEST = 60.0  # of k x alpha: the transform is below 1e-20 beyond
STEP = 0.005  # of the table


def moffat_alpha(fwhm, beta):
    """Scale length of a Moffat profile, in the unit of fwhm."""
    return fwhm / (2 * np.sqrt(2 ** (1 / beta) - 1))


def moffat(r, fwhm, beta):
    """Moffat profile of total flux 1: (beta - 1)/(pi alpha^2) (1 + r^2/alpha^2)^-beta, per arcsec^2 for r in arcsec."""
    alpha = moffat_alpha(fwhm, beta)
    return (beta - 1) / (np.pi * alpha**2) * (1 + (r / alpha) ** 2) ** -beta


@cache
def _transform_table(beta):
    x = np.arange(0, HIGHEST + 2 * STEP, STEP)
    values = np.ones_like(x)
    values[1:] = 2 * (x[1:] / 2) ** (beta - 1) * kv(beta - 1, x[1:]) / gamma(beta - 1)
    return values, np.diff(values, append=0.0)


def moffat_transform(k, fwhm, beta):
    """Fourier transform of the Moffat profile at wave numbers k (rad/arcsec): 1 at 0.

    2 (k alpha/2)^(beta-1) K_(beta-1)(k alpha) / Gamma(beta-1), the Hankel transform of the profile; linear between
    points of a table, which is right to 2e-6.
    """
    values, slopes = _transform_table(beta)
    place = np.minimum(k * (moffat_alpha(fwhm, beta) / STEP), HIGHEST / STEP)
    below = place.astype(np.intp)
    return values[below] + (place - below) * slopes[below]


def coadd_transform(row, bands, grid, survey):
    """Fourier transforms of a row's point-spread functions on the half-plane of ``rfft2``.

    Parameters
    ----------
    row : mapping
        One row of the catalogue.
    bands : sequence of str
    grid : rendering.Grid
    survey : Survey

    Returns
    -------
    float32 array [band, ky, kx]
    """
    seeing = np.array([row[f"seeing_{band}"] for band in bands])
    values = moffat_transform(grid.k, seeing[:, None], survey.moffat_beta).astype(np.float32)
    return values[:, grid.of_k]


def coadd_profile(dx, dy, row, band, survey):
    """A row's point-spread function in one band, per arcsec^2, at distances in arcsec from a star."""
    return moffat(np.hypot(dx, dy), row[f"seeing_{band}"], survey.moffat_beta)
