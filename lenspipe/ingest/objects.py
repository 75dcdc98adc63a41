"""One object: its planes from their files, checked, scaled to the survey's zero point and cut to size."""

import math
import warnings
from dataclasses import asdict, dataclass, field

import numpy as np

from lenspipe.ingest import headers, pixels
from lenspipe.ingest.files import read_plane
from lenspipe.ingest.refusal import CutoutError
from lenspipe.surveys import Survey


@dataclass(frozen=True)
class Recipe:
    """How cutouts are made from files.

    Attributes
    ----------
    bands : tuple of str
        In the store's order.
    num_pix : int
    survey : Survey
        Its zero point and pixel scale are the store's.
    images, weights, psf : dict of str to Place
        By band; the last two may be empty.
    zero_point, seeing : dict of str to float, mag and arcsec
        What stands over the headers, by band.
    pixel_scale : float or None, arcsec
        The same for all bands.
    max_missing : float
        Largest share of a band's pixels that may lack a measured value.
    """

    bands: tuple
    num_pix: int
    survey: Survey
    images: dict
    weights: dict = field(default_factory=dict)
    psf: dict = field(default_factory=dict)
    zero_point: dict = field(default_factory=dict)
    seeing: dict = field(default_factory=dict)
    pixel_scale: float | None = None
    max_missing: float = 0.2

    def said(self):
        """All of it as a JSON-able dict."""
        return asdict(self)


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
    path, stamp = plane.path, plane.pixels
    weights = _beside(recipe.weights, shelf, band, row, index, count)
    if weights is not None and weights.pixels.shape != stamp.shape:
        raise CutoutError(f"{weights.path}: weights of {weights.pixels.shape}, image of {stamp.shape}; give them alike")
    cut = pixels.window(stamp.shape, recipe.num_pix, path)
    zero, zero_from = headers.zero_point(plane.header, path, recipe.zero_point.get(band))
    scale, scale_from = headers.pixel_scale(plane.header, plane.wcs, path, recipe.pixel_scale)
    headers.check_scale(scale, recipe.survey.pixel_scale, path)
    factor = 10 ** (0.4 * (recipe.survey.magnitude_zero_point - zero))
    empty = pixels.missing(stamp, weights and weights.pixels)
    level, noise = pixels.sky(stamp, empty, path)
    unsubtracted = abs(level) > noise
    image, filled = pixels.fill((stamp - level * unsubtracted)[cut], empty[cut])
    if not np.nanmax(image, initial=-np.inf) > np.nanmin(image, initial=np.inf):
        raise CutoutError(
            f"{path}: the cutout has no two pixels that differ; make the file again or leave the object out"
        )
    sigma, sigma_from = noise, "border"
    if weights is not None:
        sigma, sigma_from = float(np.median(weights.pixels[cut][~empty[cut]] ** -0.5)), "weights"
    width, width_from = _seeing(recipe, shelf, plane, scale, band, row, index, count)
    done = {
        "file": str(path),
        "stamp_y": stamp.shape[0],
        "stamp_x": stamp.shape[1],
        "zero_point": zero,
        "zero_point_from": zero_from,
        "pixel_scale": scale,
        "pixel_scale_from": scale_from,
        "sky": factor * level * unsubtracted,
        "border_sigma": factor * noise,
        "sky_sigma_from": sigma_from,
        "psf_fwhm_from": width_from,
        "missing_in_stamp": float(empty.mean()),
        "missing": float(empty[cut].mean()),
        "filled": filled,
        "sky_sigma": factor * sigma,
        "psf_fwhm": width,
    }
    return factor * image, _cut_wcs(plane.wcs, cut), done


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


def _cut_wcs(wcs, cut):
    return None if wcs is None else wcs.celestial.slice(cut)


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
