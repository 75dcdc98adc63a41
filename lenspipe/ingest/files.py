"""FITS files: which plane of which extension is a band's image of an object."""

import warnings
from collections import ChainMap, OrderedDict
from dataclasses import dataclass

import numpy as np
from astropy.io import fits
from astropy.wcs import WCS

from lenspipe.errors import InputError
from lenspipe.ingest.errors import CutoutError

OPEN = 16  # files kept open: cubes are read object by object
UNREADABLE = (OSError, ValueError, TypeError, IndexError, KeyError, EOFError)
LIST_KEYS = ("BANDS", "FILTERS")  # names of a stack's planes, in order
BAND_KEYS = ("BAND", "FILTER")


class Shelf:
    """Open FITS files, the latest few."""

    def __init__(self):
        self.files = OrderedDict()

    def __enter__(self):
        return self

    def __exit__(self, *fault):
        while self.files:
            self.files.popitem()[1].close()

    def open(self, path):
        """A file's HDUs; CutoutError if it is not there or is no FITS file."""
        if path not in self.files:
            if not path.is_file():
                raise CutoutError(f"{path}: no such file; check the pattern and the catalogue")
            try:
                self.files[path] = fits.open(path)
            except UNREADABLE as error:
                raise CutoutError(f"{path}: is no readable FITS file ({type(error).__name__}); copy it again") from None
            if len(self.files) > OPEN:
                self.files.popitem(last=False)[1].close()
        self.files.move_to_end(path)
        return self.files[path]


@dataclass(frozen=True)
class Plane:
    """One band's pixels of one object, as they lie in a file.

    Attributes
    ----------
    path : path
    pixels : array [y, x], float64
    header : mapping
        Of the extension, and beneath it of the file.
    wcs : astropy.wcs.WCS or None
        Of the sky; None in a cube of objects: one header cannot say where each of them is.
    """

    path: object
    pixels: np.ndarray
    header: ChainMap
    wcs: object


def count_in(place):
    """Number of objects in a file that is the same for all: planes of a cube, or 1; InputError if it cannot be read."""
    with Shelf() as shelf:
        try:
            shape = _extension(shelf.open(place.path({})), place, place.path({})).shape
        except CutoutError as reason:
            raise InputError(str(reason)) from None
    return shape[0] if len(shape) == 3 and not place.planes else 1


def read_plane(shelf, place, row, index, count):
    """One band's plane of one object.

    Parameters
    ----------
    shelf : Shelf
    place : Place
    row : mapping
        The object's row of the catalogue.
    index, count : int
        Number of the row, and of all rows: a cube has a plane for each.

    Returns
    -------
    Plane

    Raises
    ------
    CutoutError
        If there is no such plane or it cannot be read.
    """
    path = place.path(row)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # astropy tells what it mends in headers; files cut short are told below
        try:
            hdus = shelf.open(path)
            hdu = _extension(hdus, place, path)
            header = ChainMap(hdu.header, hdus[0].header)
            number = _number(hdu, header, place, path, index, count)
            pixels = hdu.section[:] if number is None else hdu.section[number]
            wcs = WCS(hdu.header, naxis=2) if not (hdu.header["NAXIS"] == 3 and not place.planes) else None
        except UNREADABLE as error:
            raise CutoutError(f"{path}: cannot be read ({type(error).__name__}); copy it again") from None
    if not place.planes:
        _check_band(header, place.band, path)
    return Plane(path, np.asarray(pixels, float), header, wcs if wcs is not None and wcs.has_celestial else None)


def _extension(hdus, place, path):
    """The extension that holds the place's plane."""
    images = [hdu for hdu in hdus if hdu.is_image and hdu.header["NAXIS"] >= 2]
    names = ", ".join(f"{hdu.name or n}" for n, hdu in enumerate(hdus)) or "none"
    if place.extension is not None:
        key = int(place.extension) if place.extension.isdecimal() else place.extension
        if key not in hdus or hdus[key] not in images:
            raise CutoutError(f"{path}: has no image extension {place.extension!r}; extensions: {names}")
        return hdus[key]
    named = [hdu for hdu in images if place.band in _names(hdu)]
    if len(named) == 1:
        return named[0]
    if len(images) == 1 and not named:
        return images[0]
    raise CutoutError(
        f"{path}: which image is of band {place.band}? Add [EXTENSION] to the pattern; extensions: {names}"
    )


def _names(hdu):
    """Bands that an extension's name or header can mean."""
    name, said = hdu.name, str(hdu.header.get("BAND", "")).strip()
    for word in ("IMAGE_", "SCI_"):  # as `lenspipe redraw` and many pipelines name them
        name = name.removeprefix(word)
    return {name, name.lower(), said}


def _number(hdu, header, place, path, index, count):
    """Number of the plane within an extension; None if that is a single plane."""
    shape = hdu.shape
    if len(shape) == 2 and not place.columns and count > 1:
        raise CutoutError(f"{path}: is one image for {count} objects; put {{column}} into the pattern, or give a cube")
    if len(shape) == 2 and place.planes and place.band not in _names(hdu):
        raise CutoutError(f"{path}: is one image for bands {' '.join(place.planes)}; put {{band}} into the pattern")
    if len(shape) == 2:
        return None
    if len(shape) > 3:
        raise CutoutError(f"{path}: has {len(shape)} dimensions; give [y, x], [object, y, x] or [band, y, x]")
    if place.planes:
        return _number_of_band(header, place, path, shape[0])
    if place.columns and shape[0] == 1:
        return 0
    if place.columns:
        raise CutoutError(
            f"{path}: holds {shape[0]} planes; if they are bands, name them in order: g,r,i,z={place.pattern}"
        )
    if shape[0] != count:
        raise CutoutError(f"{path}: holds {shape[0]} planes for {count} objects; give the catalogue that belongs to it")
    return index


def _number_of_band(header, place, path, planes):
    """A stack's planes are named by its header, or else by the user: never by where they lie."""
    said = next((str(header[key]) for key in LIST_KEYS if key in header), None)
    if said is None and not place.ordered:
        raise CutoutError(
            f"{path}: does not name its {planes} planes; if they are bands, name them in order: "
            f"g,r,i,z={place.pattern}, if objects, put {{band}} into the pattern"
        )
    names = (said.replace(",", " ").split() if "," in said or " " in said else list(said)) if said else place.planes
    if len(names) != planes or place.band not in names:
        raise CutoutError(f"{path}: holds {planes} planes, named {' '.join(names)}; {place.band} must be one of them")
    return list(names).index(place.band)


def _check_band(header, band, path):
    """Refuse a file whose header says another band, as far as that is a band's name at all."""
    for key in BAND_KEYS:
        words = str(header.get(key, "")).split()
        if words and words[0] != band and len(words[0]) == 1 and words[0].isalpha():
            raise CutoutError(
                f"{path}: {key} is {words[0]!r} in its header, but it is given as band {band}; swap the files"
            )
