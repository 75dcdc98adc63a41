"""From expected light to a coadd: photons, read noise, resampled pixels, back to counts."""

from dataclasses import dataclass

import numpy as np
from scipy import fft

from lenspipe.rng import pixel_stream
from lenspipe.simulate.forecast import forecast_snr

EXPOSURES = ("sky_brightness", "transparency", "dither_x", "dither_y")  # lists of a row that the noise comes from


@dataclass(frozen=True)
class Observed:
    """A sky-subtracted coadd and its properties.

    Attributes
    ----------
    image : float32 array [band, y, x], counts
    sky_sigma : float32 array [band], counts
        Standard deviation of an empty pixel.
    depth : float32 array [band], AB mag
        Of 10 sigma in an aperture of 1.95 arcsec.
    arc_snr : float
        sqrt of the sum over bands and pixels of source^2 / variance, before resampling.
    forecast_snr : float32 array [band]
        ``forecast.forecast_snr``, before resampling.
    """

    image: np.ndarray
    sky_sigma: np.ndarray
    depth: np.ndarray
    arc_snr: float
    forecast_snr: np.ndarray


def coadds_of(row, bands, survey):
    """The coadds of a catalogue row: list [band] of ``surveys.Coadd``.

    ``row`` (mapping), ``bands`` (sequence of str), ``survey`` (Survey).
    """
    exposures = {band: {name: np.asarray(row[f"exposure_{name}_{band}"]) for name in EXPOSURES} for band in bands}
    return [survey.coadd(band, **exposures[band]) for band in bands]


def observe(lens_light, source_light, row, bands, survey, seed):
    """Add the noise of a coadd to expected light.

    The Poisson noise of the source, that of all else, and the read noise are drawn apart, and added: the sum of two
    Poisson numbers is one, and an object without its source keeps the rest of its noise. All noise is filtered as
    resampling filters that of the exposures, which is linear; expected light is not, since its point-spread function
    is that of the coadd.

    Parameters
    ----------
    lens_light, source_light : array [band, y, x], counts
        Expected light; there is no source where ``source_R_sersic`` is NaN.
    row : mapping
        Exposures, and ``noise_id``.
    bands : sequence of str
    survey : Survey
    seed : int

    Returns
    -------
    Observed
    """
    streams = {purpose: pixel_stream(seed, row["noise_id"], purpose) for purpose in ("sky", "source", "read")}
    has_source = np.isfinite(row["source_R_sersic"])
    coadds = coadds_of(row, bands, survey)
    num_pix = lens_light.shape[-1]
    size = fft.next_fast_len(num_pix + max(coadd.margin for coadd in coadds), real=True)
    noise = np.empty((len(bands), size, size), np.float32)
    snr2 = 0.0
    for plane, lens, source, coadd in zip(noise, lens_light.clip(0), source_light.clip(0), coadds, strict=True):
        lens, source = lens * coadd.gain, source * coadd.gain
        expected = np.full(plane.shape, coadd.sky)
        expected[:num_pix, :num_pix] += lens
        plane[:] = streams["sky"].poisson(expected) - expected
        plane += coadd.read_noise * streams["read"].standard_normal(plane.shape)
        if has_source:
            plane[:num_pix, :num_pix] += streams["source"].poisson(source) - source
            snr2 += np.sum(source**2 / (lens + source + coadd.sky + coadd.read_noise**2))
        plane /= coadd.gain
    image = lens_light + source_light + resampled(noise, coadds)[:, :num_pix, :num_pix]
    return Observed(
        image.astype(np.float32),
        np.array([coadd.sky_sigma() for coadd in coadds], np.float32),
        np.array([coadd.depth(survey) for coadd in coadds], np.float32),
        float(np.sqrt(snr2)),
        forecast_snr(lens_light, source_light, coadds),
    )


def resampled(noise, coadds):
    """White noise with the power spectrum that resampling leaves it.

    Opposite edges are correlated as neighbours are: cut off ``coadd.margin`` pixels along each axis.

    Parameters
    ----------
    noise : array [band, y, x]
    coadds : list of surveys.Coadd

    Returns
    -------
    array [band, y, x]
    """
    root = np.sqrt([coadd.noise_power(noise.shape[-1]) for coadd in coadds]).astype(noise.dtype)
    return fft.irfft2(fft.rfft2(noise) * root, noise.shape[-2:])
