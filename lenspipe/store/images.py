"""Writing the image store: zarr v3, chunks of 256 objects in all arrays, so that each writer owns whole chunks.

Fill values are NaN (-1 for ids): an unwritten chunk never looks like data. Arrays are not compressed:
noise does not compress.
"""

import os
import shutil
import warnings
from pathlib import Path

import numpy as np
import zarr

from lenspipe.errors import InputError
from lenspipe.provenance import file_sha256
from lenspipe.store import atomic
from lenspipe.store.atomic import name_in_errors
from lenspipe.store.manifest import manifest_path, metadata_files

CHUNK = 256
DIMENSIONS = {
    "image": ("object", "band", "y", "x"),
    "sky_sigma": ("object", "band"),
    "psf_fwhm": ("object", "band"),
    "depth": ("object", "band"),
    "id": ("object",),
    "arc_snr": ("object",),
    "forecast_snr": ("object", "band"),
}
PLANES = ("lens_light", "source_light")  # optional: noise-free, convolved, same unit as image


def store_path(path):
    """Path of the store ``x.zarr`` that belongs to ``path``, which is the store itself or its manifest ``x.json``."""
    path = Path(path)
    return path.with_suffix(".zarr") if path.suffix == ".json" else path


def create(path, count, *, bands, num_pix, planes, attributes):
    """Write the metadata of a store, new or existing; chunks that exist are not changed.

    Each metadata file is written atomically and with the same bytes by every writer, so that several may call this at
    the same time. An existing manifest is removed once the metadata is on disk: the store then counts as unfinished.

    Parameters
    ----------
    path : path
        The store, ``x.zarr``.
    count : int
        Number of objects.
    bands : sequence of str
    num_pix : int
        Side of the images in pixels.
    planes : bool
        Whether the noise-free planes are stored.
    attributes : dict of str to value
        Pixel scale (arcsec), zero point (AB mag), unit, survey, seed, versions.
    """
    path = Path(path)
    path.mkdir(parents=True, exist_ok=True)
    draft = atomic.draft_of(path)
    sizes = {"object": count, "band": len(bands), "y": num_pix, "x": num_pix}
    dimensions = DIMENSIONS | {plane: DIMENSIONS["image"] for plane in PLANES if planes}
    try:
        with name_in_errors(path):
            _write_layout(draft, dimensions, sizes, bands, attributes)
        manifest_path(path).unlink(missing_ok=True)
        for plane in set(PLANES) - set(dimensions):
            shutil.rmtree(path / plane, ignore_errors=True)
        for file in metadata_files(draft):
            target = path / file
            target.parent.mkdir(parents=True, exist_ok=True)
            atomic.flush(draft / file)
            os.replace(draft / file, target)
            atomic.flush(target.parent)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _write_layout(path, dimensions, sizes, bands, attributes):
    group = zarr.create_group(store=str(path), attributes=attributes)
    for name, dims in dimensions.items():
        group.create_array(
            name,
            shape=[sizes[d] for d in dims],
            chunks=[CHUNK if d == "object" else sizes[d] for d in dims],
            dtype="int64" if name == "id" else "float32",
            fill_value=-1 if name == "id" else np.nan,
            compressors=None,
            dimension_names=dims,
        )
    band = group.create_array("band", shape=[len(bands)], dtype=str, dimension_names=["band"], compressors=None)
    band[:] = np.array(bands, dtype=object)


def write_chunk(path, chunk, arrays, *, digest=None):
    """Write one chunk of every array, flushed to the disk.

    Parameters
    ----------
    path : path
        The store.
    chunk : int
        Number of the chunk, from 0.
    arrays : dict of str to array [n, ...]
        ``n`` is 256, or less in the last chunk.
    digest : str, optional
        Of the images that the store must be laid out for; any if not given.

    Returns
    -------
    dict of str to str
        sha256 of each file written, by its path in the store.

    Raises
    ------
    InputError
        If the store has been laid out for other images: by a later writer, to which it belongs.
    """
    _check_owner(path, digest)
    group = zarr.open_group(str(path), mode="r+", use_consolidated=False)
    start = chunk * CHUNK
    # Write chunks of NaN alone too: the arc_snr of real cutouts is unknown, and the manifest lists every chunk.
    with name_in_errors(path), zarr.config.set({"array.write_empty_chunks": True}):
        for name, values in arrays.items():
            group[name][start : start + len(values)] = values
        files = chunk_files(group, chunk)
        for file in files:
            atomic.flush(Path(path) / file)
            atomic.flush((Path(path) / file).parent)
    _check_owner(path, digest)
    return {file: file_sha256(Path(path) / file) for file in files}


def _check_owner(path, digest):
    if digest and zarr.open_group(str(path), mode="r", use_consolidated=False).attrs.get("digest") != digest:
        raise InputError(f"{path}: is being written with other settings or another catalogue; run again")


def chunk_files(group, chunk):
    """Files that hold one chunk.

    Parameters
    ----------
    group : zarr.Group
        The store.
    chunk : int
        Number of the chunk, from 0.

    Returns
    -------
    list of str
        Paths relative to the store.
    """
    names = sorted(name for name, _ in group.arrays() if name != "band")
    return [f"{name}/c/{chunk}" + "/0" * (group[name].ndim - 1) for name in names]


def remove_chunks(path, chunks, *, first_excess=None):
    """Remove chunks that must be written again, so that no reader takes them for data.

    Parameters
    ----------
    path : path
        The store.
    chunks : collection of int
        Numbers of the chunks.
    first_excess : int, optional
        Also remove all chunks from this number on, which lie beyond the store's last object.
    """
    for number, target in _chunks_on_disk(path):
        if number in chunks or (first_excess is not None and number >= first_excess):
            shutil.rmtree(target) if target.is_dir() else target.unlink()


def size_on_disk(path, chunks):
    """Bytes (int) that the chunks with the numbers ``chunks`` (collection of int) take in the store ``path``."""
    targets = (target for number, target in _chunks_on_disk(path) if number in chunks)
    return sum(f.stat().st_size for target in targets for f in (target, *target.rglob("*")) if f.is_file())


def _chunks_on_disk(path):
    """Number and path of every chunk, also of those that a killed writer left half written: ``3.<id>.partial``."""
    arrays = (array for array in Path(path).glob("*/c") if array.parent.name != "band")
    targets = [(target.name.partition(".")[0], target) for array in arrays for target in array.iterdir()]
    return [(int(number), target) for number, target in targets if number.isdecimal()]  # no stray file is a chunk


def finish(path):
    """Consolidate the metadata of the store ``path``, so that xarray opens it fast; clean up after killed writers."""
    path = Path(path)
    atomic.remove_leftovers(path)
    with name_in_errors(path), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Consolidated metadata")
        zarr.consolidate_metadata(str(path))
