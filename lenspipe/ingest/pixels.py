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
ASINH = ("BOFFSET", "BSOFTEN")
ASINH_UNIT = 2.5 / math.log(10)
ALIKE, CLOSE = 2.0, 1.5  # factors within which the noise of weights and border agree, and another reading fits
ZOOM = 8  # factor of the finer grid on which the half maximum of a PSF is traced


def window(shape, num_pix, path, *, place=None):
    """Place of the cutout in the stamp: about the object, or else about the stamp's centre.

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
    place : tuple of float, optional
        The object's y and x in the stamp, pixels from 0. Within a pixel of the centre it is not moved.

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
    if place is not None:
        about = [coordinate - (num_pix - 1) / 2 for coordinate in place]
        starts = [start if abs(own - start) < 1 else round(own) for own, start in zip(about, starts, strict=True)]
    return tuple(slice(start, start + num_pix) for start in starts)


def cut(image, window, fill_value):
    """The part of an image in a window that may reach beyond its edges.

    Parameters
    ----------
    image : array [y, x]
    window : tuple of slice
        In y and x.
    fill_value : float or bool
        Of pixels beyond the edge.

    Returns
    -------
    array [y, x]
    """
    inside = [slice(max(part.start, 0), part.stop) for part in window]
    pieces = image[tuple(inside)]
    before = [max(-part.start, 0) for part in window]
    widths = [
        (first, part.stop - part.start - first - size)
        for first, part, size in zip(before, window, pieces.shape, strict=True)
    ]
    return np.pad(pieces, widths, constant_values=fill_value)


def linear(image, header, path):
    """Pixels of Pan-STARRS' stacks on a linear scale.

    Parameters
    ----------
    image : array [y, x]
    header : mapping
        With BOFFSET and BSOFTEN the pixels are ``a arcsinh((flux - BOFFSET) / (2 BSOFTEN))``, ``a`` = 2.5 / ln 10.
    path : path
        The file, for the message.

    Returns
    -------
    image : array [y, x]
    source : str
        The keywords; empty if the pixels are linear already.

    Raises
    ------
    CutoutError
        If one of the two is missing or not a number.

    Source: Waters et al. 2020, ApJS 251, 4.
    """
    given = [key for key in ASINH if key in header]
    if not given:
        return image, ""
    try:
        offset, softening = (float(header[key]) for key in ASINH)
    except (KeyError, TypeError, ValueError):
        offset = softening = math.nan
    if not (math.isfinite(offset) and softening > 0):
        raise CutoutError(f"{path}: {given[0]} says that its pixels are asinh-scaled; give {' and '.join(ASINH)}")
    with np.errstate(over="ignore"):  # a value that overflows is missing
        flux = offset + 2 * softening * np.sinh(image / ASINH_UNIT)
    return flux, "asinh (BOFFSET, BSOFTEN)"


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


def check_weights(weights, noise, path):
    """Compare the noise that weights state with the noise of the stamp's border.

    Parameters
    ----------
    weights : array [n]
        Positive ones.
    noise : float
        Of the border, in the image's unit.
    path : path
        The weights' file, for the message.

    Returns
    -------
    float
        Noise that they state as inverse variances: the median.

    Raises
    ------
    CutoutError
        If that is not the border's within a factor ``ALIKE``, but as variances or standard deviations they would fit.
    """
    stated = float(np.median(weights**-0.5))
    readings = {"variances": float(np.median(weights**0.5)), "standard deviations": float(np.median(weights))}
    if noise > 0 and not 1 / ALIKE < stated / noise < ALIKE:
        for words, other in readings.items():
            if 1 / CLOSE < other / noise < CLOSE:
                raise CutoutError(
                    f"{path}: its values mean a noise of {stated:.3g} as inverse variances, {other:.3g} as {words}; "
                    f"the image's border has {noise:.3g}: convert them to inverse variances"
                )
    return stated


def fwhm(psf, path):
    """FWHM of a PSF image: the diameter of the circle with the area above half the maximum.

    Parameters
    ----------
    psf : array [y, x]
        In any normalisation.
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
