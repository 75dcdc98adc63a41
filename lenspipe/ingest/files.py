"""FITS files: which plane of which extension is the image of an object in a band."""

import os
import warnings
from collections import ChainMap, OrderedDict
from dataclasses import dataclass

import numpy as np
from astropy.io import fits

from lenspipe.errors import InputError
from lenspipe.ingest.errors import CutoutError
from lenspipe.ingest.pixels import linear
from lenspipe.ingest.positions import read_wcs

MAX_OPEN = 16  # files kept open, because cubes are read object by object
UNREADABLE = (OSError, ValueError, TypeError, IndexError, KeyError, EOFError, AttributeError, fits.VerifyError)
LIST_KEYS = ("BANDS", "FILTERS")  # names of a stack's planes, in order
BAND_KEYS = ("BAND", "FILTER")


class OpenFiles:
    """The FITS files used last, kept open."""

    def __init__(self):
        self.files = OrderedDict()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        while self.files:
            self.files.popitem()[1].close()

    def open(self, path):
        """HDUs (astropy.io.fits.HDUList) of the file ``path``; CutoutError if it is missing or not a FITS file."""
        if path not in self.files:
            if not path.is_file():
                raise CutoutError(f"{path}: no such file; check the pattern and the catalogue")
            try:
                self.files[path] = fits.open(path)
            except UNREADABLE as error:
                raise CutoutError(f"{path}: is not a readable FITS file{_reason(error)}") from None
            if len(self.files) > MAX_OPEN:
                self.files.popitem(last=False)[1].close()
        self.files.move_to_end(path)
        return self.files[path]


@dataclass(frozen=True)
class Plane:
    """The pixels of one object in one band, as in the file.

    Attributes
    ----------
    path : path
        The file.
    pixels : array [y, x], float64
        In the file's unit, on a linear scale.
    header : mapping
        Keywords of the extension, then those of the primary header.
    wcs : astropy.wcs.WCS or None
        None in a cube of objects, where one header cannot give the position of each.
    wcs_lacks : str
        What of the header's WCS could not be used; empty if nothing.
    pixels_from : str
        Keywords by which the file's pixels were made linear; empty if they are.
    band_in_header : str
        The band that the header names, if the user names another; else empty.
    """

    path: object
    pixels: np.ndarray
    header: ChainMap
    wcs: object
    wcs_lacks: str = ""
    pixels_from: str = ""
    band_in_header: str = ""


def count_objects(pattern):
    """Number of objects in the file of ``pattern`` (FilePattern without columns): planes of a cube, or 1; an int.

    InputError if the file cannot be read.
    """
    with OpenFiles() as files:
        try:
            shape = _extension(files.open(pattern.path({})), pattern, pattern.path({})).shape
        except CutoutError as reason:
            raise InputError(str(reason)) from None
    return shape[0] if len(shape) == 3 and not pattern.planes else 1


def read_plane(files, pattern, row, *, index, count):
    """Read the pixels of one object in one band.

    Parameters
    ----------
    files : OpenFiles
    pattern : FilePattern
    row : mapping
        The object's row of the catalogue.
    index, count : int
        Number of the object's row, and number of rows: a cube has a plane for each.

    Returns
    -------
    Plane

    Raises
    ------
    CutoutError
        If the plane is missing or cannot be read.
    """
    path = pattern.path(row)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # astropy warns of headers that it repairs; truncated files raise below
        try:
            hdus = files.open(path)
            hdu = _extension(hdus, pattern, path)
            header = ChainMap(hdu.header, hdus[0].header)
            number = _plane_number(hdu, header, pattern, path, index, count)
            pixels = hdu.section[:] if number is None else hdu.section[number]
            is_cube_of_objects = hdu.header["NAXIS"] == 3 and not pattern.planes
        except UNREADABLE as error:
            raise CutoutError(f"{path}: cannot be read{_reason(error)}") from None
        wcs, lacks = (None, "") if is_cube_of_objects else read_wcs(hdu.header)
    other = "" if pattern.planes else _other_band(header, pattern, path)
    pixels, source = linear(np.asarray(pixels, float), header, path)
    return Plane(path, pixels, header, wcs, lacks, source, other)


def _reason(error):
    """What went wrong with a file, and what to do: the system's own words where the file is not at fault."""
    if isinstance(error, OSError) and error.errno:
        return f": {os.strerror(error.errno).lower()}; run again when that is mended"
    text = " ".join(str(error).split())[:100]
    return f" ({type(error).__name__}{': ' * bool(text)}{text}); copy it again"


def _extension(hdus, pattern, path):
    """The extension that holds the pattern's band."""
    images = [hdu for hdu in hdus if hdu.is_image and hdu.header["NAXIS"] >= 2]
    names = ", ".join(f"{hdu.name or n}" for n, hdu in enumerate(hdus)) or "none"
    if pattern.extension is not None:
        key = int(pattern.extension) if pattern.extension.isdecimal() else pattern.extension
        if key not in hdus or hdus[key] not in images:
            raise CutoutError(f"{path}: has no image extension {pattern.extension!r}; extensions: {names}")
        return hdus[key]
    named = [hdu for hdu in images if pattern.band in _band_names(hdu)]
    if len(named) == 1:
        return named[0]
    if len(images) == 1 and not named:
        return images[0]
    raise CutoutError(f"{path}: the extension of band {pattern.band} is not clear; add [EXTENSION], one of: {names}")


def _band_names(hdu):
    """Bands that an extension's name or header can mean."""
    name, band = hdu.name, str(hdu.header.get("BAND", "")).strip()
    for prefix in ("IMAGE_", "SCI_"):  # as `lenspipe redraw` and many pipelines name extensions
        name = name.removeprefix(prefix)
    return {name, name.lower(), band, band.lower(), band.upper()}


def _plane_number(hdu, header, pattern, path, index, count):
    """Number of the plane within an extension; None if that is a single plane."""
    shape = hdu.shape
    if len(shape) == 2 and not pattern.columns and count > 1:
        raise CutoutError(f"{path}: is one image for {count} objects; put {{column}} into the pattern, or give a cube")
    if len(shape) == 2 and pattern.planes and pattern.band not in _band_names(hdu):
        raise CutoutError(f"{path}: is one image for bands {' '.join(pattern.planes)}; put {{band}} into the pattern")
    if len(shape) == 2:
        return None
    if len(shape) > 3:
        raise CutoutError(f"{path}: has {len(shape)} dimensions; give [y, x], [object, y, x] or [band, y, x]")
    if pattern.planes:
        return _plane_of_band(header, pattern, path, shape[0])
    if pattern.columns and shape[0] == 1:
        return 0
    if pattern.columns:
        raise CutoutError(
            f"{path}: holds {shape[0]} planes; if they are bands, name them in order: g,r,i,z={pattern.pattern}"
        )
    if shape[0] != count:
        raise CutoutError(f"{path}: holds {shape[0]} planes for {count} objects; give the catalogue of this file")
    return index


def _plane_of_band(header, pattern, path, planes):
    """Number of a band in a stack, whose order the header or the user must give: it is never assumed."""
    listed = next((str(header[key]) for key in LIST_KEYS if key in header), None)
    if listed is None and not pattern.ordered:
        raise CutoutError(
            f"{path}: does not name its {planes} planes; if they are bands, name them in order: "
            f"g,r,i,z={pattern.pattern}; if objects, put {{band}} into the pattern"
        )
    names = list(pattern.planes)
    if listed:
        names = listed.replace(",", " ").split() if "," in listed or " " in listed else list(listed)
    if len(names) != planes or pattern.band not in names:
        raise CutoutError(
            f"{path}: holds {planes} planes, named {' '.join(names)}; name all of them, {pattern.band} included"
        )
    return names.index(pattern.band)


def _other_band(header, pattern, path):
    """The band that the header names, if it is not the pattern's; empty if it names none.

    The user's word counts where it is of this band alone, ``g=FILE``. A pattern for all bands says nothing of one file.
    """
    for key in BAND_KEYS:
        name = (str(header.get(key, "")).split() or [""])[0]
        if name.casefold() == pattern.band.casefold() or len(name) != 1 or not name.isalpha():
            continue
        if not pattern.ordered:
            raise CutoutError(
                f"{path}: {key} is {name!r} in its header, but it is given as band {pattern.band}; swap the files, or "
                f"give each band its own pattern, {pattern.band}=PATTERN, if the header is wrong"
            )
        return name
    return ""
