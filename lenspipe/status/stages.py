"""The stages of a run, one by one."""

import json
from dataclasses import replace
from pathlib import Path

from lenspipe import store
from lenspipe.errors import InputError
from lenspipe.provenance import file_sha256
from lenspipe.status.heartbeat import read_mark
from lenspipe.status.images import images
from lenspipe.status.integrity import is_whole
from lenspipe.status.splits import splits_of
from lenspipe.status.state import DAMAGED, DONE, MISSING, PARTIAL, RUNNING, Standing, clock, more, newest

STAGES = ("population", "simulate", "train_classifier", "train_regressor", "predict", "diagnose", "report")
# Files of a model, and the names of their sums in model.json.
SUMS = {"weights.safetensors": "weights_sha256", "history.csv": "history_sha256"}


def look(run, figures, every_byte=False):
    """How the stages of a run stand.

    Parameters
    ----------
    run : path
        results/<run>
    figures : dict of str to dict of str to sequence of str
        Stage, figure, and the tables that it is drawn from.
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
    splits = splits_of(run)
    drawn = {stage: _drawn(figures[stage], splits) for stage in figures}
    found = {
        "population": _tables(run, [f"catalog/{split}.parquet" for split in splits], every_byte),
        "simulate": images(run, every_byte),
        "train_classifier": _model(run, "classifier"),
        "train_regressor": _model(run, "regressor"),
        "predict": _tables(
            run, [f"predictions/network/{split}.parquet" for split in splits if split != "train"], every_byte
        ),
        "diagnose": _files(run, ["tables/summary.csv", *drawn["diagnose"]]),
        "report": _files(run, ["report.html", *drawn["report"]]),
    }
    marks = _marks(run / "logs")
    return {stage: _with_marks(found[stage], marks[stage]) for stage in STAGES}


def stage_of(name):
    """The stage that a rule, a log or a mark belongs to: ``simulate_part.1-of-2`` to simulate; None for no stage's."""
    return next((stage for stage in STAGES if name.startswith(stage)), None)


def _drawn(figures, splits):
    figures = {figure: tables for figure, tables in figures.items() if figure != "twins" or "twins" in splits}
    tables = {f"tables/{table}" for tables in figures.values() for table in tables}
    return sorted(tables) + [f"figures/{figure}{ending}" for figure in figures for ending in (".png", ".pdf")]


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


def _marks(logs):
    """Marks that stages have left, by stage."""
    marks = {stage: [] for stage in STAGES}
    for path in sorted(logs.glob("*.running")):
        if (stage := stage_of(path.stem)) and (mark := read_mark(path)):
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
