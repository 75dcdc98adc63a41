"""Whatever is wrong with a file, the command that reads it names it in one line, and makes nothing from it."""

import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from damages import (
    array,
    attribute,
    blank,
    flipped,
    foreign,
    garbled,
    missing,
    of_another_store,
    of_other_objects,
    table,
    text_in,
    torn,
    truncated,
    without,
)

from lenspipe import store
from lenspipe.cli import main

pytestmark = pytest.mark.slow

CHUNK = "image/c/1/0/0/0"
PREDICTIONS = "predictions/network/test.parquet"


def commands(run):
    """Arguments of every command that reads files; what they write goes to ``out``."""
    settings, images, catalog, models = (run / name for name in ("settings", "images", "catalog", "models"))
    learning = ["--train-images", images / "train.json", "--train-catalog", catalog / "train.parquet"]
    learning += ["--val-images", images / "val.json", "--val-catalog", catalog / "val.parquet", "--output", "out"]
    simulate = ["simulate", "--settings", settings / "simulate.json", "--catalog", catalog / "val.parquet"]
    return {
        "population": ["population", "--settings", settings / "population.json", "--output", "out"],
        "simulate": [*simulate, "--manifest", "out/val.json"],
        "classifier": ["train", "classifier", "--settings", settings / "train_classifier.json", *learning],
        "regressor": ["train", "regressor", "--settings", settings / "train_regressor.json", *learning],
        "predict": ["predict", "--images", images / "test.json", "--models", models, "--output", "out/p.parquet"],
        "diagnose": ["diagnose", "--run", run, "--output", "out", "--settings", settings / "diagnose.json"],
        "baselines": ["baselines", "--run", run, "--output", "out", "--settings", settings / "baselines.json"],
        "explain": ["explain", "--run", run, "--output", "out", "--settings", settings / "explain.json"],
        "figures": ["figures", "--run", run],
        "added": ["diagnose", "--run", run, "--add", f"mine={run / 'added.csv'}", "--output", "out"],
        "finder": ["diagnose", "--predictions", run / "finder.csv", "--output", "out"],
        "report": ["report", "--run", run, "--output", "out/report.html"],
        "verify": ["verify", images / "test.zarr"],
        "config": ["config", "--configfile", run / "settings" / "mine.yaml"],
        "redraw": ["redraw", "2000000003", "--run", run, "--output", "out/one.fits"],
    }


TABLE = [truncated, garbled, foreign, missing]
JSON = [truncated, garbled, foreign]
STORE = {
    "integers": array("image", lambda image: image.astype("int16")),
    "fractional ids": array("id", lambda ids: ids + 0.5),
    "ids twice": array("id", lambda ids: ids // 2),
    "no objects": array("image", lambda image: image[:0]),
    "an image of nothing": blank(rows=5),
    "a torn chunk": torn,
    "three dimensions": array("image", lambda image: image[:, 0]),
}
OTHER = {
    "fewer pixels": array("image", lambda image: image[:, :, :-5, :-5]),
    "pixels not square": array("image", lambda image: image[:, :, :-5]),
    "another scale": attribute("pixel_scale", 0.2),
    "no scale": attribute("pixel_scale", "fine"),
    "another zero point": attribute("magnitude_zero_point", 22.5),
    "another unit": attribute("unit", "nanomaggies"),
    "bands in another order": array("band", lambda bands: bands[::-1]),
}


def cases():
    """Command, file, what happens to it."""
    for name, settings in (("population", "population"), ("simulate", "simulate"), ("classifier", "train_classifier")):
        yield from ((name, f"settings/{settings}.json", damage) for damage in JSON)
    yield from (("diagnose", "settings/diagnose.json", damage) for damage in JSON)
    yield from (("config", "settings/mine.yaml", damage) for damage in (garbled, foreign, missing))
    for name in ("simulate", "classifier", "regressor", "diagnose", "redraw"):
        split = "test" if name == "redraw" else "val"
        column = "is_lens" if name == "classifier" else "theta_E"  # a training reads what its task needs
        damages = [*TABLE, without(column), text_in(column)] + [flipped] * (name != "redraw")  # it reads one row
        yield from ((name, f"catalog/{split}.parquet", damage) for damage in damages)
    for name in ("classifier", "regressor", "diagnose"):
        yield name, "catalog/val.parquet", of_other_objects
    yield "redraw", "catalog/test.parquet", of_other_objects
    yield "simulate", "catalog/val.parquet", table(lambda frame: frame.assign(lens_magnitude_g=np.nan))
    for name in ("simulate", "classifier", "diagnose", "baselines"):
        yield (
            name,
            "catalog/val.parquet",
            table(lambda frame: frame.assign(id=frame["id"].where(frame.index != 1, frame["id"][0]))),
        )
    for name in ("classifier", "predict", "baselines"):
        split = "train" if name == "classifier" else "test"
        yield from ((name, f"images/{split}.json", damage) for damage in [*JSON, missing])
        yield from ((name, f"images/{split}.zarr/{CHUNK}", damage) for damage in (truncated, missing, flipped))
        yield from ((name, f"images/{split}.zarr/zarr.json", damage) for damage in [*JSON, missing])
    yield "predict", "images/test.json", of_another_store
    yield from (("predict", "images/test.zarr", damage) for damage in [*STORE.values(), *OTHER.values()])
    yield from (("classifier", "images/train.zarr", damage) for damage in STORE.values())
    yield from (("classifier", "images/val.zarr", damage) for damage in OTHER.values())
    yield "classifier", "images/train.zarr", blank(slice(None), bands=2)
    for task in ("classifier", "regressor"):
        yield from (("predict", f"models/{task}/model.json", damage) for damage in [*JSON, missing])
        yield from (("predict", f"models/{task}/weights.safetensors", damage) for damage in [*TABLE, flipped])
        yield from (("diagnose", f"models/{task}/history.csv", damage) for damage in [*TABLE, flipped])
    for column in ("score", "theta_E_pred"):
        yield from (
            ("diagnose", "predictions/network/test.parquet", damage) for damage in (without(column), text_in(column))
        )
    yield from (
        ("diagnose", "predictions/network/test.parquet", damage) for damage in [*TABLE, flipped, of_other_objects]
    )
    yield "diagnose", "predictions/network/val.parquet", table(lambda frame: frame.assign(score=np.nan))
    yield from (("explain", "models/classifier/weights.safetensors", damage) for damage in [*TABLE, flipped])
    yield "figures", "tables/roc.csv", garbled
    yield from (("added", "added.csv", damage) for damage in [garbled, foreign, missing, text_in("score")])
    yield from (("finder", "finder.csv", damage) for damage in [garbled, foreign, missing, text_in("score")])
    yield "finder", "finder.csv", table(lambda frame: frame.assign(theta_E=np.inf))
    yield from (("report", "tables/summary.csv", damage) for damage in [garbled, foreign, missing, text_in("value")])
    yield from (("report", "figures/roc.png", damage) for damage in (truncated, garbled))
    yield from (("report", "settings/report.json", damage) for damage in (truncated, garbled))
    yield "report", "benchmarks/simulate.tsv", garbled
    yield from (("verify", "images/test.json", damage) for damage in [*JSON, missing])
    yield from (("redraw", "settings/simulate.json", damage) for damage in [*JSON, missing])


@pytest.fixture
def run(small_run, tmp_path):
    """The small run again, as hard links, with what else the commands read."""
    run = tmp_path / "run"
    shutil.copytree(small_run, run, copy_function=os.link)
    (run / "settings" / "mine.yaml").write_text("train: {classifier: {epochs: 7}}\n")
    (run / "benchmarks").mkdir(exist_ok=True)
    (run / "benchmarks" / "simulate.tsv").unlink(missing_ok=True)
    (run / "benchmarks" / "simulate.tsv").write_text("s\th:m:s\tmax_rss\n12.3\t0:00:12\t345.6\n")
    truth, answers = (store.read_table(run / name / "test.parquet") for name in ("catalog", "predictions/network"))
    store.write_table(truth.merge(answers, on="id")[["score", "is_lens", "theta_E"]], run / "finder.csv")
    store.write_table(answers[["id", "score"]], run / "added.csv")
    return run


def call(arguments, capsys):
    """Status and lines told."""
    with pytest.raises(SystemExit) as end:
        main([str(argument) for argument in arguments])
    return end.value.code, capsys.readouterr().err.splitlines()


def told(lines):
    """Without progress and the words before the work."""
    return [line for line in lines if not line.startswith(("simulate: ", "predict: ", "train "))]


def files(folder):
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize(("command", "file", "damage"), list(cases()))
def test_a_wrong_file_is_named_and_nothing_is_made_from_it(command, file, damage, run, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    damage(run / file)
    before = files(tmp_path)
    status, lines = call(commands(run)[command], capsys)
    lines = told(lines)
    assert status == 2 and len(lines) == 1 and lines[0].startswith("lenspipe: "), lines
    named = f"{file.partition('.zarr')[0]}.zarr" if ".zarr" in file else Path(file).name
    assert named in lines[0], f"{file} is not named: {lines[0]}"
    made = {path for path, _ in files(tmp_path).items() - before.items()}
    assert not {path for path in made if "journal" not in path.name and ".zarr" not in str(path)}
    assert not (tmp_path / "out" / "val.json").exists()


@pytest.mark.parametrize("command", sorted(commands(Path())))
def test_the_same_commands_work_when_nothing_is_wrong(command, run, tmp_path, monkeypatch, capsys, request):
    if command in ("diagnose", "added"):  # the command figures draws them all
        request.getfixturevalue("few_figures")
    monkeypatch.chdir(tmp_path)
    status, lines = call(commands(run)[command], capsys)
    assert status == 0, lines


@pytest.mark.parametrize(("command", "split"), [("predict", "test"), ("classifier", "train")])
def test_some_missing_pixels_are_filled_and_told(command, split, run, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)

    def punched(image):
        image[:10, 1, 3, 4] = np.nan
        image[10:12, 2] = np.inf
        return image

    array("image", punched)(run / "images" / f"{split}.zarr")
    status, lines = call(commands(run)[command], capsys)
    assert status == 0, lines
    assert any(f"{10 + 2 * 45 * 45} missing pixels were taken as mean sky" in line for line in lines), lines
