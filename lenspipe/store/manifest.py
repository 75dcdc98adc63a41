"""The manifest of a finished store: it is written last, so a store with a manifest is complete."""

import json
from contextlib import suppress
from pathlib import Path

from lenspipe.errors import InputError
from lenspipe.provenance import file_sha256
from lenspipe.store import atomic
from lenspipe.store.json_files import read_json

STRAY = (".nfs", ".DS_Store", "._", ".fuse_hidden", "Thumbs.db", ".directory")


def manifest_path(store):
    """Path of the manifest ``x.json`` of ``store`` (path), ``x.zarr``."""
    return Path(store).with_suffix(".json")


def metadata_files(store):
    """Files of ``store`` (path) that hold no objects (zarr.json, names of bands): list of str, relative to it."""
    files = files_in(store)
    return sorted(file for file in files if file.endswith("zarr.json") or file.startswith("band/"))


def files_in(store):
    """Files in ``store`` (path), list of str relative to it, without what file systems and desktops leave there."""
    found = [p.relative_to(store) for p in Path(store).rglob("*") if p.is_file()]
    return [file.as_posix() for file in found if not file.name.startswith(STRAY)]


def write_manifest(store, *, digest, inputs, shape, chunks):
    """Write the manifest of a finished store.

    Parameters
    ----------
    store : path
    digest : str
        Digest of ``inputs``, as in the journal's first line.
    inputs : dict
        Digests of catalogue and code, settings, versions.
    shape : sequence of int
        Shape of ``image``.
    chunks : dict of int to dict
        sha256 by file, for each chunk.
    """
    store = Path(store)
    files = {file: file_sha256(store / file) for file in metadata_files(store)}
    for chunk in sorted(chunks):
        files |= chunks[chunk]
    sizes = {file: (store / file).stat().st_size for file in files}
    manifest = {
        "store": store.name,
        "digest": digest,
        "inputs": inputs,
        "shape": list(shape),
        "files": {file: {"sha256": files[file], "bytes": sizes[file]} for file in files},
    }
    atomic.write(manifest_path(store), json.dumps(manifest, indent=1) + "\n")


def read_manifest(store):
    """The manifest of ``store`` (path) as a dict; InputError if it is missing or not readable."""
    path = manifest_path(store)
    try:
        manifest = read_json(path)
        manifest["shape"][0], manifest["digest"]
        for entry in manifest["files"].values():
            entry["sha256"], entry["bytes"]
    except FileNotFoundError:
        raise InputError(f"{path}: the store has no manifest; finish it with `lenspipe simulate`") from None
    except (ValueError, LookupError, TypeError, AttributeError):
        raise InputError(f"{path}: is not the manifest of {store}; move it away, or recreate the store") from None
    return manifest


def has_manifest(store):
    """Whether ``store`` (path) has a manifest: bool. The file of that name next to a user's store may be the user's."""
    path = manifest_path(store)
    if not path.exists():
        return False
    with suppress(ValueError, OSError):
        if {"store", "digest", "files", "shape"} & read_json(path).keys():
            return True
    try:  # only our stores have a digest, and so should have a manifest: `read_manifest` says what is wrong with it
        return "digest" in read_json(Path(store) / "zarr.json").get("attributes", {})
    except OSError:
        return False
    except (ValueError, AttributeError, TypeError):
        return True


def missing_files(store, manifest):
    """Files of ``manifest`` (dict) that are missing in ``store`` (path) or have another size; list of str.

    Contents are not read.
    """
    store = Path(store)
    return [
        file
        for file, entry in manifest["files"].items()
        if not (store / file).exists() or (store / file).stat().st_size != entry["bytes"]
    ]


def verify(store):
    """Compare every byte of a store with its manifest.

    Parameters
    ----------
    store : path

    Returns
    -------
    list of str
        A line for each file that is damaged, missing or not in the manifest; empty if the store is intact.
    """
    store = Path(store)
    if not store.is_dir():
        raise InputError(f"{store}: no image store here; name a folder like results/talk/images/test.zarr")
    listed = read_manifest(store)["files"]
    on_disk = set(files_in(store))
    problems = [f"{store / file}: missing" for file in sorted(listed.keys() - on_disk)]
    problems += [f"{store / file}: not in the manifest" for file in sorted(on_disk - listed.keys())]
    problems += [
        f"{store / file}: damaged, its bytes are not those that were written"
        for file in sorted(listed.keys() & on_disk)
        if file_sha256(store / file) != listed[file]["sha256"]
    ]
    return problems
