"""One object again, as FITS with its truth in the header."""

import io
import math

import numpy as np
from astropy.io import fits
from astropy.wcs import WCS

from lenspipe import drafts
from lenspipe.simulate.objects import simulate_object


def redraw(row, bands, num_pix, survey, seed, path):
    """Write one object as FITS: an extension per band of image, lens_light and source_light.

    Parameters
    ----------
    row : mapping
        Its row of the catalogue.
    bands, num_pix, survey, seed
        As its store was made with.
    path : path

    The truth stands in the primary header under the catalogue's names. The WCS has the survey's pixel scale, north up,
    east left, and is centred at RA = Dec = 0, since a simulated object has no place on the sky.
    """
    arrays = simulate_object(row, bands, num_pix, survey, seed)
    primary = fits.PrimaryHDU()
    for name, value in row.items():
        if isinstance(value, float) and not math.isfinite(value):
            continue  # FITS headers have no NaN
        value = value.item() if isinstance(value, np.generic) else value
        primary.header[f"HIERARCH {name}"] = value
    primary.header["HIERARCH seed"] = seed
    primary.header["HIERARCH arc_snr"] = float(arrays["arc_snr"])
    hdus = [primary]
    for plane in ("image", "lens_light", "source_light"):
        for b, band in enumerate(bands):
            hdu = fits.ImageHDU(arrays[plane][b], header=_wcs(num_pix, survey).to_header(), name=f"{plane}_{band}")
            hdu.header["BUNIT"] = "counts"
            hdu.header["MAGZERO"] = (survey.magnitude_zero_point, "AB magnitude of one count")
            hdu.header["SKYSIGMA"] = (float(arrays["sky_sigma"][b]), "counts, empty pixel")
            hdu.header["SEEING"] = (float(arrays["psf_fwhm"][b]), "arcsec, FWHM of the PSF, pixel included")
            hdus.append(hdu)
    file = io.BytesIO()
    fits.HDUList(hdus).writeto(file)
    drafts.write(path, file.getvalue())


def _wcs(num_pix, survey):
    wcs = WCS(naxis=2)
    wcs.wcs.ctype = ["RA---TAN", "DEC--TAN"]
    wcs.wcs.crval = [0.0, 0.0]
    wcs.wcs.crpix = [(num_pix + 1) / 2] * 2
    wcs.wcs.cdelt = [-survey.pixel_scale / 3600, survey.pixel_scale / 3600]
    return wcs
