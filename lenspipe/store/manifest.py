"""The manifest of a finished store: written last, so that its presence says that the store is whole."""

import json
from pathlib import Path

from lenspipe.errors import InputError
from lenspipe.provenance import file_sha256
from lenspipe.store import atomic


def manifest_path(store):
    """x.zarr -> x.json"""
    return Path(store).with_suffix(".json")


def metadata_files(store):
    """Files of a store that are no object's chunk, relative to it: zarr.json and the names of the bands."""
    files = [p.relative_to(store).as_posix() for p in Path(store).rglob("*") if p.is_file()]
    return sorted(file for file in files if file.endswith("zarr.json") or file.startswith("band/"))


def write_manifest(store, digest, inputs, shape, chunks):
    """Write the manifest beside a finished store.

    Parameters
    ----------
    store : path
    digest : str
        Of ``inputs``: what the journal's first line says.
    inputs : dict
        Digests of catalogue and code, settings, versions.
    shape : sequence of int
        Of ``image``.
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
    """The manifest beside a store, as a dict."""
    path = manifest_path(store)
    try:
        manifest = json.loads(path.read_text())
        manifest["shape"][0], manifest["digest"]
        for said in manifest["files"].values():
            said["sha256"], said["bytes"]
    except FileNotFoundError:
        raise InputError(f"{path}: no manifest beside the store; finish it with `lenspipe simulate`") from None
    except (ValueError, LookupError, TypeError, AttributeError):
        raise InputError(f"{path}: is no readable manifest; delete it and make the store again") from None
    return manifest


def missing_files(store, manifest):
    """Files of the manifest that are absent or of another size: a look at the folder, not at the bytes."""
    store = Path(store)
    return [
        file
        for file, said in manifest["files"].items()
        if not (store / file).exists() or (store / file).stat().st_size != said["bytes"]
    ]


def verify(store):
    """Compare every byte of a store with its manifest.

    Returns
    -------
    list of str
        A line for each file that is damaged, missing or not known; empty if the store is whole.
    """
    store = Path(store)
    if not store.is_dir():
        raise InputError(f"{store}: no image store here; name a folder like results/talk/images/test.zarr")
    said = read_manifest(store)["files"]
    found = {p.relative_to(store).as_posix() for p in store.rglob("*") if p.is_file()}
    problems = [f"{store / file}: missing" for file in sorted(said.keys() - found)]
    problems += [f"{store / file}: not in the manifest" for file in sorted(found - said.keys())]
    problems += [
        f"{store / file}: damaged, its bytes are not those that were written"
        for file in sorted(said.keys() & found)
        if file_sha256(store / file) != said[file]["sha256"]
    ]
    return problems
