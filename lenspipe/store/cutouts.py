"""Real cutouts that simulated light is painted on: stores of `lenspipe ingest`, read by id and chunk by chunk."""

import numpy as np

from lenspipe.errors import InputError
from lenspipe.store.images import CHUNK, store_path
from lenspipe.store.manifest import manifest_path
from lenspipe.store.reading import is_store, open_images

SCALE_TOLERANCE = 0.002  # arcsec: as ingest has it
ARRAYS = ("image", "sky_sigma", "psf_fwhm")


def open_cutouts(path, bands, *, pixel_scale, zero_point, num_pix=None):
    """Open a store of real cutouts that serve as backgrounds, and check that the simulation can use it.

    Parameters
    ----------
    path : path
        The store, or its manifest.
    bands : sequence of str
        Bands of the simulation.
    pixel_scale : float, arcsec
    zero_point : float, AB mag
    num_pix : int, optional
        Side of the images that will be cut from it, in pixels; any size if not given.

    Returns
    -------
    xarray.Dataset
        Opened lazily, with these bands in this order.

    Raises
    ------
    InputError
        If the store is not finished, or its bands, pixel scale, zero point, unit or size do not fit the simulation.
    """
    path = store_path(path)
    if not is_store(path):
        raise InputError(f"{path}: no image store here; make one with `lenspipe ingest` or correct the path")
    dataset = open_images(path)
    if not manifest_path(path).exists():
        raise InputError(f"{path}: has no manifest {manifest_path(path).name}; make it with `lenspipe ingest`")
    for name in ARRAYS:
        if name not in dataset:
            raise InputError(f"{path}: has no {name}, which a background needs; make it with `lenspipe ingest`")
    stored_bands = _bands_of(dataset)
    if missing := [band for band in bands if band not in stored_bands]:
        raise InputError(
            f"{path}: has no band {missing[0]}, only {' '.join(stored_bands)}; ingest it too or change bands"
        )
    attributes = {name: dataset.attrs.get(name) for name in ("pixel_scale", "magnitude_zero_point", "unit")}
    for name, expected, tolerance in (
        ("pixel_scale", pixel_scale, SCALE_TOLERANCE),
        ("magnitude_zero_point", zero_point, 1e-6),
    ):
        value = attributes[name]
        if not isinstance(value, int | float) or not abs(value - expected) <= tolerance:
            raise InputError(f"{path}: its {name} is {value}, the survey's {expected:g}; ingest it for this survey")
    if attributes["unit"] != "counts":
        raise InputError(
            f"{path}: its unit is {attributes['unit']!r}, should be 'counts'; make it with `lenspipe ingest`"
        )
    height, width = dataset.sizes["y"], dataset.sizes["x"]
    if height != width or (num_pix and (height < num_pix or (height - num_pix) % 2)):
        raise InputError(
            f"{path}: its cutouts are {height} x {width} pixels, which cannot be cut to {num_pix} about their centre; "
            f"ingest them with --num-pix {num_pix}"
        )
    return dataset.isel(band=[stored_bands.index(band) for band in bands])


def read_cutouts(path, ids, *, bands, num_pix):
    """Read cutouts by id, in any order and with repeats; each chunk of the store is read at most once.

    Parameters
    ----------
    path : path
        The store.
    ids : int array [n]
    bands : sequence of str
    num_pix : int
        Side of the images in pixels, cut about the centre.

    Returns
    -------
    dict of str to float32 array
        ``image`` [n, band, y, x] in counts, ``sky_sigma`` [n, band] in counts, ``psf_fwhm`` [n, band] in arcsec.

    Raises
    ------
    InputError
        If an id is not in the store.
    """
    dataset = open_images(path)
    stored_ids, stored_bands = dataset["id"].to_numpy(), _bands_of(dataset)
    order = np.argsort(stored_ids, kind="stable")
    rows = order[np.minimum(np.searchsorted(stored_ids, ids, sorter=order), len(stored_ids) - 1)]
    if (unknown := stored_ids[rows] != ids).any():
        raise InputError(
            f"{path}: holds no cutout {ids[unknown][0]}, the catalogue is of another store; rerun population"
        )
    edge = (dataset.sizes["y"] - num_pix) // 2
    inside = slice(edge, edge + num_pix)
    part = dataset[list(ARRAYS)].isel(band=[stored_bands.index(band) for band in bands], y=inside, x=inside)
    shapes = {"image": (len(bands), num_pix, num_pix), "sky_sigma": (len(bands),), "psf_fwhm": (len(bands),)}
    arrays = {name: np.empty((len(ids), *shape), np.float32) for name, shape in shapes.items()}
    for chunk in np.unique(rows // CHUNK):
        in_chunk = rows // CHUNK == chunk
        cutouts = part.isel(object=slice(chunk * CHUNK, (chunk + 1) * CHUNK))
        for name, values in arrays.items():
            values[in_chunk] = cutouts[name].to_numpy()[rows[in_chunk] - chunk * CHUNK]
    return arrays


def _bands_of(dataset):
    return [str(band) for band in dataset["band"].to_numpy()]
