"""Where an object lies in its stamp: the catalogue's position through the header's WCS."""

import math
import warnings

import astropy.units as u
from astropy.coordinates import FK4, SkyCoord
from astropy.wcs import WCS, Sip
from astropy.wcs.utils import proj_plane_pixel_scales, wcs_to_celestial_frame

from lenspipe.ingest.errors import CutoutError

DISTORTION = ("CPDIS", "CPERR", "CQDIS", "CQERR", "DP1", "DP2", "DQ1", "DQ2", "D2IM", "AXISCORR", "DVERR")
DISTORTION += ("A_", "B_", "AP_", "BP_")
# Columns that hold right ascension and declination, in any case: our names first, then those of common catalogues.
POSITIONS = (
    ("ra", "dec"),
    ("ra_deg", "dec_deg"),
    ("radeg", "dedeg"),
    ("raj2000", "dej2000"),
    ("_raj2000", "_dej2000"),
    ("ra_icrs", "de_icrs"),
    ("alpha_j2000", "delta_j2000"),
    ("alphawin_j2000", "deltawin_j2000"),
    ("ramean", "decmean"),
)


def read_wcs(header):
    """The celestial WCS of an image.

    Parameters
    ----------
    header : astropy.io.fits.Header

    Returns
    -------
    wcs : astropy.wcs.WCS or None
        None if the header has none. Without the distortion if the header describes that by tables which are elsewhere.
    lacks : str
        What could not be used; empty if nothing.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # astropy warns of headers that it repairs
        try:
            wcs, lacks = WCS(header, naxis=2), ""
        except Exception as error:  # wcslib's errors have no common class
            wcs, lacks = _linear(header), _first_line(error)
    return (wcs if wcs is not None and wcs.has_celestial else None), lacks


def _linear(header):
    header = header.copy()
    for key in [key for key in header if key.startswith(DISTORTION)]:
        header.remove(key, ignore_missing=True, remove_all=True)
    try:
        return WCS(header, naxis=2)
    except Exception:  # as above: then there is no WCS at all
        return None


def _first_line(error):
    return next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)[:80]


def position_columns(names):
    """The columns (str, str) of ``names`` (iterable of str) with right ascension and declination; None without."""
    known = {name.strip().lower(): name for name in reversed(list(names))}
    return next(((known[ra], known[dec]) for ra, dec in POSITIONS if ra in known and dec in known), None)


def position_in(row, columns):
    """Right ascension and declination of a catalogue's row.

    Parameters
    ----------
    row : mapping
    columns : tuple of str, or None
        From ``position_columns``.

    Returns
    -------
    tuple of float, deg, or None
        None if the row has none. Text like ``2:00:00`` or ``2h00m00s`` is hours, minutes and seconds of right
        ascension.

    Raises
    ------
    CutoutError
        If they cannot be read.
    """
    if columns is None:
        return None
    ra, dec = (row[name] for name in columns)
    if any(_is_empty(value) for value in (ra, dec)):
        return None
    try:
        position = float(ra), float(dec)
    except (TypeError, ValueError):
        position = _sexagesimal(ra, dec)
    if position is None or not all(map(math.isfinite, position)):
        raise CutoutError(
            f"{' and '.join(columns)} of the catalogue are {str(ra)[:40]!r} and {str(dec)[:40]!r}; give degrees, or "
            "leave both empty"
        )
    return position


def _is_empty(value):
    return value is None or value != value or str(value).strip() in ("", "nan", "<NA>", "None")


def _sexagesimal(ra, dec):
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            position = SkyCoord(str(ra), str(dec), unit=(u.hourangle, u.deg))
    except Exception:  # the parser's errors have no common class
        return None
    return float(position.ra.deg), float(position.dec.deg)


def place_in_stamp(plane, position):
    """Pixel of a position, and its distance from the stamp's centre.

    Parameters
    ----------
    plane : files.Plane
        With a WCS.
    position : tuple of float
        Right ascension and declination, ICRS, deg.

    Returns
    -------
    y, x : float
        Pixels from 0.
    distance : float, arcsec

    Raises
    ------
    CutoutError
        If the position is not in the stamp; the reason says if it is under another reading: hours, radians, galactic or
        B1950 coordinates.
    """
    height, width = plane.pixels.shape
    centre = ((height - 1) / 2, (width - 1) / 2)
    scale = float(min(proj_plane_pixel_scales(plane.wcs.celestial)) * 3600)
    ra, dec = position
    y, x = pixel_of(plane.wcs, ra, dec, "icrs")
    distance = scale * math.hypot(y - centre[0], x - centre[1])
    if math.isfinite(distance) and -0.5 <= y <= height - 0.5 and -0.5 <= x <= width - 0.5:
        return y, x, distance
    radius = scale * max(height, width) / 2
    for words, reading in _readings(ra, dec).items():
        there = scale * math.hypot(*(a - b for a, b in zip(pixel_of(plane.wcs, *reading), centre, strict=True)))
        if there < radius:
            raise CutoutError(
                f"{plane.path}: the catalogue's ra, dec ({ra:.5f}, {dec:.5f}) lie outside it, but {words} in it; "
                "convert them to degrees, ICRS"
            )
    how_far = f"{distance:.4g} arcsec from its centre" if math.isfinite(distance) else "on the other side of the sky"
    raise CutoutError(
        f"{plane.path}: by its WCS the catalogue's place ({ra:.5f}, {dec:.5f}) is outside it, {how_far}; "
        "give this object's own file, or correct ra and dec"
    )


def _readings(ra, dec):
    """Other things that two numbers may mean: words for it, and coordinates with their frame."""
    readings = {}
    if abs(dec) <= 90:
        readings["as galactic longitude and latitude"] = (ra, dec, "galactic")
        readings["as B1950 (FK4) coordinates"] = (ra, dec, FK4(equinox="B1950"))
        readings["with ra in hours"] = (15 * ra, dec, "icrs")
    if abs(dec) <= math.pi / 2:
        readings["in radians"] = (math.degrees(ra), math.degrees(dec), "icrs")
    if abs(ra) <= 90:
        readings["with ra and dec exchanged"] = (dec, ra, "icrs")
    return readings


def pixel_of(wcs, longitude, latitude, frame="icrs"):
    """Pixel of a position.

    Parameters
    ----------
    wcs : astropy.wcs.WCS
    longitude, latitude : float, deg
    frame : str or astropy frame
        Of the position.

    Returns
    -------
    y, x : float
        Pixels from 0; NaN if the position has none.
    """
    if not abs(latitude) <= 90:
        return math.nan, math.nan
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            if frame != "icrs" or not _is_icrs(wcs.wcs):
                position = SkyCoord(longitude * u.deg, latitude * u.deg, frame=frame)
                position = position.transform_to(wcs_to_celestial_frame(wcs)).spherical
                longitude, latitude = position.lon.deg, position.lat.deg
            world = (longitude, latitude) if wcs.wcs.lng < wcs.wcs.lat else (latitude, longitude)
            x, y = wcs.world_to_pixel_values(*world)
        except Exception:  # wcslib's errors have no common class: the position has no pixel
            return math.nan, math.nan
    return float(y), float(x)


def sky_position(wcs, x, y):
    """Right ascension and declination (float, ICRS, deg) of the pixel ``x``, ``y`` (float) of ``wcs``."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        world = [float(value) for value in wcs.pixel_to_world_values(x, y)]
        longitude, latitude = world[wcs.wcs.lng], world[wcs.wcs.lat]
        if not _is_icrs(wcs.wcs):
            position = SkyCoord(longitude * u.deg, latitude * u.deg, frame=wcs_to_celestial_frame(wcs)).icrs
            longitude, latitude = float(position.ra.deg), float(position.dec.deg)
    return longitude, latitude


def shifted(wcs, window):
    """The WCS of a part of an image.

    Parameters
    ----------
    wcs : astropy.wcs.WCS
    window : tuple of slice
        The part, in y and x; it may begin beyond the image's edge.

    Returns
    -------
    astropy.wcs.WCS
    """
    wcs = wcs.deepcopy()
    wcs.wcs.crpix = wcs.wcs.crpix - [window[1].start, window[0].start]
    if wcs.sip is not None:
        wcs.sip = Sip(wcs.sip.a, wcs.sip.b, wcs.sip.ap, wcs.sip.bp, wcs.wcs.crpix)
    return wcs


def _is_icrs(cards):
    """Whether the header's frame is ICRS to 0.03 arcsec, which saves the slow transformation."""
    j2000 = cards.radesys in ("", "ICRS", "FK5") and (not math.isfinite(cards.equinox) or cards.equinox == 2000)
    return j2000 and cards.lngtyp.startswith("RA")
