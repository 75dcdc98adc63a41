"""Stamps that a user may have: where they lie on the sky, and how they are written."""

import numpy as np
from astropy.io import fits
from astropy.wcs import WCS

BANDS = ("g", "r", "i", "z")
COUNT, SIZE, NUM_PIX = 3, 61, 45
NOISE = (2.6, 3.7, 6.3, 11.0)  # counts


def wcs_of(k, scale=0.263, size=SIZE):
    """The k-th object's WCS: turned, so that axes cannot be mistaken for each other."""
    wcs = WCS(naxis=2)
    wcs.wcs.ctype = ["RA---TAN", "DEC--TAN"]
    wcs.wcs.crval = [10.0 + k, -30.0]
    wcs.wcs.crpix = [(size + 1) / 2] * 2
    turn = np.deg2rad(20 + 10 * k)
    rotation = np.array([[-np.cos(turn), np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    wcs.wcs.cd = rotation * scale / 3600
    return wcs


def write(path, pixels, wcs=None, **cards):
    header = wcs.to_header() if wcs is not None else fits.Header()
    header.update(cards)
    fits.PrimaryHDU(pixels, header=header).writeto(path, overwrite=True)
