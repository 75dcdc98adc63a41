"""Features for trees: aperture magnitudes, colours and arcs of each object of an image store, without the truth."""

import itertools

import numpy as np
import pandas as pd

from lenspipe import store
from lenspipe.measure import arcs
from lenspipe.measure.photometry import aperture_fluxes, aperture_masks, asinh_magnitudes

TOTAL = 4.0  # arcsec, radius: holds deflector, arc and near neighbours
APERTURES = (0.7, 1.6, 3.0)  # arcsec, radii of additional apertures
BLOCK = 4 * store.CHUNK  # images in memory at once
RED = ("i", "r", "z")  # the band that the deflector is subtracted with, in order of preference


def measure_store(path):
    """Features of every object of a store, measured block by block.

    Parameters
    ----------
    path : path
        Of a store with ``sky_sigma`` and ``psf_fwhm``.

    Returns
    -------
    DataFrame [n]
        ``id`` and the features of ``measure_features``.
    """
    dataset = store.open_images(path)
    survey = {
        "bands": [str(band) for band in dataset["band"].values],
        "pixel_scale": dataset.attrs["pixel_scale"],
        "zero_point": dataset.attrs["magnitude_zero_point"],
        "beta": dataset.attrs["moffat_beta"],
    }
    parts = []
    for start in range(0, dataset.sizes["object"], BLOCK):
        block = dataset.isel(object=slice(start, start + BLOCK))
        images, sky_sigma, psf_fwhm = (block[name].to_numpy() for name in ("image", "sky_sigma", "psf_fwhm"))
        features = measure_features(images, sky_sigma, psf_fwhm, **survey)
        parts.append(pd.DataFrame({"id": block["id"].to_numpy()} | features))
    return pd.concat(parts, ignore_index=True)


def measure_features(images, sky_sigma, psf_fwhm, *, bands, pixel_scale, zero_point, beta):
    """Magnitudes, colours and, with two bands or more, arc features.

    Parameters
    ----------
    images : array [n, band, y, x], counts
    sky_sigma : array [n, band], counts
    psf_fwhm : array [n, band], arcsec
    bands : sequence of str
        From blue to red.
    pixel_scale : float, arcsec
    zero_point : float, mag
        Of the images.
    beta : float
        Exponent of the Moffat profile.

    Returns
    -------
    dict of str to array [n]
        ``total_g``, ``total_g-r``, ... in ``TOTAL``; ``aperture0.7_g``, ... in ``APERTURES``; and those of
        ``measure_arcs``.
    """
    names = {"total": TOTAL} | {f"aperture{radius:g}": radius for radius in APERTURES}
    masks = aperture_masks(images.shape[-1], list(names.values()), pixel_scale)
    fluxes = aperture_fluxes(images, masks)
    noise = sky_sigma[..., None] * np.sqrt((masks**2).sum(axis=(1, 2)))
    magnitudes = asinh_magnitudes(fluxes, noise, zero_point)
    features = {}
    for k, name in enumerate(names):
        features |= {f"{name}_{band}": magnitudes[:, b, k] for b, band in enumerate(bands)}
        features |= {
            f"{name}_{blue}-{red}": magnitudes[:, b, k] - magnitudes[:, b + 1, k]
            for b, (blue, red) in enumerate(itertools.pairwise(bands))
        }
    if len(bands) > 1:
        pair = [0, next((bands.index(band) for band in RED if band in bands[1:]), len(bands) - 1)]
        features |= measure_arcs(
            images[:, pair], sky_sigma[:, pair], psf_fwhm[:, pair], pixel_scale=pixel_scale, beta=beta
        )
    return features


def measure_arcs(images, sky_sigma, psf_fwhm, *, pixel_scale, beta):
    """Arc features, from a blue and a red band.

    Parameters
    ----------
    images : array [n, 2, y, x], counts
    sky_sigma : array [n, 2], counts
    psf_fwhm : array [n, 2], arcsec
    pixel_scale : float, arcsec
    beta : float
        Exponent of the Moffat profile.

    Returns
    -------
    dict of str to array [n]
        ``core_ratio``, blue over red flux of the core; ``ring0.6_mean``, ...; ``pair_snr``, the largest ``pair`` of all
        rings; ``pair_radius``, arcsec, the radius of that ring.
    """
    num_pix = images.shape[-1]
    k = arcs.wave_numbers(num_pix, pixel_scale)
    kernels = arcs.matching_kernels(psf_fwhm, k, beta)
    core = aperture_masks(num_pix, [arcs.CORE], pixel_scale)[0]
    left, alpha = arcs.difference(images[:, 0], images[:, 1], kernels, core)
    weights = arcs.patches(num_pix, pixel_scale)
    signal = left.reshape(len(left), -1) @ weights.reshape(-1, num_pix**2).T
    noise = arcs.patch_noise(sky_sigma, alpha, kernels, k)
    rings = arcs.ring_features((signal / noise[:, None]).reshape(-1, *weights.shape[:2]))
    radii = arcs.RINGS[: len(weights)]
    features = {f"ring{r:.1f}_{name}": values[:, j] for name, values in rings.items() for j, r in enumerate(radii)}
    best = {"pair_snr": rings["pair"].max(axis=1), "pair_radius": radii[rings["pair"].argmax(axis=1)]}
    return {"core_ratio": alpha} | features | best
