"""The stages of a run, one by one."""

import json
from dataclasses import replace
from pathlib import Path

from lenspipe import store
from lenspipe.errors import InputError
from lenspipe.provenance import file_sha256
from lenspipe.stages.registry import TRAIN, files_of, names_of, stage_of
from lenspipe.status.heartbeat import read_mark
from lenspipe.status.images import images
from lenspipe.status.integrity import is_whole
from lenspipe.status.run_settings import available_of, baselines_of_run, splits_of, trainings_of
from lenspipe.status.state import DAMAGED, DONE, MISSING, PARTIAL, RUNNING, Standing, clock, more, newest

# Files of a model, and the names of their sums in model.json.
SUMS = {"weights.safetensors": "weights_sha256", "history.csv": "history_sha256"}


TABLES_OF_OBJECTS = ("population", "predict", "baselines")  # stages


def look(run, every_byte=False):
    """How the stages of a run stand.

    Parameters
    ----------
    run : path
        results/<run>
    every_byte : bool
        Compare every byte of the image stores with what was written, and read the tables whole.

    Returns
    -------
    dict of str to Standing
        In the order of the stages.

    Raises
    ------
    InputError
        If the folder is no run.
    """
    run = Path(run)
    if not any((run / name).is_dir() for name in ("settings", "catalog", "images", "models", "predictions", "tables")):
        raise InputError(f"{run}: no run here; name a folder like results/talk, or start one with snakemake")
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
    there = [name for name in names if (run / name).is_file()]
    absent = [name for name in names if name not in there]
    if broken := [name for name in there if not is_whole(run / name, every_byte)]:
        return Standing(DAMAGED, f"{broken[0]} is cut short or damaged{more(broken)}")
    if not there:
        return Standing(MISSING, "nothing there yet")
    if absent:
        return Standing(PARTIAL, f"{len(there)} of {len(names)} files, {absent[0]} is missing{more(absent)}")
    return Standing(DONE, f"{len(names)} files{newest(run, names)}")


def _tables(run, names, every_byte):
    """Tables with a row an object."""
    standing = _files(run, names, every_byte)
    if standing.state != DONE:
        return standing
    objects = sum(store.count_rows(run / name) for name in names)
    return Standing(DONE, f"{objects:,} objects{newest(run, names)}")


def _model(run, task):
    """A network, or a training that has begun since one was written."""
    folder = run / "models" / task
    state, model = folder / "resume.pt", folder / "model.json"
    if state.exists() and not (model.exists() and model.stat().st_mtime >= state.stat().st_mtime):
        return _training(folder, run / "settings" / f"train_{task}.json", task)
    names = [f"models/{task}/{name}" for name in ("model.json", "weights.safetensors", "history.csv")]
    standing = _files(run, names)
    if standing.state != DONE:
        return standing
    said = json.loads(model.read_text())
    if broken := [name for name, key in SUMS.items() if file_sha256(folder / name) != said.get(key)]:
        return Standing(DAMAGED, f"models/{task}/{broken[0]} is not what was written with model.json")
    epochs = len(store.read_table(folder / "history.csv"))
    return Standing(DONE, f"{epochs} epochs, best {said.get('best_epoch')}{newest(run, names)}")


def _training(folder, settings, task):
    from lenspipe.learning.resume import epochs_kept  # torch takes a second or two

    epochs = epochs_kept(folder)
    if epochs is None:
        return Standing(DAMAGED, f"models/{task}/resume.pt cannot be read: the training will start afresh")
    try:
        of = f" of {json.loads(settings.read_text())[task]['epochs']}"
    except (OSError, ValueError, KeyError, TypeError):
        of = ""
    return Standing(PARTIAL, f"{epochs}{of} epochs")


def _marks(logs, names):
    """Marks that stages have left, by stage."""
    marks = {stage: [] for stage in names}
    for path in sorted(logs.glob("*.running")):
        if (stage := stage_of(path.stem, names)) and (mark := read_mark(path)):
            marks[stage].append(mark)
    return marks


def _with_marks(standing, marks):
    if alive := [mark for mark in marks if mark.alive()]:
        since = clock(min(mark.start for mark in alive))
        return Standing(RUNNING, f"since {since}, {_processes(alive)}; {standing.text}")
    if marks:
        seen = clock(max(mark.seen for mark in marks))
        return replace(standing, text=f"{standing.text}; killed: {_processes(marks)}, last seen {seen}")
    return standing


def _processes(marks):
    return ", ".join(f"process {mark.pid} on {mark.host}" for mark in marks)
