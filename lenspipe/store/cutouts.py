"""Real cutouts that simulated light is painted on: stores of `lenspipe ingest`, read by id and chunk by chunk."""

import numpy as np

from lenspipe.errors import InputError
from lenspipe.store.images import CHUNK, open_images, store_path
from lenspipe.store.manifest import manifest_path

SCALE_TOLERANCE = 0.002  # arcsec: as ingest has it
PER_OBJECT = ("image", "sky_sigma", "psf_fwhm")


def open_cutouts(path, bands, pixel_scale, zero_point, num_pix=None):
    """Open a store of real cutouts that are to be backgrounds.

    Parameters
    ----------
    path : path
        The store, or its manifest.
    bands : sequence of str
    pixel_scale : float, arcsec
    zero_point : AB magnitude
    num_pix : int, optional
        Side of the pictures that will be cut from it; any if not given.

    Returns
    -------
    xarray.Dataset
        Lazy, with these bands in this order.

    Raises
    ------
    InputError
        If the store is not finished, or its bands, scale, zero point, unit or size are not those of the simulation.
    """
    path = store_path(path)
    if not (path / "zarr.json").exists():
        raise InputError(f"{path}: no image store here; make it with `lenspipe ingest` or correct the path")
    dataset = open_images(path)
    if not manifest_path(path).exists():
        raise InputError(f"{path}: has no manifest {manifest_path(path).name}; make it with `lenspipe ingest`")
    for name in PER_OBJECT:
        if name not in dataset:
            raise InputError(f"{path}: has no {name}, which a background needs; make it with `lenspipe ingest`")
    there = [str(band) for band in dataset["band"].to_numpy()]
    if absent := [band for band in bands if band not in there]:
        raise InputError(f"{path}: has no band {absent[0]}, only {' '.join(there)}; ingest it too or change bands")
    said = {name: dataset.attrs.get(name) for name in ("pixel_scale", "magnitude_zero_point", "unit")}
    for name, wanted, tolerance in (
        ("pixel_scale", pixel_scale, SCALE_TOLERANCE),
        ("magnitude_zero_point", zero_point, 1e-6),
    ):
        if not isinstance(said[name], int | float) or not abs(said[name] - wanted) <= tolerance:
            raise InputError(f"{path}: its {name} is {said[name]}, the survey's {wanted:g}; ingest it for this survey")
    if said["unit"] != "counts":
        raise InputError(f"{path}: its unit is {said['unit']!r}, should be 'counts'; make it with `lenspipe ingest`")
    height, width = dataset.sizes["y"], dataset.sizes["x"]
    if height != width or (num_pix and (height < num_pix or (height - num_pix) % 2)):
        raise InputError(
            f"{path}: its cutouts are {height} x {width} pixels, which cannot be cut to {num_pix} about their centre; "
            f"ingest them with --num-pix {num_pix}"
        )
    return dataset.isel(band=[there.index(band) for band in bands])


def read_cutouts(path, ids, bands, num_pix):
    """Cutouts by id, in any order and as often as wanted; each chunk of the store that holds one is read once.

    Parameters
    ----------
    path : path
    ids : int array [n]
    bands : sequence of str
    num_pix : int
        Side; cut about the centre.

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
    every = dataset["id"].to_numpy()
    order = np.argsort(every, kind="stable")
    places = order[np.minimum(np.searchsorted(every, ids, sorter=order), len(every) - 1)]
    if (strange := every[places] != ids).any():
        raise InputError(f"{path}: holds no cutout {ids[strange][0]}; it is not the catalogue's: run population again")
    there = [str(band) for band in dataset["band"].to_numpy()]
    edge = (dataset.sizes["y"] - num_pix) // 2
    inside = slice(edge, edge + num_pix)
    part = dataset[list(PER_OBJECT)].isel(band=[there.index(band) for band in bands], y=inside, x=inside)
    shapes = {"image": (len(bands), num_pix, num_pix), "sky_sigma": (len(bands),), "psf_fwhm": (len(bands),)}
    arrays = {name: np.empty((len(ids), *shape), np.float32) for name, shape in shapes.items()}
    for chunk in np.unique(places // CHUNK):
        wanted = places // CHUNK == chunk
        read = part.isel(object=slice(chunk * CHUNK, (chunk + 1) * CHUNK))
        for name, values in arrays.items():
            values[wanted] = read[name].to_numpy()[places[wanted] - chunk * CHUNK]
    return arrays
