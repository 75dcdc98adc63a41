"""Images that are not quite those of training: off-centre, incomplete, miscalibrated, blurred."""

import numpy as np
from scipy import ndimage

SHIFTS = (0.5, 1, 2, 4)  # pixels in x and in y
MARGIN = 8  # pixels around an image when it is moved by a part of a pixel
MISSING = (0.05, 0.1, 0.2)  # of the pixels
OFFSETS = (-0.1, -0.05, 0.05, 0.1)  # mag, of one band
BLURS = (1.1, 1.25, 1.5)  # times the seeing
AS_THEY_ARE = "as they are"
SIGMA_OF_FWHM = 1 / np.sqrt(8 * np.log(2))  # of a normal law


def changes(images, *, bands, sky_sigma, psf_fwhm, pixel_scale, rng):
    """The same images, changed in every way.

    Parameters
    ----------
    images : array [n, band, y, x], counts
    bands : sequence of str
    sky_sigma : array [n, band], counts
    psf_fwhm : array [n, band], arcsec
    pixel_scale : float, arcsec
    rng : numpy.random.Generator

    Yields
    ------
    change : str
        ``as they are``, ``shift``, ``missing band``, ``missing pixels``, ``zero point`` or ``seeing``.
    amount : float
        Pixels, number of the band, share, mag, or factor.
    label : str
        The same for people.
    images : array [n, band, y, x], counts
        NaN where a pixel is missing.
    """
    yield AS_THEY_ARE, 0.0, "0", images
    signs = rng.choice([-1, 1], (2, len(images)))
    for pixels in SHIFTS:
        whole = int(pixels)
        moved = moved_by_a_part(images, (pixels - whole) * signs) if pixels > whole else images
        yield "shift", float(pixels), str(pixels), shifted(moved, whole * signs)
    for k, band in enumerate(bands):
        lost = images.copy()
        lost[:, k] = np.nan
        yield "missing band", float(k), band, lost
    order = rng.random((len(images), 1, *images.shape[-2:]))  # the same pixels in all bands
    for share in MISSING:
        yield "missing pixels", share, f"{100 * share:g} %", np.where(order < share, np.nan, images)
    band = rng.integers(len(bands), size=len(images))
    for offset in OFFSETS:
        factor = np.ones(images.shape[:2])
        factor[np.arange(len(images)), band] = 10 ** (0.4 * offset)
        yield "zero point", offset, f"{offset:+g}", images * factor[:, :, None, None].astype(images.dtype)
    for factor in BLURS:
        options = {"sky_sigma": sky_sigma, "sigma": np.sqrt(factor**2 - 1) * psf_fwhm * SIGMA_OF_FWHM / pixel_scale}
        yield "seeing", factor, f"{factor:g}", blurred(images, rng=rng, **options)


def shifted(images, pixels):
    """Images whose content is moved.

    Parameters
    ----------
    images : array [n, band, y, x]
    pixels : int array [2, n]
        In y and in x.

    Returns
    -------
    array [n, band, y, x]
        NaN where nothing is known of the sky.
    """
    moved = np.full_like(images, np.nan)
    height, width = images.shape[-2:]
    for image, result, y, x in zip(images, moved, *pixels, strict=True):
        into = result[:, max(y, 0) : max(height + min(y, 0), 0), max(x, 0) : max(width + min(x, 0), 0)]
        into[:] = image[:, max(-y, 0) : max(height - max(y, 0), 0), max(-x, 0) : max(width - max(x, 0), 0)]
    return moved


def moved_by_a_part(images, parts):
    """Images whose content is moved by parts of a pixel, by the phases of their Fourier transforms.

    An interpolation would smooth the noise; this keeps its power.

    Parameters
    ----------
    images : array [n, band, y, x]
    parts : array [2, n], pixels
        In y and in x, between -1 and 1.

    Returns
    -------
    array [n, band, y, x]
    """
    around = np.pad(np.nan_to_num(images), [(0, 0), (0, 0), (MARGIN, MARGIN), (MARGIN, MARGIN)], mode="reflect")
    height, width = around.shape[-2:]
    turns = parts[0, :, None, None] * np.fft.fftfreq(height)[:, None] + parts[1, :, None, None] * np.fft.rfftfreq(width)
    moved = np.fft.irfft2(np.fft.rfft2(around) * np.exp(-2j * np.pi * turns)[:, None], s=(height, width))
    return moved[..., MARGIN:-MARGIN, MARGIN:-MARGIN].astype(images.dtype)


def blurred(images, *, sigma, sky_sigma, rng):
    """Images as in worse seeing, with the noise of their sky.

    Blurring also smooths the noise; what it loses in variance is added again as white noise.

    Parameters
    ----------
    images : array [n, band, y, x], counts
    sigma : array [n, band], pixels
        Of the normal law that blurs.
    sky_sigma : array [n, band], counts
    rng : numpy.random.Generator

    Returns
    -------
    array [n, band, y, x], counts
    """
    result = np.empty_like(images)
    for k in np.ndindex(images.shape[:2]):
        kernel = _kernel(sigma[k])
        lost = sky_sigma[k] * np.sqrt(1 - np.sum(kernel**2))
        smooth = ndimage.gaussian_filter(np.nan_to_num(images[k]), sigma[k], mode="mirror")
        result[k] = smooth + rng.normal(0, lost, images.shape[-2:])
    return result


def _kernel(sigma):
    reach = int(np.ceil(4 * sigma))
    point = np.zeros((2 * reach + 1, 2 * reach + 1))
    point[reach, reach] = 1
    return ndimage.gaussian_filter(point, sigma)
