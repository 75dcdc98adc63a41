"""Pixels: which are missing, what fills them, where the sky lies and how noisy it is; and the PSF's width."""

import math
import warnings

import numpy as np
from astropy.convolution import Gaussian2DKernel, interpolate_replace_nans
from astropy.stats import sigma_clipped_stats
from scipy import ndimage

from lenspipe.ingest.errors import CutoutError

BLOCK = np.ones((3, 3), bool)  # a hole that holds such a block is too wide to be filled from its sides
BORDER = 8  # an eighth of the stamp on each side is border
FINER = 8  # grid on which a PSF's half maximum is traced


def window(shape, num_pix, path):
    """Slices of the central cutout; CutoutError if the stamp is too small.

    A stamp of even size about an odd cutout, or the other way round, has its centre between pixels: the cutout's centre
    then lies half a pixel towards the first pixel.
    """
    if min(shape) < num_pix:
        raise CutoutError(
            f"{path}: has {shape[0]} x {shape[1]} pixels, the cutout {num_pix} x {num_pix}; give larger stamps"
        )
    starts = [(size - num_pix) // 2 for size in shape]
    return tuple(slice(start, start + num_pix) for start in starts)


def missing(image, weights=None):
    """Pixels without a measured value: bool [y, x].

    Not finite, of no weight, or in a block of 3 x 3 exact zeros: what is left of a detector's edge where no weights are
    given. A single zero may be chance.
    """
    empty = ~np.isfinite(image) | ndimage.binary_opening(image == 0, BLOCK)
    return empty if weights is None else empty | ~(np.isfinite(weights) & (weights > 0))


def fill(image, empty):
    """Fill narrow holes from their sides, and make wide ones NaN.

    Parameters
    ----------
    image : array [y, x]
    empty : bool array [y, x]

    Returns
    -------
    image : array [y, x]
        Pixels of holes one or two wide (cosmic rays, bad columns) are the Gaussian-weighted mean of their neighbours.
        Wider holes stay NaN: nobody knows what was there, and every reader of the store can see so.
    filled : int
        Number of pixels filled.
    """
    holed = np.where(empty, np.nan, image)
    narrow = empty & ~ndimage.binary_opening(empty, BLOCK)
    if not narrow.any() or empty.all():
        return holed, 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of wide holes, which stay
        smooth = interpolate_replace_nans(holed, Gaussian2DKernel(1.0), boundary="extend")
    filled = np.where(narrow, smooth, holed)
    return filled, int(np.isfinite(filled[narrow]).sum())


def sky(image, empty, path):
    """Level and standard deviation of the sky, from the border.

    Parameters
    ----------
    image : array [y, x]
        The whole stamp: its border is farther from the galaxy than the cutout's.
    empty : bool array [y, x]
    path : path
        For the message.

    Returns
    -------
    level, sigma : float
        Median after clipping at three sigma, and 1.4826 times the median absolute deviation.
    """
    y, x = (max(2, size // BORDER) for size in image.shape)
    outside = ~empty
    outside[y:-y, x:-x] = False
    if outside.sum() < 20:
        raise CutoutError(f"{path}: its border has {outside.sum()} pixels with a value; give a larger or whole stamp")
    _, level, sigma = sigma_clipped_stats(image[outside], sigma=3.0, stdfunc="mad_std")
    return float(level), float(sigma)


def fwhm(psf, path):
    """FWHM of a PSF image in pixels: of the circle with the area above half the maximum.

    Parameters
    ----------
    psf : array [y, x]
        Any normalisation, sampled as the image is.
    """
    if not np.isfinite(psf).all() or not psf.max() > 0 or min(psf.shape) < 5:
        raise CutoutError(f"{path}: is no image of a PSF; give one of finite values, 5 x 5 pixels or more")
    fine = ndimage.zoom(psf, FINER, order=3)
    # Zoom keeps the centres of the corner pixels.
    steps = [(size - 1) / (FINER * size - 1) for size in psf.shape]
    above, _ = ndimage.label(fine > fine.max() / 2)
    area = (above == above.flat[fine.argmax()]).sum() * math.prod(steps)
    return 2 * math.sqrt(area / math.pi)
