"""Views of stamps for the network: whole or in part, to narrow down which part separates real from simulated."""

import numpy as np
from scipy.ndimage import uniform_filter

from lenspipe.measure import sky

SOFTENING = 2.0  # noise sigmas; below this the arcsinh stretch is nearly linear
BIN = 3  # side of the blocks that are averaged, in pixels; removes the correlation of neighbouring pixels
GALAXY = 2.0  # arcsec, half the side of the cutout of the central galaxy, and radius of the hole in its surroundings
PATCH = 11  # side of a patch of empty sky, in pixels
MIN_FREE = 0.8  # share of a patch that must be free of sources
WHOLE, EQUAL, BINNED = "whole stamps", "noise made equal", "noise made equal, binned 3 x 3"
CENTRE, AROUND, SKY = "central galaxy, flux made equal", "surroundings, binned 3 x 3", "empty sky, noise made equal"


def image_views(images, sky_estimate, pixel_scale):
    """Inputs for the network that contain less and less of the stamps.

    Parameters
    ----------
    images : array [n, band, y, x], counts
    sky_estimate : tuple
        ``level``, ``sigma`` [n, band] in counts and ``free`` [n, y, x], from ``measure_stamps``.
    pixel_scale : float, arcsec

    Yields
    ------
    name : str
        Name of the view.
    inputs : array [n, band, y, x], float32
    usable : bool array [n]
        False for a stamp without a patch of empty sky.
    """
    level, sigma, free = sky_estimate
    fallback = sky.noise_of_differences(images)
    sigma = np.where(sigma > 0, sigma, np.where(fallback > 0, fallback, 1.0))
    level, usable = np.nan_to_num(level), np.ones(len(images), bool)
    scaled = sky.normalised(images, level, sigma)
    yield WHOLE, _stretched(images / np.median(sigma, axis=0)[:, None, None]), usable
    yield EQUAL, _stretched(scaled), usable
    yield BINNED, _stretched(_binned(scaled)), usable
    yield CENTRE, _centre(images - level[..., None, None], pixel_scale), usable
    yield AROUND, _stretched(_binned(np.where(_near_centre(images.shape[-1], pixel_scale), 0.0, scaled))), usable
    yield SKY, *_empty_patches(scaled, free)


def _stretched(values):
    return np.arcsinh(values / SOFTENING).astype(np.float32)


def _binned(values):
    """Means of 3 x 3 pixels, times 3, so that white noise keeps its sigma; incomplete blocks are cut off."""
    size = values.shape[-1] // BIN
    cut = values[..., : size * BIN, : size * BIN]
    return BIN * cut.reshape(*values.shape[:2], size, BIN, size, BIN).mean(axis=(-3, -1))


def _near_centre(num_pix, pixel_scale):
    axis = (np.arange(num_pix) - (num_pix - 1) / 2) * pixel_scale
    return np.hypot(axis[:, None], axis) < GALAXY


def _centre(light, pixel_scale):
    """The centre of each stamp over its mean in all bands: this keeps colours and removes brightness."""
    half = min(round(GALAXY / pixel_scale), light.shape[-1] // 2)
    middle = light.shape[-1] // 2
    cut = light[..., middle - half : middle + half + 1, middle - half : middle + half + 1]
    mean = cut.mean(axis=(1, 2, 3), keepdims=True)
    return (cut / np.where(mean > 0, mean, 1.0)).astype(np.float32)


def _empty_patches(scaled, free):
    """From each stamp the patch of 11 x 11 pixels with the most pixels free of sources; whether enough are free."""
    half = PATCH // 2
    share = uniform_filter(free.astype(float), (0, PATCH, PATCH), mode="constant")[:, half:-half, half:-half]
    best = share.reshape(len(share), -1).argmax(axis=1)
    patches = []
    for k, index in enumerate(best):
        y, x = divmod(int(index), share.shape[2])
        patches.append(scaled[k, :, y : y + PATCH, x : x + PATCH].clip(-sky.CLIPPED, sky.CLIPPED))
    return np.array(patches, np.float32), share.reshape(len(share), -1).max(axis=1) >= MIN_FREE - 1e-9
