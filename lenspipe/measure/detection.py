"""Sources in stamps, band by band, by one ruler for real and simulated ones.

The noise that counts is that of the smoothed image, measured in it: where coadding has correlated the pixels of real
stamps, a threshold in units of the pixels' own noise would find more there.
"""

import numpy as np
import pandas as pd
import sep
from scipy.ndimage import gaussian_filter

from lenspipe.measure.photometry import asinh_magnitudes

SMOOTHING = 1.0  # arcsec, FWHM of the Gaussian: about that of the seeing
THRESHOLD = 4.0  # noise sigmas of the smoothed image
SMALLEST = 3  # pixels above it
LEVELS, CONTRAST = 32, 0.005  # of deblending, as SExtractor has them (Bertin & Arnouts 1996)
CENTRE = 2.5  # arcsec about the middle whose sources are the stamp's own galaxy
KRON, SMALLEST_KRON = 2.5, 3.5  # a total magnitude's ellipse: Kron radii; at least so many sigmas along the axes
WIDEST = 6.0  # sigmas along the axes within which Kron's radius and light are looked for
CLIPPED, ROUNDS = 3.0, 10  # sigmas, and how often, when sky and noise are measured
SHARES = (0.2, 0.5, 0.8)  # of the light, whose radii are measured
APERTURE = 1.95  # arcsec, diameter for colours


def detect(images, bands, *, pixel_scale, zero_point):
    """Sources of stamps beside their central galaxies.

    Parameters
    ----------
    images : array [n, band, y, x], counts
    bands : sequence of str
    pixel_scale : float, arcsec
    zero_point : float

    Returns
    -------
    DataFrame
        A row a source: ``stamp``; ``band``; ``x``, ``y``, ``distance``, arcsec from the stamp's middle; ``magnitude``
        (Kron); ``radius``, arcsec, holding half of that light; ``concentration``, 5 log10(r80 / r20); ``ellipticity``,
        1 - b/a; ``signal``, the peak over the noise of the smoothed image.
    """
    tables = []
    for stamp, planes in enumerate(images):
        for band, plane in zip(bands, planes, strict=True):
            found = _sources(plane, pixel_scale, zero_point)
            tables.append(found.assign(stamp=stamp, band=band))
    table = pd.concat(tables, ignore_index=True)
    return table[["stamp", "band", *(name for name in table if name not in ("stamp", "band"))]]


def counts_per_stamp(sources, stamps, bands):
    """Numbers of detected sources, array [stamp, band]."""
    pairs = pd.MultiIndex.from_product([range(stamps), bands])
    return sources.groupby(["stamp", "band"]).size().reindex(pairs, fill_value=0).to_numpy().reshape(stamps, len(bands))


def aperture_magnitudes(images, sources, bands, *, pixel_scale, zero_point):
    """Magnitudes of sources in all bands within 1.95 arcsec, asinh magnitudes softened at the noise.

    Parameters
    ----------
    images : array [n, band, y, x], counts
    sources : DataFrame [m]
        Of ``detect``.

    Returns
    -------
    DataFrame [m]
        A column a band.
    """
    middle, radius = (images.shape[-1] - 1) / 2, APERTURE / 2 / pixel_scale
    found = np.full((len(sources), len(bands)), np.nan)
    for (stamp, b), plane in ((key, images[key]) for key in np.ndindex(images.shape[:2])):
        mine = (sources["stamp"] == stamp).to_numpy()
        level, sigma = sky_and_noise(plane)
        place = (sources.loc[mine, axis].to_numpy() / pixel_scale + middle for axis in "xy")
        flux, _, _ = sep.sum_circle(np.ascontiguousarray(plane - level, np.float32), *place, radius, subpix=5)
        found[mine, b] = asinh_magnitudes(flux, sigma * np.sqrt(np.pi) * radius, zero_point)
    return pd.DataFrame(found, columns=list(bands), index=sources.index)


def sky_and_noise(plane):
    """Level and standard deviation of a plane's sky: median and scaled median deviation, sources clipped away."""
    kept = plane.ravel()
    for _ in range(ROUNDS):
        level = np.median(kept)
        sigma = 1.4826 * np.median(np.abs(kept - level))
        inside = np.abs(kept - level) < CLIPPED * sigma
        if inside.all():
            break
        kept = kept[inside]
    return level, sigma


def _sources(plane, pixel_scale, zero_point):
    plane = np.ascontiguousarray(plane, np.float32)
    plane = plane - sky_and_noise(plane)[0]
    smoothed = gaussian_filter(plane, SMOOTHING / pixel_scale / 2.3548)
    level, sigma = sky_and_noise(smoothed)
    found, segments = sep.extract(
        smoothed - level,
        THRESHOLD * sigma,
        minarea=SMALLEST,
        filter_kernel=None,
        deblend_nthresh=LEVELS,
        deblend_cont=CONTRAST,
        segmentation_map=True,
    )
    middle = (plane.shape[0] - 1) / 2
    x, y = ((found[axis] - middle) * pixel_scale for axis in "xy")
    own = (np.hypot(x, y) < CENTRE) | (np.arange(1, len(found) + 1) == segments[int(middle), int(middle)])
    light = _light(plane, found, segments)
    with np.errstate(divide="ignore", invalid="ignore"):
        table = {
            "x": x,
            "y": y,
            "distance": np.hypot(x, y),
            "magnitude": zero_point - 2.5 * np.log10(light["flux"]),
            "radius": light["radii"][:, 1] * pixel_scale,
            "concentration": 5 * np.log10(light["radii"][:, 2] / light["radii"][:, 0]),
            "ellipticity": 1 - found["b"] / found["a"],
            "signal": found["peak"] / sigma,
        }
    return pd.DataFrame(table)[~own]


def _light(plane, found, segments):
    """Kron fluxes, and radii that hold shares of them (pixels); light that belongs to other sources is left out."""
    place = (found["x"], found["y"])
    shape = (*place, found["a"], found["b"], found["theta"].astype(np.float64).clip(-np.pi / 2, np.pi / 2))
    others = {"seg_id": np.arange(1, len(found) + 1), "segmap": segments}
    kron, _ = sep.kron_radius(plane, *shape, WIDEST, **others)
    reach = np.maximum(KRON * np.nan_to_num(kron), SMALLEST_KRON)
    flux, _, _ = sep.sum_ellipse(plane, *shape, reach, subpix=5, **others)
    radii, _ = sep.flux_radius(plane, *place, WIDEST * found["a"], SHARES, normflux=flux, subpix=5, **others)
    return {"flux": flux, "radii": radii.reshape(-1, len(SHARES))}
