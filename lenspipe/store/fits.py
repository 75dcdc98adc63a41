"""One object as a FITS file: what is known of it in the header, an extension per plane."""

import io
import math
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
from astropy.io import fits

from lenspipe.store import atomic

LONGEST = 60  # characters of a text that a header's card is given


@dataclass(frozen=True)
class Plane:
    """A picture in one band and what its pixels mean.

    Attributes
    ----------
    name : str
        Of the extension, ``image_g``.
    pixels : array [y, x], counts
    zero_point : float, mag
    sky_sigma : float, counts
    seeing : float, arcsec
        FWHM; the last two are left out of the header if they are NaN.
    """

    name: str
    pixels: np.ndarray
    zero_point: float
    sky_sigma: float
    seeing: float


def write_stamp(path, said, planes, world):
    """Write an object.

    Parameters
    ----------
    path : path
    said : mapping
        What stands in the primary header under its own names; NaN is left out, FITS headers have none.
    planes : sequence of Plane
    world : astropy.io.fits.Header
        The WCS, or the pixel scale alone.
    """
    primary = fits.PrimaryHDU()
    for name, value in said.items():
        with suppress(ValueError):  # a column's name that no header can hold
            if (value := _card(value)) is not None:
                primary.header[f"HIERARCH {name}"] = value
    hdus = [primary]
    for plane in planes:
        hdu = fits.ImageHDU(plane.pixels, header=world.copy(), name=plane.name)
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
    """A value that a header can hold; None for what it cannot."""
    value = value.item() if isinstance(value, np.generic) else value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, bool | int):
        return value
    return str(value).encode("ascii", "replace").decode()[:LONGEST] if isinstance(value, str) else None
