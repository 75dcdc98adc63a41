"""The pixels of images against those that a network was trained on: level and noise of the border, band by band."""

import warnings

import numpy as np

from lenspipe.errors import InputError

MAD = 1.4826  # standard deviation of a normal law over its median absolute deviation
BORDER = 8  # an eighth of the image on each side is border
UNLIKE, MEANINGLESS = 3.0, 10.0  # factors between the noise here and there: told, and refused
HIGH = 2.0, 10.0  # levels over the noise there: told, and refused


class PixelCheck:
    """Collects level and noise of images, block by block, and compares them with a stretch.

    Parameters
    ----------
    stretch : Stretch
        Its scale is twice the noise of the training images.
    bands : sequence of str
    path : path
        The store's, for messages.
    """

    def __init__(self, stretch, bands, path):
        self.noise = np.array(stretch.scale) / 2
        self.bands, self.path = bands, path
        self.ids, self.found = [], []

    def add(self, images, ids):
        """Look at some ``images``, array [n, band, y, x] in counts, of the objects ``ids``, int array [n].

        Raises
        ------
        InputError
            If an image has pixels with a value and all of them are equal.
        """
        self._refuse_blank(images, ids)
        self.ids.append(ids)
        self.found.append(self._measure(images))

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

    def _measure(self, images):
        """Level and noise of the border over the noise of the training images, array [2, n, band]; NaN if unknown."""
        size = max(2, images.shape[-1] // BORDER)
        border = np.ones(images.shape[-2:], bool)
        border[size:-size, size:-size] = False
        pixels = images[..., border]
        finite = np.isfinite(pixels)
        median = np.median if finite.all() else np.nanmedian  # the latter is slow
        pixels = np.where(finite, pixels, np.nan)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a border without a value has no level
            level = median(pixels, axis=-1)
            sigma = MAD * median(np.abs(pixels - level[..., None]), axis=-1)
        return np.stack([level, sigma]) / self.noise

    def refuse_others(self, images, ids):
        """InputError if some images are so unlike that scores would mean nothing, or an image has one value only.

        ``images`` is an array [n, band, y, x] in counts of the objects ``ids``, int array [n].
        """
        self._refuse_blank(images, ids)
        level, ratio = self._measure(images)
        for band, x, r in zip(self.bands, *_medians(level, ratio), strict=True):
            if not 1 / MEANINGLESS < r < MEANINGLESS or abs(x) > HIGH[1]:
                raise InputError(
                    f"{self.path}: {_difference(band, x, r)}, so that scores would mean nothing; check unit, zero "
                    "point and sky, or give --any-pixels"
                )

    def unlike(self):
        """What is unlike among the images added, as lines of text: list of str, empty if nothing."""
        ids, (level, ratio) = np.concatenate(self.ids), np.concatenate(self.found, axis=1)
        lines = []
        for band, x, r in zip(self.bands, *_medians(level, ratio), strict=True):
            if not 1 / UNLIKE < r < UNLIKE or abs(x) > HIGH[0]:
                lines.append(f"{self.path}: UNLIKE: {_difference(band, x, r)}; check unit, zero point and sky")
        odd = ((ratio < 1 / MEANINGLESS) | (ratio > MEANINGLESS)).any(axis=1)
        if odd.any() and not lines:
            worst = np.argmax(np.nanmax(np.abs(np.log(np.maximum(ratio, 1e-9))), axis=1, initial=0) * odd)
            lines.append(
                f"{self.path}: {odd.sum():,} of {len(odd):,} images have a noise unlike that of the training images, "
                f"most of all object {ids[worst]}; their scores may mean nothing"
            )
        return lines


def _medians(level, ratio):
    """Median of each band, array [2, band]; as in training for a band without a value, which cannot be compared."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        medians = np.nanmedian([level, ratio], axis=1)
    return np.where(np.isnan(medians), [[0.0], [1.0]], medians)


def _difference(band, level, ratio):
    if not 1 / UNLIKE < ratio < UNLIKE:
        return f"band {band}: its noise is {ratio:.2g} times that of the training images"
    return f"band {band}: its sky lies {level:.3g} noise sigmas from 0"
