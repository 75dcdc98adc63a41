"""Render one object again and write it as FITS, with its catalogue row in the header."""

import pandas as pd
from astropy.wcs import WCS

from lenspipe.simulate.painting import backgrounds_of
from lenspipe.simulate.pipeline import DEFAULT_ENGINE, observe_object, render_row
from lenspipe.store.fits import Plane, write_stamp


def redraw(row, bands, num_pix, survey, *, seed, path, backgrounds="", engine=DEFAULT_ENGINE):
    """Write one object as FITS: an extension per band of image, lens_light and source_light.

    Parameters
    ----------
    row : mapping
        Its row of the catalogue.
    bands, num_pix, survey, seed, backgrounds, engine
        As its store was made with.
    path : path

    The catalogue row is in the primary header, under the names of its columns. The WCS has the survey's pixel scale,
    north up, east left, and is centred at RA = Dec = 0, since a simulated object has no position on the sky.
    """
    (background,) = backgrounds_of(pd.DataFrame([row]), backgrounds, bands, num_pix)
    light = render_row(row, bands, num_pix, survey, engine=engine)
    arrays = observe_object(light, row, bands, survey, seed, background=background)
    planes = [
        Plane(
            name=f"{name}_{band}",
            pixels=arrays[name][b],
            zero_point=survey.magnitude_zero_point,
            sky_sigma=float(arrays["sky_sigma"][b]),
            seeing=float(arrays["psf_fwhm"][b]),
        )
        for name in ("image", "lens_light", "source_light")
        for b, band in enumerate(bands)
    ]
    truth = dict(row) | {"seed": seed, "arc_snr": float(arrays["arc_snr"])}
    write_stamp(path, header=truth, planes=planes, wcs=_wcs(num_pix, survey).to_header())


def _wcs(num_pix, survey):
    wcs = WCS(naxis=2)
    wcs.wcs.ctype = ["RA---TAN", "DEC--TAN"]
    wcs.wcs.crval = [0.0, 0.0]
    wcs.wcs.crpix = [(num_pix + 1) / 2] * 2
    wcs.wcs.cdelt = [-survey.pixel_scale / 3600, survey.pixel_scale / 3600]
    return wcs
