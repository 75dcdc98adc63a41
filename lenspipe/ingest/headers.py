"""What a header says of an image: zero point, unit, pixel scale, seeing. What the user says stands over it."""

import math

import astropy.units as u
from astropy.wcs.utils import proj_plane_pixel_scales

from lenspipe.ingest.errors import CutoutError

ZERO_POINT_KEYS = ("MAGZERO", "MAGZPT", "MAGZP", "SEXMGZPT", "PHOTZP", "ZEROPT", "ZP")
FLUX_OF_ZERO = "FLUXMAG0"  # counts of magnitude 0, as HSC writes
PIXEL_SCALE_KEYS = ("PIXSCALE", "PIXSCAL1", "SECPIX", "SECPIX1")  # arcsec
SEEING_KEYS = ("SEEING", "PSF_FWHM")  # arcsec; FWHM alone is left out: many write it in pixels
COUNTS = {"", "count", "counts", "ct", "adu", "dn", "electron", "electrons", "e", "e-"}
NANOMAGGIES = {"nanomaggy", "nanomaggie", "nanomaggies", "nmgy"}
TOLERANCE = 0.01  # mag, within which two zero points are one
SCALE_TOLERANCE = 0.002  # arcsec, within which predict takes images


def zero_point(header, path, said=None):
    """AB magnitude of one unit of the image.

    Parameters
    ----------
    header : mapping
    path : path
        For the messages.
    said : float, optional
        By the user.

    Returns
    -------
    float, str
        And where it is from.

    Raises
    ------
    CutoutError
        If the header says none, one that cannot be, or several that differ; or the unit is not known.
    """
    found = {key: _number(header, key, path) for key in ZERO_POINT_KEYS if key in header}
    if FLUX_OF_ZERO in header:
        found[FLUX_OF_ZERO] = 2.5 * math.log10(max(_number(header, FLUX_OF_ZERO, path), 1e-9))
    unit = str(header.get("BUNIT", "")).strip()
    of_unit = _zero_point_of(unit, path)
    if of_unit is not None:
        found[f"BUNIT {unit}"] = of_unit
    if said is not None:
        over = ", ".join(f"{key} {value:g}" for key, value in found.items() if abs(value - said) > TOLERANCE)
        return said, "--zero-point" + (f" over {over}" if over else "")
    if not found:
        raise CutoutError(f"{path}: no zero point in its header ({', '.join(ZERO_POINT_KEYS)}); give --zero-point")
    key, value = next(iter(found.items()))
    if other := next((k for k, v in found.items() if abs(v - value) > TOLERANCE), None):
        raise CutoutError(
            f"{path}: {key} says zero point {value:g}, {other} {found[other]:g}; say which by --zero-point"
        )
    if of_unit is None and not 15 < value < 40:
        raise CutoutError(f"{path}: {key} {value:g} can be no zero point; give --zero-point")
    return value, key


def _zero_point_of(unit, path):
    """Zero point of a unit of flux density; None for counts, with or without a time; CutoutError for other units."""
    word = unit.lower().replace(" ", "")
    if word.removesuffix("/s").removesuffix("/sec") in COUNTS:
        return None
    if word in NANOMAGGIES:
        return 22.5
    try:
        return float((1 * u.Unit(unit)).to_value(u.ABmag))
    except (ValueError, TypeError, u.UnitsError):
        raise CutoutError(
            f"{path}: BUNIT {unit!r} is neither counts nor a flux density (nanomaggy, Jy, nJy); convert the image"
        ) from None


def pixel_scale(header, wcs, path, said=None):
    """Pixel scale in arcsec and where it is from: what the user said, the WCS, or a keyword.

    Raises
    ------
    CutoutError
        If nothing says it, or pixels are not square.
    """
    if said is not None:
        return said, "--pixel-scale"
    if wcs is not None:
        x, y = proj_plane_pixel_scales(wcs.celestial) * 3600
        if abs(x - y) > SCALE_TOLERANCE:
            raise CutoutError(f"{path}: its pixels are {x:.4g} x {y:.4g} arcsec; resample it to square ones")
        return round(float((x + y) / 2), 6), "WCS"
    for key in PIXEL_SCALE_KEYS:
        if key in header:
            return _number(header, key, path), key
    raise CutoutError(f"{path}: no pixel scale in its header (WCS, {', '.join(PIXEL_SCALE_KEYS)}); give --pixel-scale")


def check_scale(found, wanted, path):
    """Refuse a scale that is not the survey's: networks know no other."""
    if abs(found - wanted) > SCALE_TOLERANCE:
        raise CutoutError(
            f"{path}: its pixels are {found:g} arcsec, the survey's {wanted:g}; resample it or choose --survey"
        )


def seeing(header, path):
    """FWHM of the PSF in arcsec and the keyword that says it; NaN and "" if none does."""
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
        raise CutoutError(f"{path}: {key} is {header[key]!r} in its header, no number; mend it")
    return value
