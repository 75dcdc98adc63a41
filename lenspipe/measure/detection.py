"""Detection and photometry of sources around a stamp's central galaxy, the same for real and simulated stamps.

The threshold is in units of the noise of the smoothed image, measured in the image itself. Coadding correlates the
pixels of real stamps: a threshold in units of the noise per pixel would give more detections there.
"""

import numpy as np
import pandas as pd
import sep
from scipy.ndimage import gaussian_filter

from lenspipe.measure.photometry import SHARES, asinh_magnitudes, concentration
from lenspipe.measure.sky import MAD

SMOOTHING = 1.0  # arcsec, FWHM of the Gaussian: about the seeing
THRESHOLD = 4.0  # noise sigmas of the smoothed image
SMALLEST = 3  # pixels above the threshold
LEVELS, CONTRAST = 32, 0.005  # of deblending: SExtractor's defaults (Bertin & Arnouts 1996)
CENTRE = 2.5  # arcsec from the stamp's centre; sources within belong to the central galaxy
KRON, SMALLEST_KRON = 2.5, 3.5  # ellipse of a total magnitude: in Kron radii; at least so many sigmas along the axes
WIDEST = 6.0  # sigmas along the axes within which the Kron radius and the light are measured
CLIPPED, ROUNDS = 3.0, 10  # of sigma clipping: sigmas and iterations
APERTURE = 1.95  # arcsec, diameter, for colours


def detect(images, bands, *, pixel_scale, zero_point):
    """Sources of stamps other than their central galaxies.

    Parameters
    ----------
    images : array [n, band, y, x], counts
    bands : sequence of str
    pixel_scale : float, arcsec
    zero_point : float, mag

    Returns
    -------
    DataFrame [source]
        ``stamp``; ``band``; ``x``, ``y``, ``distance``, arcsec from the stamp's centre; ``magnitude`` (Kron);
        ``radius``, arcsec, that holds half of that light; ``concentration``, 5 log10(r80 / r20); ``ellipticity``, 1 -
        b/a; ``signal``, peak over noise of the smoothed image.
    """
    tables = []
    for stamp, planes in enumerate(images):
        for band, plane in zip(bands, planes, strict=True):
            sources = _sources(plane, pixel_scale, zero_point)
            tables.append(sources.assign(stamp=stamp, band=band))
    table = pd.concat(tables, ignore_index=True)
    return table[["stamp", "band", *(name for name in table if name not in ("stamp", "band"))]]


def counts_per_stamp(sources, stamps, bands):
    """Numbers of detected sources.

    Parameters
    ----------
    sources : DataFrame [source]
        From ``detect``.
    stamps : int
        Number of stamps.
    bands : sequence of str

    Returns
    -------
    int array [stamp, band]
    """
    pairs = pd.MultiIndex.from_product([range(stamps), bands])
    return sources.groupby(["stamp", "band"]).size().reindex(pairs, fill_value=0).to_numpy().reshape(stamps, len(bands))


def aperture_magnitudes(images, sources, bands, *, pixel_scale, zero_point):
    """Asinh magnitudes of sources in all bands, within an aperture of 1.95 arcsec, softened at the noise.

    Parameters
    ----------
    images : array [n, band, y, x], counts
    sources : DataFrame [m]
        From ``detect``.
    bands : sequence of str
    pixel_scale : float, arcsec
    zero_point : float, mag

    Returns
    -------
    DataFrame [m], mag
        One column per band.
    """
    middle, radius = (images.shape[-1] - 1) / 2, APERTURE / 2 / pixel_scale
    magnitudes = np.full((len(sources), len(bands)), np.nan)
    for (stamp, b), plane in ((key, images[key]) for key in np.ndindex(images.shape[:2])):
        in_stamp = (sources["stamp"] == stamp).to_numpy()
        level, sigma = sky_and_noise(plane)
        place = (sources.loc[in_stamp, axis].to_numpy() / pixel_scale + middle for axis in "xy")
        flux, _, _ = sep.sum_circle(np.ascontiguousarray(plane - level, np.float32), *place, radius, subpix=5)
        magnitudes[in_stamp, b] = asinh_magnitudes(flux, sigma * np.sqrt(np.pi) * radius, zero_point)
    return pd.DataFrame(magnitudes, columns=list(bands), index=sources.index)


def sky_and_noise(plane):
    """Level and standard deviation of the sky: clipped median and scaled median absolute deviation.

    Unlike ``sky.measure_sky`` this needs one band only and masks no sources.

    Parameters
    ----------
    plane : array [y, x], counts

    Returns
    -------
    level, sigma : float, counts
    """
    remaining = plane.ravel()
    for _ in range(ROUNDS):
        level = np.median(remaining)
        sigma = MAD * np.median(np.abs(remaining - level))
        inside = np.abs(remaining - level) < CLIPPED * sigma
        if inside.all() or sigma == 0:  # more than half of the pixels are equal: nothing lies inside
            break
        remaining = remaining[inside]
    return level, sigma


def _sources(plane, pixel_scale, zero_point):
    """Sources of one plane, without those of the central galaxy."""
    plane = np.ascontiguousarray(plane, np.float32)
    plane = plane - sky_and_noise(plane)[0]
    smoothed = gaussian_filter(plane, SMOOTHING / pixel_scale / 2.3548)
    level, sigma = sky_and_noise(smoothed)
    sources, segments = sep.extract(
        smoothed - level,
        THRESHOLD * sigma,
        minarea=SMALLEST,
        filter_kernel=None,
        deblend_nthresh=LEVELS,
        deblend_cont=CONTRAST,
        segmentation_map=True,
    )
    middle = (plane.shape[0] - 1) / 2
    x, y = ((sources[axis] - middle) * pixel_scale for axis in "xy")
    is_central = (np.hypot(x, y) < CENTRE) | (np.arange(1, len(sources) + 1) == segments[int(middle), int(middle)])
    light = _light(plane, sources, segments)
    with np.errstate(divide="ignore", invalid="ignore"):
        table = {
            "x": x,
            "y": y,
            "distance": np.hypot(x, y),
            "magnitude": zero_point - 2.5 * np.log10(light["flux"]),
            "radius": light["radii"][:, 1] * pixel_scale,
            "concentration": concentration(light["radii"][:, 0], light["radii"][:, 2]),
            "ellipticity": 1 - sources["b"] / sources["a"],
            "signal": sources["peak"] / sigma,
        }
    return pd.DataFrame(table)[~is_central]


def _light(plane, sources, segments):
    """Kron fluxes, and radii (pixels) that hold ``SHARES`` of them; the pixels of other sources are masked."""
    place = (sources["x"], sources["y"])
    shape = (*place, sources["a"], sources["b"], sources["theta"].astype(np.float64).clip(-np.pi / 2, np.pi / 2))
    masking = {"seg_id": np.arange(1, len(sources) + 1), "segmap": segments}
    kron, _ = sep.kron_radius(plane, *shape, WIDEST, **masking)
    reach = np.maximum(KRON * np.nan_to_num(kron), SMALLEST_KRON)
    flux, _, _ = sep.sum_ellipse(plane, *shape, reach, subpix=5, **masking)
    radii, _ = sep.flux_radius(plane, *place, WIDEST * sources["a"], SHARES, normflux=flux, subpix=5, **masking)
    return {"flux": flux, "radii": radii.reshape(-1, len(SHARES))}
