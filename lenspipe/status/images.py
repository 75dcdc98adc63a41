"""The image stores of a run: whole, under way, or damaged."""

import json

from lenspipe import store
from lenspipe.errors import InputError
from lenspipe.status.run_settings import splits_of
from lenspipe.status.state import DAMAGED, DONE, MISSING, PARTIAL, Standing, more, newest


def images(run, every_byte):
    """State of the image stores of a ``run`` (path), all splits in one.

    ``every_byte`` (bool) reads all bytes. A ``Standing`` with str values.
    """
    names = {split: f"images/{split}.json" for split in splits_of(run)}
    splits = {split: _store(run / name, every_byte) for split, name in names.items()}
    states = {standing.state for standing in splits.values()}
    text = ", ".join(f"{split} {standing.text}" for split, standing in splits.items())
    if states == {DONE}:
        return Standing(DONE, f"{text} objects{newest(run, names.values())}")
    if states == {MISSING}:
        return Standing(MISSING, "nothing there yet")
    return Standing(DAMAGED if DAMAGED in states else PARTIAL, text)


def _store(manifest, every_byte):
    """The store of one split."""
    path = store.store_path(manifest)
    try:
        if manifest.exists():
            return _finished_store(path, store.read_manifest(path), every_byte)
        if not path.is_dir():
            return Standing(MISSING, "missing")
        done, total = _chunks_done(path, every_byte)
        return Standing(PARTIAL, f"{done} of {total} chunks" if total else "begun")
    except InputError as error:
        return Standing(DAMAGED, f"damaged ({error})")


def _finished_store(path, manifest, every_byte):
    if every_byte and path.is_dir():
        faults = [problem.removeprefix(f"{path}/") for problem in store.verify(path)]
    else:
        faults = [f"{file}: missing or cut short" for file in store.missing_files(path, manifest)]
    if faults:
        return Standing(DAMAGED, f"damaged ({path.name}/{faults[0]}{more(faults)})")
    return Standing(DONE, f"{manifest['shape'][0]:,}")


def _chunks_done(path, every_byte):
    """Chunks that whoever goes on with a store would keep, and chunks in all; (0, 0) before its layout is complete."""
    try:
        digest = json.loads((path / "zarr.json").read_text())["attributes"]["digest"]
        count = json.loads((path / "image" / "zarr.json").read_text())["shape"][0]
    except FileNotFoundError:
        return 0, 0
    except (ValueError, KeyError, TypeError):
        raise InputError(f"{path.name}/zarr.json cannot be read") from None
    return len(store.Journal(path, digest).intact_chunks(every_byte=every_byte)), -(-count // store.CHUNK)
