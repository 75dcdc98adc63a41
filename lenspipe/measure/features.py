"""Features measured on the pixels of a store, as an observer without the truth does."""

import itertools

import numpy as np
import pandas as pd

from lenspipe import store
from lenspipe.measure import arcs
from lenspipe.measure.photometry import aperture_fluxes, aperture_masks, asinh_magnitudes

TOTAL = 4.0  # arcsec: holds deflector, arc and near neighbours
APERTURES = (0.7, 1.6, 3.0)  # arcsec, what the hand-made finder sees besides
BLOCK = 4 * store.CHUNK  # images held at once
RED = ("i", "r", "z")  # the band that takes the deflector away, in order of preference


def measure_store(path):
    """Features of every object of a store, block by block.

    Parameters
    ----------
    path : path
        Of a store with ``sky_sigma`` and ``psf_fwhm``.

    Returns
    -------
    DataFrame
        ``id`` and the columns of ``measure_features``.
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
    zero_point, beta : float
        Of the images; of the Moffat profile.

    Returns
    -------
    dict of str to array [n]
        ``total_g``, ``total_g-r``, ... in ``TOTAL``; ``aperture0.7_g``, ... in ``APERTURES``; ``core_ratio``;
        ``ring0.6_mean``, ...; ``pair_snr``, the greatest ``pair`` of all rings; ``pair_radius``, arcsec, its ring's.
    """
    names = {"total": TOTAL} | {f"aperture{radius:g}": radius for radius in APERTURES}
    masks = aperture_masks(images.shape[-1], list(names.values()), pixel_scale)
    fluxes = aperture_fluxes(images, masks)
    noise = sky_sigma[..., None] * np.sqrt((masks**2).sum(axis=(1, 2)))
    magnitudes = asinh_magnitudes(fluxes, noise, zero_point)
    found = {}
    for k, name in enumerate(names):
        found |= {f"{name}_{band}": magnitudes[:, b, k] for b, band in enumerate(bands)}
        found |= {
            f"{name}_{blue}-{red}": magnitudes[:, b, k] - magnitudes[:, b + 1, k]
            for b, (blue, red) in enumerate(itertools.pairwise(bands))
        }
    if len(bands) > 1:
        pair = [0, next((bands.index(band) for band in RED if band in bands[1:]), len(bands) - 1)]
        found |= measure_arcs(
            images[:, pair], sky_sigma[:, pair], psf_fwhm[:, pair], pixel_scale=pixel_scale, beta=beta
        )
    return found


def measure_arcs(images, sky_sigma, psf_fwhm, *, pixel_scale, beta):
    """The arc features of ``measure_features``, from a blue and a red band: images [n, 2, y, x]."""
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
    found = {f"ring{r:.1f}_{name}": values[:, j] for name, values in rings.items() for j, r in enumerate(radii)}
    best = {"pair_snr": rings["pair"].max(axis=1), "pair_radius": radii[rings["pair"].argmax(axis=1)]}
    return {"core_ratio": alpha} | found | best
