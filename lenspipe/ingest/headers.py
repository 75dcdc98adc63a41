"""Zero point, unit, pixel scale and seeing from FITS headers; values that the user gives replace them."""

import math

from astropy.wcs.utils import proj_plane_pixel_scales

from lenspipe.ingest.errors import CutoutError
from lenspipe.ingest.units import NO_FLUX, UNKNOWN_UNIT, unit_meaning

ZERO_POINT_KEYS = ("MAGZERO", "MAGZPT", "MAGZP", "SEXMGZPT", "PHOTZP", "ZEROPT", "ZP")
FLUX_OF_ZERO = "FLUXMAG0"  # counts of magnitude 0, in HSC files
PIXEL_SCALE_KEYS = ("PIXSCALE", "PIXSCAL1", "SECPIX", "SECPIX1")  # arcsec
SEEING_KEYS = ("SEEING", "PSF_FWHM")  # arcsec; not FWHM, which is often in pixels
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
        Value given by the user, which counts whatever the header says.

    Returns
    -------
    value : float, AB mag
    source : str
        The keyword, unit or option that it comes from, and what was passed over.

    Raises
    ------
    CutoutError
        If the header has none, an impossible one, or several that differ; or if the unit is not one of a flux.
    """
    values, unreadable = {}, []
    for key in (*ZERO_POINT_KEYS, FLUX_OF_ZERO):
        if key in header:
            value = _number(header[key])
            if key == FLUX_OF_ZERO:
                value = 2.5 * math.log10(value) if value > 0 else math.nan
            if math.isfinite(value):
                values[key] = value
            else:
                unreadable.append(f"{key} {header[key]!r}")
    unit = str(header.get("BUNIT", "")).strip()
    meaning, of_unit = unit_meaning(unit)
    if of_unit is not None:
        values[f"BUNIT {unit}"] = of_unit
    if meaning == UNKNOWN_UNIT:
        unreadable.append(f"BUNIT {unit!r}")
    if override is not None:
        replaced = [f"{key} {value:g}" for key, value in values.items() if abs(value - override) > TOLERANCE]
        replaced += unreadable + [f"BUNIT {unit!r}"] * (meaning == NO_FLUX)
        return override, "--zero-point" + (f" over {', '.join(replaced)}" if replaced else "")
    if meaning == NO_FLUX:
        raise CutoutError(
            f"{path}: BUNIT {unit!r} is neither counts nor a flux density (nanomaggy, Jy, nJy); convert the image, or "
            "give --zero-point"
        )
    if not values and unreadable:
        raise CutoutError(f"{path}: its header has {unreadable[0]}, not a number of magnitudes; give --zero-point")
    if not values:
        raise CutoutError(f"{path}: no zero point in its header ({', '.join(ZERO_POINT_KEYS)}); give --zero-point")
    key, value = next(iter(values.items()))
    if other := next((k for k, v in values.items() if abs(v - value) > TOLERANCE), None):
        raise CutoutError(
            f"{path}: {key} gives zero point {value:g}, {other} {values[other]:g}; give the right one by --zero-point"
        )
    if of_unit is None and not 15 < value < 40:
        raise CutoutError(f"{path}: {key} {value:g} cannot be a zero point; give --zero-point")
    return value, key + (f", {', '.join(unreadable)} not understood" if unreadable else "")


def pixel_scale(plane, *, override=None):
    """Pixel scale given by the user, the WCS or a keyword, in this order.

    Parameters
    ----------
    plane : files.Plane
    override : float, optional, arcsec
        Value given by the user, which counts whatever the header says.

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
    path, header = plane.path, plane.header
    if override is not None:
        return override, "--pixel-scale"
    if plane.wcs is not None:
        x, y = proj_plane_pixel_scales(plane.wcs.celestial) * 3600
        if abs(x - y) > SCALE_TOLERANCE:
            raise CutoutError(f"{path}: its pixels are {x:.4g} x {y:.4g} arcsec; resample it to square pixels")
        value = round(float((x + y) / 2), 6)
        source = "WCS without its distortion" if plane.wcs_lacks else "WCS"
        for key in PIXEL_SCALE_KEYS:
            if key in header and abs(_number(header[key]) - value) > SCALE_TOLERANCE:
                source += f", while {key} says {header[key]}"
        return value, source
    unreadable = ""
    for key in PIXEL_SCALE_KEYS:
        if key in header and math.isfinite(value := _number(header[key])):
            return value, key
        if key in header:
            unreadable = unreadable or f"; {key} is {header[key]!r}"
    if plane.wcs_lacks:
        unreadable = f"; its WCS cannot be used: {plane.wcs_lacks}"
    keys = ", ".join(PIXEL_SCALE_KEYS)
    raise CutoutError(f"{path}: no pixel scale in its header (WCS, {keys}){unreadable}; give --pixel-scale")


def psf_pixel_scale(psf, scale):
    """Pixel scale of the image of a PSF: its own if its header has one, or else that of the image.

    Parameters
    ----------
    psf : files.Plane
    scale : float, arcsec
        Of the image.

    Returns
    -------
    value : float, arcsec
    source : str
    """
    try:
        value, _ = pixel_scale(psf)
    except CutoutError:
        return scale, "PSF"
    return value, "PSF" if abs(value - scale) < SCALE_TOLERANCE else f"PSF with its own pixels of {value:.4g} arcsec"


def check_pixel_scale(scale, survey_scale, path):
    """Raise CutoutError if ``scale`` (arcsec) of the file ``path`` differs from ``survey_scale`` (arcsec).

    Networks are trained on the survey's pixel scale alone.
    """
    if abs(scale - survey_scale) > SCALE_TOLERANCE:
        raise CutoutError(
            f"{path}: its pixels are {scale:g} arcsec, the survey's {survey_scale:g}; resample it or change the survey"
        )


def seeing(header):
    """FWHM of the PSF from a keyword of ``header`` (mapping).

    Returns
    -------
    value : float, arcsec
        NaN if the header has none.
    source : str
        The keyword; without a value, the keyword that is no width, or "".
    """
    given = [key for key in SEEING_KEYS if key in header]
    for key in given:
        if _number(header[key]) > 0:
            return _number(header[key]), key
    return math.nan, f"{given[0]} {header[given[0]]!r} not understood" if given else ""


def _number(value):
    """A card's value as a number; NaN if it is none."""
    try:
        value = float(value)
    except (TypeError, ValueError):
        return math.nan
    return value if math.isfinite(value) else math.nan
