"""The state of each stage of a run."""

from dataclasses import replace
from pathlib import Path

from lenspipe import store
from lenspipe.errors import InputError
from lenspipe.provenance import file_sha256
from lenspipe.stages.registry import TRAIN, files_of, names_of, stage_of
from lenspipe.status.heartbeat import read_mark
from lenspipe.status.images import images
from lenspipe.status.integrity import is_complete
from lenspipe.status.run_settings import available_of, baselines_of_run, splits_of, trainings_of
from lenspipe.status.state import DAMAGED, DONE, MISSING, PARTIAL, RUNNING, StageState, clock, more, newest

# Files of a model, and the names of their checksums in model.json.
SUMS = {
    "weights.safetensors": "weights_sha256",
    "history.csv": "history_sha256",
    "validation.safetensors": "validation_sha256",
}
TABLES_OF_OBJECTS = ("population", "predict", "baselines")  # stages whose files have one row per object


def look(run, every_byte=False):
    """Find the state of each stage of a run.

    Parameters
    ----------
    run : path
        results/<run>
    every_byte : bool
        Compare every byte of the image stores with its checksum, and read the complete tables.

    Returns
    -------
    dict of str to StageState
        In the order of the stages.

    Raises
    ------
    InputError
        If the folder is not that of a run.
    """
    run = Path(run)
    if not any((run / name).is_dir() for name in ("settings", "catalog", "images", "models", "predictions", "tables")):
        raise InputError(
            f"{run}: is not the folder of a run; give one like results/talk, or start a run with snakemake"
        )
    names = names_of(trainings_of(run))
    marks = _marks(run / "logs", names)
    return {stage: _with_marks(_look_at(run, stage, every_byte), marks[stage]) for stage in names}


def _look_at(run, stage, every_byte):
    if stage == "simulate":
        return images(run, every_byte)
    if stage.startswith(f"{TRAIN}_"):
        return _model(run, stage.removeprefix(f"{TRAIN}_"))
    lists = {"splits": splits_of(run), "baselines": baselines_of_run(run), "available": available_of(run)}
    files = files_of(stage, trainings=trainings_of(run), **lists)
    return _tables(run, files, every_byte) if stage in TABLES_OF_OBJECTS else _files(run, files)


def _files(run, names, every_byte=False):
    existing = [name for name in names if (run / name).is_file()]
    absent = [name for name in names if name not in existing]
    if broken := [name for name in existing if not is_complete(run / name, every_byte)]:
        return StageState(DAMAGED, f"{broken[0]} is truncated or damaged{more(broken)}")
    if not existing:
        return StageState(MISSING, "no file yet")
    if absent:
        return StageState(PARTIAL, f"{len(existing)} of {len(names)} files, {absent[0]} is missing{more(absent)}")
    return StageState(DONE, f"{len(names)} files{newest(run, names)}")


def _tables(run, names, every_byte):
    """Tables with one row per object."""
    state = _files(run, names, every_byte)
    if state.state != DONE:
        return state
    objects = sum(store.count_rows(run / name) for name in names)
    return StageState(DONE, f"{objects:,} objects{newest(run, names)}")


def _model(run, name):
    """A network, or a training that started after the network was written."""
    folder = run / "models" / name
    resume, model = folder / "resume.pt", folder / "model.json"
    if resume.exists() and not (model.exists() and model.stat().st_mtime >= resume.stat().st_mtime):
        return _training(folder, run / "settings" / f"train_{name}.json", name)
    files = [f"models/{name}/{file}" for file in ("model.json", *SUMS)]
    state = _files(run, files)
    if state.state != DONE:
        return state
    checkpoint = store.read_json(model)
    if broken := [file for file, key in SUMS.items() if file_sha256(folder / file) != checkpoint.get(key)]:
        return StageState(DAMAGED, f"models/{name}/{broken[0]} does not match its checksum in model.json")
    epochs = len(store.read_table(folder / "history.csv"))
    return StageState(DONE, f"{epochs} epochs, best {checkpoint.get('best_epoch')}{newest(run, files)}")


def _training(folder, settings, name):
    from lenspipe.learning.resume import epochs_kept  # importing torch takes a second or two

    epochs = epochs_kept(folder)
    if epochs is None:
        return StageState(DAMAGED, f"models/{name}/resume.pt cannot be read; the training will start from epoch 1")
    try:
        of = f" of {store.read_json(settings)[name]['epochs']}"
    except (OSError, ValueError, KeyError, TypeError):
        of = ""
    return StageState(PARTIAL, f"{epochs}{of} epochs")


def _marks(logs, names):
    """Marks of running and killed processes: dict of stage to list of Mark."""
    marks = {stage: [] for stage in names}
    for path in sorted(logs.glob("*.running")):
        if (stage := stage_of(path.stem, names)) and (mark := read_mark(path)):
            marks[stage].append(mark)
    return marks


def _with_marks(state, marks):
    if alive := [mark for mark in marks if mark.alive()]:
        since = clock(min(mark.start for mark in alive))
        return StageState(RUNNING, f"since {since}, {_processes(alive)}; {state.text}")
    if marks:
        seen = clock(max(mark.seen for mark in marks))
        return replace(state, text=f"{state.text}; killed: {_processes(marks)}, last seen {seen}")
    return state


def _processes(marks):
    return ", ".join(f"process {mark.pid} on {mark.host}" for mark in marks)
