"""One object: its planes from their files, checked, scaled to the survey's zero point and cut to size."""

import math
from dataclasses import dataclass, replace

import numpy as np

from lenspipe.ingest import headers, pixels
from lenspipe.ingest.errors import CutoutError
from lenspipe.ingest.files import read_plane
from lenspipe.ingest.positions import pixel_of, place_in_stamp, shifted, sky_position


@dataclass(frozen=True)
class Cutout:
    """One object, ready for the store.

    Attributes
    ----------
    image : array [band, y, x], float32, counts
        At the survey's zero point.
    sky_sigma : array [band], counts
        Noise of the sky.
    psf_fwhm : array [band], arcsec
    wcs : astropy.wcs.WCS or None
        Of the cutout.
    planes : list of dict
        What was measured and done, a row a band: ``columns.PLANES`` without ``id``.
    """

    image: np.ndarray
    sky_sigma: np.ndarray
    psf_fwhm: np.ndarray
    wcs: object
    planes: list


@dataclass(frozen=True)
class _Reader:
    """Reads the planes of one object."""

    files: object
    row: dict
    position: tuple
    index: int
    count: int

    def read(self, pattern):
        return read_plane(self.files, pattern, self.row, index=self.index, count=self.count)


def read_object(files, options, row, *, position=None, index, count):
    """Make the cutout of one object.

    Parameters
    ----------
    files : OpenFiles
    options : IngestOptions
    row : mapping
        The object's row of the catalogue, as the user wrote it.
    position : tuple of float, optional
        Right ascension and declination, deg. Where a file has a WCS, the cutout is about this place.
    index, count : int
        Number of the object's row, and number of rows.

    Returns
    -------
    Cutout

    Raises
    ------
    CutoutError
        If a file cannot be used; its text gives the reason.
    """
    images, wcs_list, planes = [], [], []
    for band in options.bands:
        image, wcs, plane = _read_band(_Reader(files, row, position, index, count), options, band)
        images.append(image)
        wcs_list.append(wcs)
        planes.append({"band": band} | plane)
    for band, plane in zip(options.bands, planes, strict=True):
        if plane["missing"] > options.max_missing:
            raise CutoutError(
                f"{plane['file']}: {plane['missing']:.1%} of the cutout's {band} pixels are missing, more than "
                f"{options.max_missing:.0%}; raise --max-missing to accept it"
            )
    return Cutout(
        image=np.array(images, np.float32),
        sky_sigma=np.array([plane.pop("sky_sigma") for plane in planes], np.float32),
        psf_fwhm=np.array([plane.pop("psf_fwhm") for plane in planes], np.float32),
        wcs=_common_wcs(wcs_list, options),
        planes=planes,
    )


def _read_band(reader, options, band):
    """Image [y, x] at the survey's zero point, WCS of the cutout, and what was measured and done."""
    plane = reader.read(options.images[band])
    weights = reader.read(options.weights[band]) if options.weights else None
    if weights is not None and weights.pixels.shape != plane.pixels.shape:
        raise CutoutError(
            f"{weights.path}: has {weights.pixels.shape} pixels, its image {plane.pixels.shape}; "
            "give weights of the same size"
        )
    place, offset = None, math.nan
    if reader.position and plane.wcs is not None:
        y, x, offset = place_in_stamp(plane, reader.position)
        place = (y, x)
    window = pixels.window(plane.pixels.shape, options.num_pix, plane.path, place=place)
    factor, scales = _scales(options, band, plane)
    image, measured = _clean(plane, weights, window, options.keep_sky)
    for name in ("sky", "border_sigma", "sky_sigma"):
        measured[name] *= factor
    fwhm, fwhm_from = _seeing(reader, options, band, plane, scales["pixel_scale"])
    source = {name: getattr(plane, name) for name in ("band_in_header", "wcs_lacks", "pixels_from")}
    sizes = {"stamp_y": plane.pixels.shape[0], "stamp_x": plane.pixels.shape[1], "offset": offset}
    measured |= {"psf_fwhm": fwhm, "psf_fwhm_from": fwhm_from}
    row = {"file": str(plane.path)} | source | sizes | scales | measured
    return factor * image, None if plane.wcs is None else shifted(plane.wcs.celestial, window), row


def _scales(options, band, plane):
    """Factor to the survey's zero point; zero point and pixel scale, each with its source."""
    zero, zero_from = headers.zero_point(plane.header, plane.path, options.zero_point.get(band))
    scale, scale_from = headers.pixel_scale(plane, override=options.pixel_scale)
    headers.check_pixel_scale(scale, options.survey.pixel_scale, plane.path)
    return 10 ** (0.4 * (options.survey.magnitude_zero_point - zero)), {
        "zero_point": zero,
        "zero_point_from": zero_from,
        "pixel_scale": scale,
        "pixel_scale_from": scale_from,
    }


def _clean(plane, weights, window, keep_sky):
    """The cutout in the file's unit, sky subtracted and narrow holes filled; what was measured and filled."""
    stamp = plane.pixels
    if weights and not (weights.pixels > 0).any():
        raise CutoutError(f"{weights.path}: no pixel has a positive weight; give inverse variances")
    empty = pixels.missing(stamp, weights and weights.pixels)
    level, noise = pixels.sky(stamp, empty, plane.path)
    # A level within the noise is left. A higher one may also be the galaxy's light, which only the user can know.
    level = level if abs(level) > noise and not keep_sky else 0.0
    beyond = pixels.cut(empty, window, True)
    image, filled = pixels.fill(pixels.cut(stamp - level, window, np.nan), beyond)
    values = image[np.isfinite(image)]
    if not values.size or values.min() == values.max():
        raise CutoutError(
            f"{plane.path}: all pixels of the cutout are equal or missing; recreate the file or leave the object out"
        )
    from_border = weights is None
    if not from_border:
        used = pixels.cut(weights.pixels, window, np.nan)[~beyond]
        stated = pixels.check_weights(used, noise, weights.path)
    return image, {
        "sky": level,
        "sky_from": "--keep-sky" if keep_sky else "border",
        "border_sigma": noise,
        "sky_sigma": noise if from_border else stated,
        "sky_sigma_from": "border" if from_border else "weights",
        "missing_in_stamp": float(empty.mean()),
        "missing": float(beyond.mean()),
        "filled": filled,
    }


def _seeing(reader, options, band, plane, scale):
    """FWHM of the PSF in arcsec with its source: the user, the PSF's image, or the header."""
    if band in options.seeing:
        return options.seeing[band], "--seeing"
    if options.psf:
        pattern = options.psf[band]
        try:
            psf = reader.read(pattern)
        except CutoutError:
            if pattern.columns:
                raise
            psf = replace(reader, index=0, count=1).read(pattern)  # one PSF for all objects
        own, source = headers.psf_pixel_scale(psf, scale)
        return pixels.fwhm(psf.pixels, psf.path) * own, source
    return headers.seeing(plane.header)


def _common_wcs(wcs_list, options):
    """The first band's WCS; CutoutError if another band's pixels have other positions on the sky."""
    with_wcs = [(band, wcs) for band, wcs in zip(options.bands, wcs_list, strict=True) if wcs is not None]
    if not with_wcs:
        return None
    first, first_wcs = with_wcs[0]
    centre = (options.num_pix - 1) / 2
    ra, dec = sky_position(first_wcs, centre, centre)
    for band, wcs in with_wcs[1:]:
        y, x = pixel_of(wcs, ra, dec)
        offset = math.hypot(x - centre, y - centre)
        if not offset < 0.5:
            raise CutoutError(
                f"bands {first} and {band} lie {offset:.1f} pixels apart by their WCS; resample them to one grid"
            )
    return first_wcs
