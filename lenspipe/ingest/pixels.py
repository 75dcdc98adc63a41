"""Pixels of stamps: missing ones, filling them, level and noise of the sky; and the width of a PSF."""

import math
import warnings

import numpy as np
from astropy.convolution import Gaussian2DKernel, interpolate_replace_nans
from astropy.stats import sigma_clipped_stats
from scipy import ndimage

from lenspipe.ingest.errors import CutoutError

BLOCK = np.ones((3, 3), bool)  # a hole that contains such a block is too wide to be filled
BORDER = 8  # an eighth of the stamp on each side is border
ZOOM = 8  # factor of the finer grid on which the half maximum of a PSF is traced


def window(shape, num_pix, path):
    """Slices of the central cutout.

    If the stamp's size is even and the cutout's is odd, or the reverse, the cutout's centre lies half a pixel from the
    stamp's, towards the first pixel.

    Parameters
    ----------
    shape : tuple of int
        Size of the stamp in y and x, in pixels.
    num_pix : int
        Side of the cutout in pixels.
    path : path
        The file, for the message.

    Returns
    -------
    tuple of slice
        In y and x.

    Raises
    ------
    CutoutError
        If the stamp is smaller than the cutout.
    """
    if min(shape) < num_pix:
        raise CutoutError(
            f"{path}: has {shape[0]} x {shape[1]} pixels, the cutout {num_pix} x {num_pix}; give larger stamps"
        )
    starts = [(size - num_pix) // 2 for size in shape]
    return tuple(slice(start, start + num_pix) for start in starts)


def missing(image, weights=None):
    """Pixels without a measured value.

    These are not finite, have no positive weight, or lie in a block of 3 x 3 exact zeros, as beyond a detector's edge.
    A single zero may be chance.

    Parameters
    ----------
    image : array [y, x]
    weights : array [y, x], optional
        Inverse variances.

    Returns
    -------
    bool array [y, x]
    """
    empty = ~np.isfinite(image) | ndimage.binary_opening(image == 0, BLOCK)
    return empty if weights is None else empty | ~(np.isfinite(weights) & (weights > 0))


def fill(image, empty):
    """Fill narrow holes from their sides, and set wide ones to NaN.

    Parameters
    ----------
    image : array [y, x]
    empty : bool array [y, x]
        Missing pixels.

    Returns
    -------
    image : array [y, x]
        Holes one or two pixels wide (cosmic rays, bad columns) are filled with the Gaussian-weighted mean of their
        neighbours. Wider holes are NaN, so that every reader of the store can see them.
    filled : int
        Number of filled pixels.
    """
    with_holes = np.where(empty, np.nan, image)
    narrow = empty & ~ndimage.binary_opening(empty, BLOCK)
    if not narrow.any() or empty.all():
        return with_holes, 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about wide holes, which remain
        smooth = interpolate_replace_nans(with_holes, Gaussian2DKernel(1.0), boundary="extend")
    filled = np.where(narrow, smooth, with_holes)
    return filled, int(np.isfinite(filled[narrow]).sum())


def sky(image, empty, path):
    """Level and standard deviation of the sky, from the border of the stamp.

    Parameters
    ----------
    image : array [y, x]
        The whole stamp, whose border is farther from the galaxy than the cutout's.
    empty : bool array [y, x]
        Missing pixels.
    path : path
        The file, for the message.

    Returns
    -------
    level, sigma : float
        In the image's unit: median after clipping at three sigma, and 1.4826 times the median absolute deviation.

    Raises
    ------
    CutoutError
        If fewer than 20 pixels of the border have a value.
    """
    y, x = (max(2, size // BORDER) for size in image.shape)
    border = ~empty
    border[y:-y, x:-x] = False
    if border.sum() < 20:
        raise CutoutError(f"{path}: its border has {border.sum()} pixels with a value; give a larger or complete stamp")
    _, level, sigma = sigma_clipped_stats(image[border], sigma=3.0, stdfunc="mad_std")
    return float(level), float(sigma)


def fwhm(psf, path):
    """FWHM of a PSF image: the diameter of the circle with the area above half the maximum.

    Parameters
    ----------
    psf : array [y, x]
        In any normalisation, with the pixel scale of the image.
    path : path
        The file, for the message.

    Returns
    -------
    float, pixels

    Raises
    ------
    CutoutError
        If the image cannot be a PSF.
    """
    if not np.isfinite(psf).all() or not psf.max() > 0 or min(psf.shape) < 5:
        raise CutoutError(f"{path}: is not an image of a PSF; give finite values, 5 x 5 pixels or more")
    fine = ndimage.zoom(psf, ZOOM, order=3)
    # Zoom keeps the centres of the corner pixels.
    steps = [(size - 1) / (ZOOM * size - 1) for size in psf.shape]
    above, _ = ndimage.label(fine > fine.max() / 2)
    area = (above == above.flat[fine.argmax()]).sum() * math.prod(steps)
    return 2 * math.sqrt(area / math.pi)
