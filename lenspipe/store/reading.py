"""Opening an image store, with checks that it is complete and holds what every reader needs."""

import math
import warnings

from lenspipe.errors import InputError
from lenspipe.store.checked import CheckedStore
from lenspipe.store.images import DIMENSIONS, store_path
from lenspipe.store.journal import journals
from lenspipe.store.manifest import has_manifest, manifest_path, missing_files, read_manifest
from lenspipe.store.table_formats import LARGEST_ID

LARGEST_CHUNK = 4 << 30  # bytes
MOST_OBJECTS = 10**9
REQUIRED = [("image", "f", "float32, counts"), ("id", "iu", "whole numbers"), ("arc_snr", "f", "float32")]


def open_images(path):
    """Open an image store, written by lenspipe or by a user.

    Parameters
    ----------
    path : path
        The store or its manifest.

    Returns
    -------
    xarray.Dataset
        Opened lazily. It has at least ``image`` [object, band, y, x], ``id`` [object] and the coordinate ``band``.

    Raises
    ------
    InputError
        If the store is missing, unfinished or damaged.
    """
    import xarray as xr  # takes a third of a second, which writers need not wait

    path = store_path(path)
    if not is_store(path):
        raise InputError(
            f"{path}: no image store here; name another folder (`lenspipe simulate` makes a run's stores, `lenspipe "
            "ingest` those of your files)"
        )
    manifest = read_manifest(path) if has_manifest(path) else None
    if manifest:
        if missing := missing_files(path, manifest):
            raise InputError(
                f"{path}: {missing[0]} is missing or truncated; run `lenspipe verify {path}`, then recreate the store"
            )
    elif journals(path):
        raise InputError(
            f"{path}: not finished, it has no manifest {manifest_path(path).name}; rerun `lenspipe simulate`"
        )
    try:
        with warnings.catch_warnings():  # a user's store need not be consolidated
            warnings.filterwarnings("ignore", message="Failed to open Zarr store with consolidated")
            # Sums are compared as chunks are read: hashing one takes a hundredth of what a network takes for it.
            sums = {file: entry["sha256"] for file, entry in manifest["files"].items()} if manifest else {}
            sums.pop("zarr.json", None)  # its digest is compared below, which says more
            dataset = xr.open_zarr(CheckedStore(path, sums), chunks=None)
    except InputError:
        raise
    except OSError as error:
        if not error.errno:
            raise InputError(f"{path}: is not a readable zarr store ({error}); recreate it") from None
        raise  # the machine's, not the store's
    except Exception as error:  # zarr, JSON and codec errors have no common class
        raise InputError(f"{path}: is not a readable zarr store ({_reason(error)}); recreate it") from None
    if manifest and manifest["digest"] != dataset.attrs.get("digest"):
        raise InputError(f"{path}: is not the store that {manifest_path(path).name} describes; recreate it")
    _check_sizes(dataset, path)
    _check(dataset, path)
    return dataset


def is_store(path):
    """Whether the folder ``path`` (path) holds a zarr group, in format 3 or 2: bool."""
    return any((path / name).exists() for name in ("zarr.json", ".zgroup"))


def _check_sizes(dataset, path):
    """InputError if a chunk, which is read whole, or the list of ids would fill the memory."""
    for name, array in dataset.variables.items():
        chunks = array.encoding.get("chunks") or array.shape
        if math.prod(chunks) * array.dtype.itemsize > LARGEST_CHUNK:
            raise InputError(f"{path}: chunks of {name} have the shape {tuple(chunks)}, too large; write smaller ones")
    if dataset.sizes.get("object", 0) > MOST_OBJECTS:
        raise InputError(f"{path}: declares {dataset.sizes['object']:,} objects; at most {MOST_OBJECTS:,} can be read")


def _reason(error):
    return f"{type(error).__name__}: {' '.join(str(error).split())[:100]}"


def _check(dataset, path):
    """InputError if an array that every reader needs is missing, or has another shape or type."""
    for name, kinds, expected in REQUIRED:
        dims = DIMENSIONS[name]
        if name not in dataset and name == "arc_snr":
            continue  # unknown for real cutouts
        if name not in dataset or dataset[name].dims != dims:
            raise InputError(f"{path}: lacks the array {name} [{', '.join(dims)}]; write it as the README says")
        if dataset[name].dtype.kind not in kinds:
            raise InputError(f"{path}: {name} is {dataset[name].dtype}, should be {expected}; convert it")
    if dataset["id"].dtype.kind == "u" and (ids := dataset["id"].to_numpy()).size and ids.max() > LARGEST_ID:
        raise InputError(f"{path}: holds id {ids.max()}, beyond 2^63 - 1; give the objects smaller ids")
    if not dataset.sizes["object"]:
        raise InputError(f"{path}: holds no images; write some into it")
