"""What a network is shown of the stamps: all of it, or less, so that what gives the simulation away is hemmed in."""

import numpy as np
from scipy.ndimage import uniform_filter

from lenspipe.measure import sky

SOFTENING = 2.0  # noise sigmas within which the stretch is nearly linear
BIN = 3  # pixels a side that are averaged: neighbours' correlation goes with them
GALAXY = 2.0  # arcsec, half the side of the cutout around the central galaxy, and the hole in its surroundings
PATCH = 11  # pixels, side of a piece of empty sky
EMPTY = 0.8  # share of a piece that must be free of sources
WHOLE, EQUAL, BINNED = "whole stamps", "noise made equal", "noise made equal, binned 3 x 3"
CENTRE, AROUND, SKY = "central galaxy, flux made equal", "surroundings, binned 3 x 3", "empty sky, noise made equal"


def views_of(images, sky_estimate, pixel_scale):
    """Inputs for the network, with more and more taken away.

    Parameters
    ----------
    images : array [n, band, y, x], counts
    sky_estimate : tuple
        ``level``, ``sigma`` [n, band] in counts and ``free`` [n, y, x], from ``measure_stamps``.
    pixel_scale : float, arcsec

    Yields
    ------
    name : str
    inputs : array [n, band, y, x], float32
    usable : bool array [n]
        False for a stamp without a piece of empty sky.
    """
    level, sigma, free = sky_estimate
    first = sky.noise_of_differences(images)
    sigma = np.where(sigma > 0, sigma, np.where(first > 0, first, 1.0))
    level, everyone = np.nan_to_num(level), np.ones(len(images), bool)
    shown = sky.normalised(images, level, sigma)
    yield WHOLE, _stretched(images / np.median(sigma, axis=0)[:, None, None]), everyone
    yield EQUAL, _stretched(shown), everyone
    yield BINNED, _stretched(_binned(shown)), everyone
    yield CENTRE, _centre(images - level[..., None, None], pixel_scale), everyone
    yield AROUND, _stretched(_binned(np.where(_near(images.shape[-1], pixel_scale), 0.0, shown))), everyone
    yield SKY, *_empty(shown, free)


def _stretched(values):
    return np.arcsinh(values / SOFTENING).astype(np.float32)


def _binned(values):
    """Means of 3 x 3 pixels, times 3: white noise keeps its sigma. A rest at the far edges is cut off."""
    size = values.shape[-1] // BIN
    cut = values[..., : size * BIN, : size * BIN]
    return BIN * cut.reshape(*values.shape[:2], size, BIN, size, BIN).mean(axis=(-3, -1))


def _near(num_pix, pixel_scale):
    axis = (np.arange(num_pix) - (num_pix - 1) / 2) * pixel_scale
    return np.hypot(axis[:, None], axis) < GALAXY


def _centre(light, pixel_scale):
    """The middle of each stamp over its mean, that of all bands: colours stay, brightness goes."""
    half = min(round(GALAXY / pixel_scale), light.shape[-1] // 2)
    middle = light.shape[-1] // 2
    cut = light[..., middle - half : middle + half + 1, middle - half : middle + half + 1]
    mean = cut.mean(axis=(1, 2, 3), keepdims=True)
    return (cut / np.where(mean > 0, mean, 1.0)).astype(np.float32)


def _empty(shown, free):
    """From each stamp the piece of 11 x 11 pixels with the most that are free of sources."""
    half = PATCH // 2
    share = uniform_filter(free.astype(float), (0, PATCH, PATCH), mode="constant")[:, half:-half, half:-half]
    best = share.reshape(len(share), -1).argmax(axis=1)
    pieces = []
    for k, place in enumerate(best):
        y, x = divmod(int(place), share.shape[2])
        pieces.append(shown[k, :, y : y + PATCH, x : x + PATCH].clip(-sky.CLIPPED, sky.CLIPPED))
    return np.array(pieces, np.float32), share.reshape(len(share), -1).max(axis=1) >= EMPTY - 1e-9
