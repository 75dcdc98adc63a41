"""From expected light to a coadd: photons, read noise, back to counts."""

import numpy as np

from lenspipe.rng import pixel_stream


def observe(lens_light, source_light, row, bands, survey, seed):
    """Add the noise of a coadd whose sky has been subtracted.

    Parameters
    ----------
    lens_light, source_light : array [band, y, x], counts
        Expected light. The Poisson noise of the source is drawn apart from that of all else, and added: the sum of two
        Poisson numbers is one, and an object without its source keeps the rest of its noise.
    row : mapping
        Conditions, and ``noise_id``.
    bands : sequence of str
    survey : Survey
    seed : int

    Returns
    -------
    image : float32 array [band, y, x], counts
    sky_sigma : float32 array [band], counts
        Standard deviation of an empty pixel.
    arc_snr : float
        sqrt of the sum over bands and pixels of source^2 / variance.
    """
    streams = {purpose: pixel_stream(seed, row["noise_id"], purpose) for purpose in ("sky", "source", "read")}
    image = np.empty(lens_light.shape, np.float32)
    sky_sigma = np.empty(len(bands), np.float32)
    snr2 = 0.0
    for b, band in enumerate(bands):
        exposures, sky_brightness = row[f"num_exposures_{band}"], row[f"sky_brightness_{band}"]
        unit = survey.counts_per_electron(band, exposures)
        sky = survey.sky_electrons(band, sky_brightness, exposures)
        lens, source = lens_light[b].clip(0) / unit, source_light[b].clip(0) / unit  # a transform leaves -1e-12
        electrons = streams["sky"].poisson(lens + sky) - sky
        electrons += streams["read"].normal(0, survey.read_noise * np.sqrt(exposures), lens.shape)
        if np.isfinite(row["source_R_sersic"]):
            electrons += streams["source"].poisson(source)
        image[b] = electrons * unit
        sky_sigma[b] = survey.sky_sigma(band, sky_brightness, exposures)
        snr2 += np.sum(source**2 / (lens + source + sky + exposures * survey.read_noise**2))
    return image, sky_sigma, float(np.sqrt(snr2))
