"""Zero point, unit, pixel scale and seeing from FITS headers; values that the user gives replace them."""

import math

import astropy.units as u
from astropy.wcs.utils import proj_plane_pixel_scales

from lenspipe.ingest.errors import CutoutError

ZERO_POINT_KEYS = ("MAGZERO", "MAGZPT", "MAGZP", "SEXMGZPT", "PHOTZP", "ZEROPT", "ZP")
FLUX_OF_ZERO = "FLUXMAG0"  # counts of magnitude 0, in HSC files
PIXEL_SCALE_KEYS = ("PIXSCALE", "PIXSCAL1", "SECPIX", "SECPIX1")  # arcsec
SEEING_KEYS = ("SEEING", "PSF_FWHM")  # arcsec; not FWHM, which is often in pixels
COUNTS = {"", "count", "counts", "ct", "adu", "dn", "electron", "electrons", "e", "e-"}
NANOMAGGIES = {"nanomaggy", "nanomaggie", "nanomaggies", "nmgy"}
TOLERANCE = 0.01  # mag, within which two zero points agree
SCALE_TOLERANCE = 0.002  # arcsec, as in predict


def zero_point(header, path, override=None):
    """AB magnitude of one unit of the image.

    Parameters
    ----------
    header : mapping
    path : path
        The file, for messages.
    override : float, optional, AB mag
        Value given by the user.

    Returns
    -------
    value : float, AB mag
    source : str
        The keyword, unit or option that it comes from.

    Raises
    ------
    CutoutError
        If the header has none, an impossible one, or several that differ; or if the unit is unknown.
    """
    values = {key: _number(header, key, path) for key in ZERO_POINT_KEYS if key in header}
    if FLUX_OF_ZERO in header:
        values[FLUX_OF_ZERO] = 2.5 * math.log10(max(_number(header, FLUX_OF_ZERO, path), 1e-9))
    unit = str(header.get("BUNIT", "")).strip()
    of_unit = _zero_point_of(unit, path)
    if of_unit is not None:
        values[f"BUNIT {unit}"] = of_unit
    if override is not None:
        replaced = ", ".join(f"{key} {value:g}" for key, value in values.items() if abs(value - override) > TOLERANCE)
        return override, "--zero-point" + (f" over {replaced}" if replaced else "")
    if not values:
        raise CutoutError(f"{path}: no zero point in its header ({', '.join(ZERO_POINT_KEYS)}); give --zero-point")
    key, value = next(iter(values.items()))
    if other := next((k for k, v in values.items() if abs(v - value) > TOLERANCE), None):
        raise CutoutError(
            f"{path}: {key} gives zero point {value:g}, {other} {values[other]:g}; give the right one by --zero-point"
        )
    if of_unit is None and not 15 < value < 40:
        raise CutoutError(f"{path}: {key} {value:g} cannot be a zero point; give --zero-point")
    return value, key


def _zero_point_of(unit, path):
    """Zero point of a unit of flux density; None for counts and counts per second; CutoutError for other units."""
    name = unit.lower().replace(" ", "")
    if name.removesuffix("/s").removesuffix("/sec") in COUNTS:
        return None
    if name in NANOMAGGIES:
        return 22.5
    try:
        return float((1 * u.Unit(unit)).to_value(u.ABmag))
    except (ValueError, TypeError, u.UnitsError):
        raise CutoutError(
            f"{path}: BUNIT {unit!r} is neither counts nor a flux density (nanomaggy, Jy, nJy); convert the image"
        ) from None


def pixel_scale(header, wcs, path, *, override=None):
    """Pixel scale given by the user, the WCS or a keyword, in this order.

    Parameters
    ----------
    header : mapping
    wcs : astropy.wcs.WCS or None
    path : path
        The file, for messages.
    override : float, optional, arcsec
        Value given by the user.

    Returns
    -------
    value : float, arcsec
    source : str
        The keyword or option that it comes from, or WCS.

    Raises
    ------
    CutoutError
        If none is given, or pixels are not square.
    """
    if override is not None:
        return override, "--pixel-scale"
    if wcs is not None:
        x, y = proj_plane_pixel_scales(wcs.celestial) * 3600
        if abs(x - y) > SCALE_TOLERANCE:
            raise CutoutError(f"{path}: its pixels are {x:.4g} x {y:.4g} arcsec; resample it to square pixels")
        return round(float((x + y) / 2), 6), "WCS"
    for key in PIXEL_SCALE_KEYS:
        if key in header:
            return _number(header, key, path), key
    raise CutoutError(f"{path}: no pixel scale in its header (WCS, {', '.join(PIXEL_SCALE_KEYS)}); give --pixel-scale")


def check_pixel_scale(scale, survey_scale, path):
    """Raise CutoutError if ``scale`` (arcsec) of the file ``path`` differs from ``survey_scale`` (arcsec).

    Networks are trained on the survey's pixel scale alone.
    """
    if abs(scale - survey_scale) > SCALE_TOLERANCE:
        raise CutoutError(
            f"{path}: its pixels are {scale:g} arcsec, the survey's {survey_scale:g}; resample it or change the survey"
        )


def seeing(header, path):
    """FWHM of the PSF from a keyword.

    Parameters
    ----------
    header : mapping
    path : path
        The file, for messages.

    Returns
    -------
    value : float, arcsec
        NaN if the header has none.
    source : str
        The keyword, or "".
    """
    for key in SEEING_KEYS:
        if key in header:
            return _number(header, key, path), key
    return math.nan, ""


def _number(header, key, path):
    try:
        value = float(header[key])
    except (TypeError, ValueError):
        value = math.nan
    if not math.isfinite(value):
        raise CutoutError(f"{path}: {key} is {header[key]!r} in its header, not a number; correct it")
    return value
