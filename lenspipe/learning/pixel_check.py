"""The pixels of images against those that a network was trained on: level and noise of the sky, band by band."""

import warnings
from dataclasses import dataclass

import numpy as np

from lenspipe.errors import InputError
from lenspipe.measure.sky import BELOW, noise_of_differences

UNLIKE, MEANINGLESS = 3.0, 10.0  # factors between the noise here and in training: reported, and refused
HIGH, TOO_HIGH = 2.0, 10.0  # differences of the level, in noise sigmas of training: reported, and refused
ROWS = 3  # every third row is looked at: it takes a sixth of the time
ODD = 0.1, 100.0  # of one image; the differences of a bright star's neighbouring pixels reach 50 times the noise


@dataclass(frozen=True)
class SkyPixels:
    """What the sky of images is like: medians over the images, which their galaxies hardly change.

    Attributes
    ----------
    level, noise : tuple [band], counts
    """

    level: tuple
    noise: tuple


def sky_pixels(images):
    """``SkyPixels`` of ``images``, array [n, band, y, x] in counts."""
    level, noise = _median(_level_and_noise(images))
    return SkyPixels(tuple(level.tolist()), tuple(noise.tolist()))


class PixelCheck:
    """Collects level and noise of images, block by block, and compares them with those of the training images.

    Parameters
    ----------
    trained_on : SkyPixels or None
        None if it is not known: only images of one value are refused then.
    bands : sequence of str
    path : path
        The store's, for messages.
    """

    def __init__(self, trained_on, bands, path):
        self.trained_on = trained_on
        self.bands, self.path = bands, path
        self.ids, self.measured = [], []

    def add(self, images, ids):
        """Look at some ``images``, array [n, band, y, x] in counts, of the objects ``ids``, int array [n].

        Raises
        ------
        InputError
            If an image has pixels with a value and all of them are equal.
        """
        self._refuse_blank(images, ids)
        if self.trained_on:
            self.ids.append(ids)
            self.measured.append(_level_and_noise(images))

    def refuse_others(self, images, ids):
        """InputError if some images are so unlike that scores would mean nothing, or an image has one value only.

        ``images`` is an array [n, band, y, x] in counts of the objects ``ids``, int array [n].
        """
        self._refuse_blank(images, ids)
        for band, level, ratio in self._compare(_level_and_noise(images)) if self.trained_on else ():
            if not 1 / MEANINGLESS < ratio < MEANINGLESS or abs(level) > TOO_HIGH:
                raise InputError(
                    f"{self.path}: {_difference(band, level, ratio)}, so that scores would mean nothing; check unit, "
                    "zero point and sky, or give --any-pixels"
                )

    def unlike(self):
        """What is unlike among the images added, as lines of text: list of str, empty if nothing."""
        if not self.trained_on:
            return [f"{self.path}: not compared with the training images: this network does not hold their sky"]
        if not self.measured:
            return []
        ids, measured = np.concatenate(self.ids), np.concatenate(self.measured, axis=1)
        lines = [
            f"{self.path}: UNLIKE: {_difference(band, level, ratio)}; check unit, zero point and sky"
            for band, level, ratio in self._compare(measured)
            if not 1 / UNLIKE < ratio < UNLIKE or abs(level) > HIGH
        ]
        ratio = measured[1] / self.trained_on.noise
        odd = ((ratio < ODD[0]) | (ratio > ODD[1])).any(axis=1)
        if odd.any() and not lines:
            worst = np.argmax(np.nanmax(np.abs(np.log(np.maximum(ratio, 1e-9))), axis=1, initial=0) * odd)
            lines.append(
                f"{self.path}: {odd.sum():,} of {len(odd):,} images have a noise unlike that of the training images, "
                f"most of all object {ids[worst]}; their scores may mean nothing"
            )
        return lines

    def _compare(self, measured):
        """Band, difference of its level in noise sigmas, and ratio of its noise; bands without a value are left out."""
        level, noise = _median(measured)
        for band, here, sigma, there, expected in zip(
            self.bands, level, noise, self.trained_on.level, self.trained_on.noise, strict=True
        ):
            if np.isfinite(sigma) and expected > 0:
                yield band, (here - there) / expected, sigma / expected

    def _refuse_blank(self, images, ids):
        finite = np.isfinite(images)
        blank = np.max(images, axis=(1, 2, 3), where=finite, initial=-np.inf) == np.min(
            images, axis=(1, 2, 3), where=finite, initial=np.inf
        )
        if blank.any():
            raise InputError(
                f"{self.path}: all pixels of object {ids[np.argmax(blank)]} are equal ({blank.sum()} such images in a "
                "block); write the pixels again, or remove these objects"
            )


def _level_and_noise(images):
    """Level and noise of the sky of each image, array [2, n, band], counts; NaN where a pixel is missing."""
    rows = images[..., ::ROWS, :]
    noise = noise_of_differences(rows, axes=(-1,))
    return np.stack([np.percentile(rows, BELOW, axis=(-2, -1)) + noise, noise])


def _median(measured):
    """Medians over the images, array [2, band]; NaN for a band that is nowhere complete."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return np.nanmedian(np.where(np.isfinite(measured), measured, np.nan), axis=1)


def _difference(band, level, ratio):
    if not 1 / UNLIKE < ratio < UNLIKE:
        return f"band {band}: its noise is {ratio:.2g} times that of the training images"
    return f"band {band}: its sky lies {level:.3g} noise sigmas from that of the training images"
