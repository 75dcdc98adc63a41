"""The stretch of pixels before they enter a network, and the treatment of missing pixels."""

from dataclasses import dataclass

import numpy as np

from lenspipe.errors import InputError

SOFTENING = 2.0  # noise sigmas around zero within which the stretch is nearly linear


@dataclass(frozen=True)
class Stretch:
    """``(arcsinh(x / scale) - mean) / sd``, band by band (Lupton, Gunn & Szalay 1999, AJ 118, 1406).

    Attributes
    ----------
    scale : tuple [band], counts
    mean, sd : tuple [band]
        Of the training images after ``arcsinh``, so that stretched training images have mean 0 and variance 1.
    """

    scale: tuple
    mean: tuple
    sd: tuple

    def __call__(self, images):
        """Stretch images; missing (not finite) pixels become 0, the mean of the training images.

        Parameters
        ----------
        images : array [n, band, y, x], counts

        Returns
        -------
        array [n, band, y, x], float32
        """
        scale, mean, sd = (np.array(v, np.float32)[:, None, None] for v in (self.scale, self.mean, self.sd))
        stretched = np.arcsinh(np.asarray(images, np.float32) / scale)
        stretched -= mean
        stretched /= sd
        stretched[~np.isfinite(stretched)] = 0
        return stretched


def fit_stretch(images):
    """Stretch for images of one kind.

    Parameters
    ----------
    images : array [n, band, y, x], counts
        Some of the training images. Missing pixels are left out.

    Returns
    -------
    Stretch
        ``scale`` is twice the robust standard deviation of all pixels, which is that of the sky.
    """
    pixels = np.moveaxis(np.asarray(images, np.float64), 1, 0).reshape(images.shape[1], -1)
    pixels = np.where(np.isfinite(pixels), pixels, np.nan)
    centre = np.nanmedian(pixels, axis=1, keepdims=True)
    noise = 1.4826 * np.nanmedian(np.abs(pixels - centre), axis=1)
    scale = SOFTENING * np.where(noise > 0, noise, 1.0)
    stretched = np.arcsinh(pixels / scale[:, None])
    sd = np.nanstd(stretched, axis=1)
    return Stretch(
        scale=tuple(scale.tolist()),
        mean=tuple(np.nanmean(stretched, axis=1).tolist()),
        sd=tuple(np.where(sd > 0, sd, 1.0).tolist()),
    )


def count_missing(images, ids, where):
    """Number of pixels that are missing.

    Parameters
    ----------
    images : array [n, band, y, x]
    ids : array [n]
    where : str
        The store's name, for the message.

    Raises
    ------
    InputError
        If an image has no pixel at all.
    """
    missing = ~np.isfinite(images)
    if not missing.any():
        return 0
    empty = missing.all(axis=(1, 2, 3))
    if empty.any():
        raise InputError(
            f"{where}: the image of object {ids[np.argmax(empty)]} has no pixel with a value "
            f"({empty.sum()} such images in this block); ingest or simulate again, or remove them"
        )
    return int(missing.sum())
