"""The image store: zarr v3, chunks of 256 objects in all arrays, so that whoever writes owns whole chunks.

Fill values are NaN (-1 for ids): the unwritten never looks like data. Noise does not compress, so nothing is.
"""

import os
import shutil
import warnings
from pathlib import Path

import numpy as np
import zarr

from lenspipe.errors import InputError
from lenspipe.provenance import file_sha256
from lenspipe.store.atomic import naming
from lenspipe.store.manifest import manifest_path, metadata_files, missing_files, read_manifest

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
NEEDED = [("image", "f", "float32, counts"), ("id", "iu", "whole numbers"), ("arc_snr", "f", "float32")]
PLANES = ("lens_light", "source_light")  # on request: noise-free, convolved, same unit as image


def store_path(path):
    """The store that a manifest (x.json) belongs to; a store's own path stays."""
    path = Path(path)
    return path.with_suffix(".zarr") if path.suffix == ".json" else path


def create(path, count, bands, num_pix, planes, attributes):
    """Lay out an empty store, or the same again over an existing one: no chunk is touched.

    Parameters
    ----------
    path : path
    count : int
        Number of objects.
    bands : sequence of str
    num_pix : int
    planes : bool
        Whether the noise-free planes are stored.
    attributes : dict
        Pixel scale, zero point, unit, survey, seed, versions.

    Only metadata is written, each file at once and always the same, so that several writers may do this side by side.
    An earlier manifest goes as soon as the new layout is on disk: from then on the store is not whole.
    """
    path = Path(path)
    path.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.uname().nodename}-{os.getpid()}.draft")
    shutil.rmtree(draft, ignore_errors=True)
    sizes = {"object": count, "band": len(bands), "y": num_pix, "x": num_pix}
    dimensions = DIMENSIONS | {plane: DIMENSIONS["image"] for plane in PLANES if planes}
    try:
        with naming(path):
            _write_layout(draft, dimensions, sizes, bands, attributes)
        manifest_path(path).unlink(missing_ok=True)
        for plane in set(PLANES) - set(dimensions):
            shutil.rmtree(path / plane, ignore_errors=True)
        for file in metadata_files(draft):
            target = path / file
            target.parent.mkdir(parents=True, exist_ok=True)
            os.replace(draft / file, target)
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


def write_chunk(path, chunk, arrays):
    """Write one chunk of every array.

    Parameters
    ----------
    path : path
    chunk : int
    arrays : dict of str to array [n, ...]
        ``n`` is 256, or less in the last chunk.

    Returns
    -------
    dict of str to str
        sha256 of each file written, by its path in the store.
    """
    group = zarr.open_group(str(path), mode="r+", use_consolidated=False)
    start = chunk * CHUNK
    # A chunk of nothing but NaN is a file too: nobody knows the arc_snr of real cutouts.
    with naming(path), zarr.config.set({"array.write_empty_chunks": True}):
        for name, values in arrays.items():
            group[name][start : start + len(values)] = values
    return {file: file_sha256(Path(path) / file) for file in chunk_files(group, chunk)}


def chunk_files(group, chunk):
    """Paths in the store of the files that hold one chunk."""
    names = sorted(name for name, _ in group.arrays() if name != "band")
    return [f"{name}/c/{chunk}" + "/0" * (group[name].ndim - 1) for name in names]


def forget(path, chunks, beyond=None):
    """Remove chunks that are not trusted, and with ``beyond`` all from that number on: they must not look like data."""
    for number, target in _written(path):
        if number in chunks or (beyond is not None and number >= beyond):
            shutil.rmtree(target) if target.is_dir() else target.unlink()


def size_of(path, chunks):
    """Bytes on disk of some chunks."""
    found = (target for number, target in _written(path) if number in chunks)
    return sum(f.stat().st_size for target in found for f in (target, *target.rglob("*")) if f.is_file())


def _written(path):
    """Number and place of all that is there of chunks, also of what a kill has left: ``3.<id>.partial``."""
    arrays = (array for array in Path(path).glob("*/c") if array.parent.name != "band")
    return [(int(target.name.partition(".")[0]), target) for array in arrays for target in array.iterdir()]


def finish(path):
    """Consolidate the metadata, so that xarray opens the store at once; remove what kills have left of layouts."""
    path = Path(path)
    for left in path.parent.glob(f"{path.name}.*.draft"):
        shutil.rmtree(left, ignore_errors=True)
    with naming(path), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Consolidated metadata")
        zarr.consolidate_metadata(str(path))


def open_images(path):
    """Open a store, ours or a user's own, by its path or its manifest's.

    Returns
    -------
    xarray.Dataset
        Lazy; ``image`` [object, band, y, x] and ``id`` [object] at least, coordinate ``band``.

    Raises
    ------
    InputError
        If the store is missing, unfinished or damaged, naming it.
    """
    import xarray as xr  # a third of a second that writers need not wait

    path = store_path(path)
    if not (path / "zarr.json").exists():
        raise InputError(f"{path}: no image store here; run `lenspipe simulate` first or name another folder")
    if manifest_path(path).exists():
        if missing := missing_files(path, read_manifest(path)):
            raise InputError(
                f"{path}: {missing[0]} is missing or cut short; run `lenspipe verify {path}`, then make it again"
            )
    elif list(path.parent.glob(f"{path.stem}.journal*")):
        raise InputError(
            f"{path}: not finished, it has no manifest {manifest_path(path).name}; run `lenspipe simulate` again"
        )
    try:
        with warnings.catch_warnings():  # a user's own store need not be consolidated
            warnings.filterwarnings("ignore", message="Failed to open Zarr store with consolidated")
            dataset = xr.open_zarr(path, chunks=None)
    except Exception as error:  # zarr, JSON and codec errors have no common class
        raise InputError(f"{path}: is no readable zarr store ({type(error).__name__}); make it again") from None
    _check(dataset, path)
    return dataset


def _check(dataset, path):
    """InputError if what every reader needs is not there, or is of another shape or type."""
    for name, kinds, words in NEEDED:
        dims = DIMENSIONS[name]
        if name not in dataset and name == "arc_snr":
            continue  # nobody knows it of real cutouts
        if name not in dataset or dataset[name].dims != dims:
            raise InputError(f"{path}: lacks the array {name} [{', '.join(dims)}]; write it as the README says")
        if dataset[name].dtype.kind not in kinds:
            raise InputError(f"{path}: {name} is {dataset[name].dtype}, should be {words}; convert it")
    if not dataset.sizes["object"]:
        raise InputError(f"{path}: holds no image; write some into it")
    if manifest_path(path).exists() and read_manifest(path)["digest"] != dataset.attrs.get("digest"):
        raise InputError(f"{path}: is not the store that {manifest_path(path).name} describes; make it again")
