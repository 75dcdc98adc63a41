"""Coadds of exposures: weights, noise, resampled pixels, depth."""

from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np

from lenspipe.surveys._resampling import autocorrelations, nearest_phase, power_spectra

APERTURE, DEPTH_SIGMA = 1.95, 10.0  # diameter in arcsec and signal-to-noise ratio at which DES DR1 and DR2 quote depths


@dataclass(frozen=True)
class Coadd:
    """The noise of one coadd, expressed as that of a single equivalent exposure.

    Attributes
    ----------
    gain : float
        Electrons per count: light of s counts has the variance s / gain.
    sky : float, electrons per pixel
    read_noise : float, electrons per pixel
    weights : array [exposure]
        Of the exposures in the coadd; their sum is 1.
    order : int
        Of the kernel that resamples exposures.
    phase_x, phase_y : int array [exposure]
        Index into ``autocorrelations`` of the position of the coadd's pixels between those of each exposure.
    noise_weights : array [exposure]
        Shares of the exposures in the variance of an empty pixel; their sum is 1.
    """

    gain: float
    sky: float
    read_noise: float
    weights: np.ndarray
    order: int
    phase_x: np.ndarray
    phase_y: np.ndarray
    noise_weights: np.ndarray

    @property
    def margin(self):
        """Distance, pixels (int), beyond which noise is uncorrelated."""
        return max(2 * self.order - 1, 0)

    def variance(self):
        """Variance, counts^2, of an empty pixel before resampling, which applies to light spread over many pixels."""
        return (self.sky + self.read_noise**2) / self.gain**2

    def sky_sigma(self):
        """Standard deviation of an empty pixel of the resampled coadd, counts."""
        return np.sqrt(self.variance() * self.covariance[0, 0])

    @cached_property
    def covariance(self):
        """Covariance of the resampled noise, array [y, x], pixels apart, for a variance of 1 before resampling."""
        along_y, along_x = (autocorrelations(self.order)[phase] for phase in (self.phase_y, self.phase_x))
        return (along_y * self.noise_weights[:, None]).T @ along_x

    def noise_power(self, size):
        """Power spectrum of the resampled noise on the half-plane of ``rfft2``, for a variance of 1 before resampling.

        Parameters
        ----------
        size : int
            Pixels along either axis.

        Returns
        -------
        array [size, size // 2 + 1]
        """
        table = power_spectra(self.order, size)
        return (table[self.phase_y] * self.noise_weights[:, None]).T @ table[self.phase_x, : size // 2 + 1]

    def aperture_sigma(self, diameter, pixel_scale):
        """Standard deviation of empty sky in a circular aperture, counts.

        Parameters
        ----------
        diameter, pixel_scale : float, arcsec
        """
        overlap, covariance = aperture_overlap(diameter, pixel_scale), self.covariance
        size = min(len(overlap), len(covariance))
        return np.sqrt(self.variance() * np.sum(overlap[:size, :size] * covariance[:size, :size]))

    def depth(self, survey, diameter=APERTURE, signal_to_noise=DEPTH_SIGMA):
        """AB magnitude of the light inside an aperture at which it has a given signal-to-noise ratio.

        Parameters
        ----------
        survey : Survey
        diameter : float, arcsec
            Of the aperture.
        signal_to_noise : float

        Returns
        -------
        float, mag
        """
        sigma = self.aperture_sigma(diameter, survey.pixel_scale)
        return survey.magnitude_zero_point - 2.5 * np.log10(signal_to_noise * sigma)


def coadd_of(survey, band, *, sky_brightness, transparency, dither_x, dither_y):
    """The coadd of exposures, weighted by their inverse variances.

    With weights w_j, g_j electrons per count, sky B_j and read noise R in electrons, light of s counts has the variance
    s sum(w_j^2 / g_j), an empty pixel sum(w_j^2 (B_j + R^2) / g_j^2). One exposure of gain 1 / sum(w_j^2 / g_j), with a
    sky that gives the second, has the same mean and variance.

    Parameters
    ----------
    survey : Survey
    band : str
    sky_brightness : array [exposure], mag/arcsec^2
    transparency : array [exposure]
    dither_x, dither_y : array [exposure], pixels
        Position of the coadd's pixels between those of the exposure, 0 to 1.

    Returns
    -------
    Coadd
    """
    gain = survey.electrons_per_count(band, transparency)
    sky = survey.sky_electrons(band, sky_brightness)
    weights = _weights(gain, sky, survey)
    effective = 1 / np.sum(weights**2 / gain)
    share = weights**2 * (sky + survey.read_noise**2) / gain**2
    return Coadd(
        gain=effective,
        sky=effective**2 * np.sum(weights**2 * sky / gain**2),
        read_noise=effective * np.sqrt(np.sum((weights * survey.read_noise / gain) ** 2)),
        weights=weights,
        order=survey.lanczos,
        phase_x=nearest_phase(dither_x),
        phase_y=nearest_phase(dither_y),
        noise_weights=share / share.sum(),
    )


def coadd_weights(survey, band, sky_brightness, transparency):
    """Inverse variances of exposures in counts, with sum 1 along the last axis.

    Parameters
    ----------
    survey : Survey
    band : str
    sky_brightness : array [..., exposure], mag/arcsec^2
    transparency : array [..., exposure]
        0 marks an exposure that does not exist.

    Returns
    -------
    array [..., exposure]
    """
    gain, sky = survey.electrons_per_count(band, transparency), survey.sky_electrons(band, sky_brightness)
    return _weights(gain, sky, survey)


def _weights(gain, sky, survey):
    weights = gain**2 / (sky + survey.read_noise**2)
    return weights / weights.sum(axis=-1, keepdims=True)


@cache
def aperture_overlap(diameter, pixel_scale):
    """Overlap of a circular aperture with a shifted copy of itself.

    Parameters
    ----------
    diameter, pixel_scale : float, arcsec

    Returns
    -------
    array [y, x], pixels
        At shifts 0, 1, ... pixels, added over both directions of each axis.
    """
    radius = diameter / 2 / pixel_scale
    half, fine = int(np.ceil(radius)) + 1, 16
    offset = (np.arange((2 * half + 1) * fine) + 0.5) / fine - half - 0.5
    inside = (np.hypot(offset[:, None], offset) < radius).astype(float)
    mask = inside.reshape(2 * half + 1, fine, 2 * half + 1, fine).mean(axis=(1, 3))
    size = len(mask)
    overlap = np.array(
        [[np.sum(mask[j:, i:] * mask[: size - j, : size - i]) for i in range(size)] for j in range(size)]
    )
    both = np.where(np.arange(size) > 0, 2, 1)
    return overlap * both * both[:, None]
