"""One object as a FITS file: its table row in the primary header, an extension per image."""

import io
import math
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
from astropy.io import fits

from lenspipe.store import atomic

MAX_TEXT = 60  # characters of a text in a header card


@dataclass(frozen=True)
class Plane:
    """An image in one band and what its pixels mean.

    Attributes
    ----------
    name : str
        Name of the extension, for example ``image_g``.
    pixels : array [y, x], counts
    zero_point : float, AB mag
    sky_sigma : float, counts
        Noise of an empty pixel; left out of the header if NaN.
    seeing : float, arcsec
        FWHM of the PSF; left out of the header if NaN.
    """

    name: str
    pixels: np.ndarray
    zero_point: float
    sky_sigma: float
    seeing: float


def write_stamp(path, *, header, planes, wcs):
    """Write one object as a FITS file.

    Parameters
    ----------
    path : path
        File to write.
    header : mapping of str to value
        Keywords and values of the primary header. NaN is left out: FITS headers cannot hold it.
    planes : sequence of Plane
        An extension each.
    wcs : astropy.io.fits.Header
        Cards of every extension: the WCS, or the pixel scale alone.
    """
    primary = fits.PrimaryHDU()
    for name, value in header.items():
        with suppress(ValueError):  # the column's name is not a valid FITS keyword
            if (value := _card(value)) is not None:
                primary.header[f"HIERARCH {name}"] = value
    hdus = [primary]
    for plane in planes:
        hdu = fits.ImageHDU(plane.pixels, header=wcs.copy(), name=plane.name)
        hdu.header["BUNIT"] = "counts"
        hdu.header["MAGZERO"] = (plane.zero_point, "AB magnitude of one count")
        if math.isfinite(plane.sky_sigma):
            hdu.header["SKYSIGMA"] = (plane.sky_sigma, "counts, empty pixel")
        if math.isfinite(plane.seeing):
            hdu.header["SEEING"] = (plane.seeing, "arcsec, FWHM of the PSF, pixel included")
        hdus.append(hdu)
    file = io.BytesIO()
    fits.HDUList(hdus).writeto(file)
    atomic.write(path, file.getvalue())


def _card(value):
    """The value as a header can hold it; None if it cannot."""
    value = value.item() if isinstance(value, np.generic) else value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, bool | int):
        return value
    return str(value).encode("ascii", "replace").decode()[:MAX_TEXT] if isinstance(value, str) else None
