"""One object: its planes from their files, checked, scaled to the survey's zero point and cut to size."""

import math
import warnings
from dataclasses import dataclass

import numpy as np

from lenspipe.ingest import headers, pixels
from lenspipe.ingest.errors import CutoutError
from lenspipe.ingest.files import read_plane


@dataclass(frozen=True)
class Cutout:
    """One object as the store takes it.

    Attributes
    ----------
    image : array [band, y, x], float32, counts at the survey's zero point
    sky_sigma, psf_fwhm : array [band]
        Counts, arcsec.
    wcs : astropy.wcs.WCS or None
        Of the cutout.
    planes : list of dict
        What was found and done, a row a band (``columns.PLANES`` without ``id``).
    """

    image: np.ndarray
    sky_sigma: np.ndarray
    psf_fwhm: np.ndarray
    wcs: object
    planes: list


def read_object(shelf, recipe, row, index, count):
    """One object's cutout.

    Parameters
    ----------
    shelf : Shelf
    recipe : Recipe
    row : mapping
        Its row of the catalogue.
    index, count : int
        Number of the row, and of all rows.

    Raises
    ------
    CutoutError
        Saying why it cannot be had.
    """
    images, worlds, planes = [], [], []
    for band in recipe.bands:
        image, wcs, plane = _read_band(shelf, recipe, band, row, index, count)
        images.append(image)
        worlds.append(wcs)
        planes.append({"band": band} | plane)
    for band, plane in zip(recipe.bands, planes, strict=True):
        if plane["missing"] > recipe.max_missing:
            raise CutoutError(
                f"{plane['file']}: {plane['missing']:.1%} of the cutout's {band} pixels are missing, more than "
                f"{recipe.max_missing:.0%}; raise --max-missing to take it"
            )
    return Cutout(
        image=np.array(images, np.float32),
        sky_sigma=np.array([plane.pop("sky_sigma") for plane in planes], np.float32),
        psf_fwhm=np.array([plane.pop("psf_fwhm") for plane in planes], np.float32),
        wcs=_common(worlds, recipe),
        planes=planes,
    )


def _read_band(shelf, recipe, band, row, index, count):
    """Image [y, x] at the survey's zero point, WCS of the cutout, and what was found and done."""
    plane = read_plane(shelf, recipe.images[band], row, index, count)
    weights = _beside(recipe.weights, shelf, band, row, index, count)
    if weights is not None and weights.pixels.shape != plane.pixels.shape:
        raise CutoutError(
            f"{weights.path}: weights of {weights.pixels.shape} pixels, image of {plane.pixels.shape}; give them alike"
        )
    cut = pixels.window(plane.pixels.shape, recipe.num_pix, plane.path)
    factor, scales = _scales(recipe, band, plane)
    image, found = _clean(plane, weights, cut, recipe.keep_sky)
    for name in ("sky", "border_sigma", "sky_sigma"):
        found[name] *= factor
    width, width_from = _seeing(recipe, shelf, plane, scales["pixel_scale"], band, row, index, count)
    sizes = {"file": str(plane.path), "stamp_y": plane.pixels.shape[0], "stamp_x": plane.pixels.shape[1]}
    done = sizes | scales | found | {"psf_fwhm": width, "psf_fwhm_from": width_from}
    return factor * image, None if plane.wcs is None else plane.wcs.celestial.slice(cut), done


def _scales(recipe, band, plane):
    """Factor to the survey's zero point; zero point and pixel scale, and where each is from."""
    zero, zero_from = headers.zero_point(plane.header, plane.path, recipe.zero_point.get(band))
    scale, scale_from = headers.pixel_scale(plane.header, plane.wcs, plane.path, recipe.pixel_scale)
    headers.check_scale(scale, recipe.survey.pixel_scale, plane.path)
    return 10 ** (0.4 * (recipe.survey.magnitude_zero_point - zero)), {
        "zero_point": zero,
        "zero_point_from": zero_from,
        "pixel_scale": scale,
        "pixel_scale_from": scale_from,
    }


def _clean(plane, weights, cut, keep_sky):
    """The cutout in the file's unit without sky and with narrow holes filled; sky, noise and holes as found."""
    stamp = plane.pixels
    empty = pixels.missing(stamp, weights and weights.pixels)
    level, noise = pixels.sky(stamp, empty, plane.path)
    # A smaller level is the light of what is on the stamp; so may a larger one be, which only the user can know.
    level = level if abs(level) > noise and not keep_sky else 0.0
    image, filled = pixels.fill((stamp - level)[cut], empty[cut])
    values = image[np.isfinite(image)]
    if not values.size or values.min() == values.max():
        raise CutoutError(
            f"{plane.path}: the cutout has no two pixels that differ; make the file again or leave the object out"
        )
    measured = weights is None
    return image, {
        "sky": level,
        "sky_from": "--keep-sky" if keep_sky else "border",
        "border_sigma": noise,
        "sky_sigma": noise if measured else float(np.median(weights.pixels[cut][~empty[cut]] ** -0.5)),
        "sky_sigma_from": "border" if measured else "weights",
        "missing_in_stamp": float(empty.mean()),
        "missing": float(empty[cut].mean()),
        "filled": filled,
    }


def _beside(places, shelf, band, row, index, count):
    """The plane of weights or PSF, if there are any."""
    return read_plane(shelf, places[band], row, index, count) if places else None


def _seeing(recipe, shelf, plane, scale, band, row, index, count):
    """FWHM of the PSF in arcsec and where it is from: what the user said, the PSF's image, or the header."""
    if band in recipe.seeing:
        return recipe.seeing[band], "--seeing"
    if recipe.psf:
        # One PSF may serve all objects: it is then read as if it were of the only one.
        shared = not recipe.psf[band].columns
        try:
            psf = _beside(recipe.psf, shelf, band, row, index, count)
        except CutoutError:
            if not shared:
                raise
            psf = _beside(recipe.psf, shelf, band, row, 0, 1)
        return pixels.fwhm(psf.pixels, psf.path) * scale, "PSF"
    return headers.seeing(plane.header, plane.path)


def _common(worlds, recipe):
    """The first band's WCS; CutoutError if another band's pixels lie elsewhere on the sky."""
    known = [(band, wcs) for band, wcs in zip(recipe.bands, worlds, strict=True) if wcs is not None]
    if not known:
        return None
    first, world = known[0]
    middle = (recipe.num_pix - 1) / 2
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        place = world.pixel_to_world_values(middle, middle)
        for band, other in known[1:]:
            x, y = other.world_to_pixel_values(*place)
            off = math.hypot(x - middle, y - middle)
            if not off < 0.5:
                raise CutoutError(
                    f"bands {first} and {band} lie {off:.1f} pixels apart by their WCS; resample them to one grid"
                )
    return world
