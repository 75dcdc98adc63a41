"""The point-spread function of a coadd: a weighted sum of its exposures' Moffat profiles, slightly elliptical.

The seeing that surveys publish is measured on pixels, so the profile is the effective one: a picture is the sky's
surface brightness convolved with it and sampled at pixel centres. Averaging over the pixel again would count it twice,
and so would the kernel that exposures are resampled with, which widens a star by less than 1 %.
"""

from functools import cache, cached_property

import numpy as np
from scipy.special import gamma, kv

from lenspipe.simulate import psf_kernels
from lenspipe.surveys import moffat_alpha

HIGHEST = 60.0  # of k x alpha: the transform is below 1e-20 beyond
STEP = 0.005  # of the table
FINE = 0.02  # of the tables of sums of Moffat profiles, in k x alpha: right to 3e-5
NARROWEST = 0.7  # of the mean radius: along the minor axis of the most elliptical profile, |e| = 0.3
NODES, FARTHEST = 320, 100.0  # of the tables of sums in real space; arcsec


def moffat(r, fwhm, beta):
    """Moffat profile of total flux 1, (beta - 1)/(pi alpha^2) (1 + r^2/alpha^2)^-beta: array [...], per arcsec^2.

    ``r`` (array [...], arcsec), ``fwhm`` (float, arcsec), ``beta`` (float).
    """
    alpha = moffat_alpha(fwhm, beta)
    return (beta - 1) / (np.pi * alpha**2) * (1 + (r / alpha) ** 2) ** -beta


@cache
def transform_table(beta):
    """Transform of the Moffat profile of exponent ``beta`` (float) at k x alpha = 0, STEP, ...: array [n].

    2 (x/2)^(beta-1) K_(beta-1)(x) / Gamma(beta-1), the Hankel transform of the profile. Linear interpolation is
    accurate to 2e-6.
    """
    x = np.arange(0, HIGHEST + 2 * STEP, STEP)
    values = np.ones_like(x)
    values[1:] = 2 * (x[1:] / 2) ** (beta - 1) * kv(beta - 1, x[1:]) / gamma(beta - 1)
    return values


class CoaddPsf:
    """The point-spread functions of one object's coadds, evaluated.

    Parameters
    ----------
    psf : Psf
    """

    def __init__(self, psf):
        self.beta, self.weights = psf.beta, psf.weights
        self.alpha = [moffat_alpha(fwhm, psf.beta) for fwhm in psf.fwhm]  # of each band, as all here
        self.stretch = [_stretch(e1, e2) for e1, e2 in zip(psf.e1, psf.e2, strict=True)]
        self.inverse = [_stretch(-e1, -e2) for e1, e2 in zip(psf.e1, psf.e2, strict=True)]
        self.widest = np.array([alpha.max() for alpha in self.alpha])

    def transform(self, grid):
        """Fourier transforms on the half-plane of ``rfft2``.

        With x' = M x the sum's argument, of determinant 1, the transform's is the inverse of M times k: M of -e.

        Parameters
        ----------
        grid : canvas.Grid

        Returns
        -------
        float32 array [band, ky, kx]
        """
        planes = np.empty((len(self.alpha), len(grid.ky), len(grid.kx)), np.float32)
        for plane, alpha, weights, inverse in zip(planes, self.alpha, self.weights, self.inverse, strict=True):
            psf_kernels.moffats_transform(
                plane, grid.kx, grid.ky, inverse, alpha, weights, transform_table(self.beta), STEP, FINE
            )
        return planes

    def reach(self, flux, brightness):
        """Radii, arcsec, beyond which stars are fainter than a brightness in every band: array [star].

        Of Moffat profiles the widest is the brightest at r > alpha / sqrt(beta - 1), where F (beta - 1) / (pi alpha^2)
        (1 + (r / alpha)^2)^-beta falls below the brightness.

        Parameters
        ----------
        flux : array [star, band]
        brightness : float
            In the unit of flux per arcsec^2.
        """
        middle = flux * (self.beta - 1) / (np.pi * self.widest**2)
        falls = (middle / brightness) ** (1 / self.beta) - 1
        return np.max(self.widest * np.sqrt(np.maximum(falls, 1 / (self.beta - 1))), axis=1) / NARROWEST

    def add_stars(self, images, axis_x, axis_y, x, y, flux, brightness):
        """Add stars to images, in place, out to a limiting brightness; stars may lie outside of the images.

        Parameters
        ----------
        images : array [band, y, x]
        axis_x, axis_y : array [x], array [y], arcsec
            Centres of the pixels.
        x, y : array [star], arcsec
        flux : array [star, band]
            What images hold for a surface brightness of 1 per arcsec^2.
        brightness : float
            In the images' unit: fainter light is left out.
        """
        if len(x):
            reach = self.reach(flux, brightness)
            psf_kernels.add_stars(images, axis_x, axis_y, x, y, flux, reach, np.array(self.stretch), *self._profiles)

    def at(self, x, y):
        """Surface brightness of a star of flux 1 at distances from it.

        Parameters
        ----------
        x, y : array [x], array [y], arcsec

        Returns
        -------
        array [band, y, x], per arcsec^2
        """
        images, bands = np.zeros((len(self.alpha), len(y), len(x))), len(self.alpha)
        self.add_stars(images, x, y, np.zeros(1), np.zeros(1), np.ones((1, bands)), 1e-30)
        return images

    @cached_property
    def _profiles(self):
        """For each band the logarithm of the sum of profiles, even in ln(1 + (r / scale)^2): nearly a straight line."""
        scales, steps, logs = np.empty(len(self.alpha)), np.empty(len(self.alpha)), np.empty((len(self.alpha), NODES))
        for b, (alpha, weights) in enumerate(zip(self.alpha, self.weights, strict=True)):
            scale = alpha.min()
            s = np.arange(NODES) * (np.log1p((FARTHEST / scale) ** 2) / (NODES - 1))
            r = scale * np.sqrt(np.expm1(s))
            total = (weights * (self.beta - 1) / (np.pi * alpha**2)) @ (1 + (r / alpha[:, None]) ** 2) ** -self.beta
            scales[b], steps[b], logs[b] = scale, s[1], np.log(total)
        return scales, steps, logs


def _stretch(e1, e2):
    """Matrix to coordinates in which ellipses of (1-q)/(1+q) = |e| are circles of the same area."""
    return np.array([[1 - e1, -e2], [-e2, 1 + e1]]) / np.sqrt(1 - e1**2 - e2**2)
