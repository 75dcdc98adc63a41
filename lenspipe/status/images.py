"""The image stores of a run: complete, partial, or damaged."""

from lenspipe import store
from lenspipe.errors import InputError
from lenspipe.status.run_settings import splits_of
from lenspipe.status.state import DAMAGED, DONE, MISSING, PARTIAL, StageState, more, newest


def images(run, every_byte):
    """State of the image stores of all splits: damaged if one is, done or missing if all are.

    Parameters
    ----------
    run : path
        results/<run>
    every_byte : bool
        As of ``look``.

    Returns
    -------
    StageState
        Its ``text`` is a str that names each split.
    """
    names = {split: f"images/{split}.json" for split in splits_of(run)}
    by_split = {split: _store(run / name, every_byte) for split, name in names.items()}
    states = {state.state for state in by_split.values()}
    text = ", ".join(f"{split} {state.text}" for split, state in by_split.items())
    if states == {DONE}:
        return StageState(DONE, f"{text} objects{newest(run, names.values())}")
    if states == {MISSING}:
        return StageState(MISSING, "no file yet")
    return StageState(DAMAGED if DAMAGED in states else PARTIAL, text)


def _store(manifest, every_byte):
    """The store of one split."""
    path = store.store_path(manifest)
    try:
        if manifest.exists():
            return _finished_store(path, store.read_manifest(path), every_byte)
        if not path.is_dir():
            return StageState(MISSING, "missing")
        done, total = _chunks_done(path, every_byte)
        return StageState(PARTIAL, f"{done} of {total} chunks" if total else "started")
    except InputError as error:
        return StageState(DAMAGED, f"damaged ({error})")


def _finished_store(path, manifest, every_byte):
    if every_byte and path.is_dir():
        faults = [problem.removeprefix(f"{path}/") for problem in store.verify(path)]
    else:
        faults = [f"{file}: missing or truncated" for file in store.missing_files(path, manifest)]
    if faults:
        return StageState(DAMAGED, f"damaged ({path.name}/{faults[0]}{more(faults)})")
    return StageState(DONE, f"{manifest['shape'][0]:,}")


def _chunks_done(path, every_byte):
    """Chunks that a resumed run would keep, and chunks in all; (0, 0) before the layout of the store is complete."""
    try:
        digest = store.read_json(path / "zarr.json")["attributes"]["digest"]
        count = store.read_json(path / "image" / "zarr.json")["shape"][0]
    except FileNotFoundError:
        return 0, 0
    except (ValueError, KeyError, TypeError):
        raise InputError(f"{path.name}/zarr.json cannot be read") from None
    return len(store.Journal(path, digest).intact_chunks(every_byte=every_byte)), -(-count // store.CHUNK)
