"""Every state of every stage, made by doing to a finished run what happens to runs."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time

import pytest

from lenspipe import columns, config, status
from lenspipe.cli import stages
from lenspipe.errors import InputError
from lenspipe.stages.registry import MODEL, names_of
from lenspipe.stages.train import train
from lenspipe.status.heartbeat import marked, read_mark

FOLDERS = {
    "population": "catalog",
    "simulate": "images",
    "train_classifier": "models/classifier",
    "train_regressor": "models/regressor",
    "predict": "predictions/network",
}
CHUNK = "images/test.zarr/image/c/1/0/0/0"
CUT = {
    "population": ["catalog/test.parquet"],
    "simulate": [CHUNK, "images/val.zarr/id/c/0", "images/val.json"],
    "train_classifier": [path.format(training="classifier") for path in MODEL],
    "train_regressor": ["models/regressor/weights.safetensors"],
    "predict": ["predictions/network/val.parquet"],
    "baselines": ["predictions/hand_made/test.parquet"],
    "explain": ["tables/attribution.csv"],
    "diagnose": ["tables/summary.csv", "tables/examples.npz"],
    "figures": ["figures/roc.png", "figures/roc.pdf"],
    "report": ["report.html", "figures/stage_times.png", "tables/stage_times.csv"],
}
FLIPPED = {
    "train_regressor": ["models/regressor/weights.safetensors", "models/regressor/history.csv"],
    "explain": ["tables/feature_maps.npz"],
    "diagnose": ["tables/gallery.npz"],
    "figures": ["figures/examples.png"],
}


def cases(table):
    return [(stage, name) for stage, names in table.items() for name in names]


def but(found, stage):
    return {other: state for other, (state, _) in found.items() if other != stage}


def test_a_whole_run_is_done_and_told_in_numbers(run, look):
    found = look(run)
    assert list(found) == names_of() == [*FOLDERS, "baselines", "explain", "diagnose", "figures", "report"]
    assert {state for state, _ in found.values()} == {status.DONE}
    assert found["population"][1].startswith("1,408 objects; 20")
    assert found["simulate"][1].startswith("train 512, val 256, test 512, twins 128 objects; 20")
    assert found["train_classifier"][1].startswith("2 epochs, best ")
    assert found["predict"][1].startswith("896 objects; 20")
    assert look(run, every_byte=True) == found


@pytest.mark.parametrize(("stage", "name"), cases(CUT))
def test_a_file_cut_short_is_damage_of_its_stage_alone(run, look, cut, stage, name):
    cut(run / name)
    found = look(run)
    assert found[stage][0] == status.DAMAGED and name.removeprefix("images/") in found[stage][1]
    assert set(but(found, stage).values()) == {status.DONE}


@pytest.mark.parametrize(("stage", "name"), cases(FLIPPED))
def test_a_flipped_bit_is_seen_where_the_file_has_sums(run, look, flip, stage, name):
    flip(run / name)
    found = look(run)
    assert found[stage][0] == status.DAMAGED and name in found[stage][1]
    assert set(but(found, stage).values()) == {status.DONE}


def test_a_flipped_bit_of_an_image_is_seen_when_every_byte_is_read(run, look, flip):
    flip(run / CHUNK)
    assert look(run)["simulate"][0] == status.DONE
    state, text = look(run, every_byte=True)["simulate"]
    assert state == status.DAMAGED and "test.zarr/image/c/1/0/0/0" in text


def test_a_chunk_or_a_store_that_is_gone_is_damage(run, look):
    (run / CHUNK).unlink()
    state, text = look(run)["simulate"]
    assert state == status.DAMAGED and "test.zarr/image/c/1/0/0/0: missing" in text
    shutil.rmtree(run / "images" / "test.zarr")
    assert look(run)["simulate"][0] == look(run, every_byte=True)["simulate"][0] == status.DAMAGED


@pytest.mark.parametrize("stage", FOLDERS)
def test_a_stage_without_files_is_missing(run, look, stage):
    shutil.rmtree(run / FOLDERS[stage])
    found = look(run)
    assert found[stage][0] == status.MISSING
    assert set(but(found, stage).values()) == {status.DONE}


@pytest.mark.parametrize(
    ("stage", "name", "told"),
    [
        ("population", "catalog/val.parquet", "3 of 4 files, catalog/val.parquet is missing"),
        ("train_classifier", "models/classifier/history.csv", "3 of 4 files"),
        ("predict", "predictions/network/test.parquet", "2 of 3 files"),
        ("baselines", "predictions/colours/val.parquet", "7 of 8 files"),
        ("explain", "tables/attribution.npz", "3 of 4 files"),
        ("figures", "figures/roc.png", "figures/roc.png is missing"),
        ("report", "report.html", "3 of 4 files"),
    ],
)
def test_a_stage_with_some_of_its_files_is_partial(run, look, stage, name, told):
    (run / name).unlink()
    found = look(run)
    assert found[stage][0] == status.PARTIAL and told in found[stage][1]
    assert set(but(found, stage).values()) == {status.DONE}


def simulate(run, **options):
    catalogs, manifests = (
        [run / folder / f"{split}.{ending}" for split in columns.SPLITS]
        for folder, ending in (("catalog", "parquet"), ("images", "json"))
    )
    stages.simulate(run / "settings" / "simulate.json", catalogs, manifests, **options)


@pytest.mark.slow
def test_images_under_way_are_counted_in_chunks(run, look, flip):
    shutil.rmtree(run / "images")
    simulate(run, part="1/2")
    assert look(run)["simulate"] == (
        status.PARTIAL,
        "train 1 of 2 chunks, val 1 of 1 chunks, test 1 of 2 chunks, twins 1 of 1 chunks",
    )
    flip(run / "images/train.zarr/image/c/0/0/0/0")
    assert "train 1 of 2" in look(run)["simulate"][1]
    assert "train 0 of 2" in look(run, every_byte=True)["simulate"][1]
    (run / "images/test.zarr/image/c/0/0/0/0").unlink()
    assert "test 0 of 2" in look(run)["simulate"][1]
    simulate(run)
    assert look(run, every_byte=True)["simulate"][0] == status.DONE


@pytest.mark.slow
def test_chunks_of_other_settings_do_not_count(run, look):
    shutil.rmtree(run / "images")
    simulate(run, part="1/2")
    journal = run / "images/test.journal.1-of-2.jsonl"
    journal.write_text(journal.read_text().replace('"digest": "', '"digest": "x'))
    assert look(run)["simulate"][1].endswith("test 0 of 2 chunks, twins 1 of 1 chunks")


def test_splits_stand_for_themselves(run, look):
    (run / "images/test.json").unlink()
    shutil.rmtree(run / "images/val.zarr")
    (run / "images/val.json").unlink()
    assert look(run)["simulate"] == (status.PARTIAL, "train 512, val missing, test 2 of 2 chunks, twins 128")


@pytest.mark.parametrize("settings", [{"train": 512}, {"train": 512, "twins": 0}, None])
def test_a_run_that_is_to_have_no_twins_is_whole_without_them(run, look, settings):
    """Also one from before there were any, and one whose settings are gone."""
    for name in ("catalog/twins.parquet", "images/twins.json", "predictions/network/twins.parquet", "tables/twins.csv"):
        (run / name).unlink()
    assert {state for state, _ in look(run).values()} >= {status.PARTIAL}
    path = run / "settings/population.json"
    said = json.loads(path.read_text())
    path.unlink()
    if settings:
        path.write_text(json.dumps(said | {"population": {"counts": settings}}))
    assert {state for state, _ in look(run).values()} == {status.DONE}


def begin_training(run):
    """Train until one epoch is done, then break off."""
    training = json.loads((run / "settings/train_classifier.json").read_text())["classifier"]
    task, recipe = training["task"], config.recipe_of(training)
    files = {
        name: {split: run / folder / f"{split}.{ending}" for split in ("train", "val")}
        for name, folder, ending in (("stores", "images", "zarr"), ("catalogs", "catalog", "parquet"))
    }

    def stop(*_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train("classifier", task, **files, output_dir=run / "models/classifier", seed=1, recipe=recipe, progress=stop)


def test_a_training_under_way_is_counted_in_epochs(run, look, cut):
    shutil.rmtree(run / "models/classifier")
    begin_training(run)
    assert look(run)["train_classifier"] == (status.PARTIAL, "1 of 2 epochs")
    cut(run / "models/classifier/resume.pt", 1000)
    assert look(run)["train_classifier"][0] == status.DAMAGED


def test_a_training_that_begins_again_is_not_done_by_its_earlier_files(run, look):
    begin_training(run)
    assert look(run)["train_classifier"][0] == status.PARTIAL


CHILD = "import sys, time; from lenspipe.status.heartbeat import marked\nwith marked(sys.argv[1]): time.sleep(600)"


def test_a_stage_at_work_is_running_and_after_a_kill_it_says_so(run, look):
    (run / "images/test.json").unlink()
    (run / "logs").mkdir()
    mark = run / "logs/simulate_part.1-of-2.running"
    process = subprocess.Popen([sys.executable, "-c", CHILD, mark])
    try:
        deadline = time.monotonic() + 60
        while not read_mark(mark) and time.monotonic() < deadline:
            time.sleep(0.05)
        state, text = look(run)["simulate"]
        assert state == status.RUNNING
        assert f"process {process.pid} on {os.uname().nodename}" in text and "test 2 of 2 chunks" in text
    finally:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    os.utime(mark, (0, 0))  # long ago, for hosts whose kernel does not tell
    state, text = look(run)["simulate"]
    assert state == status.PARTIAL and f"killed: process {process.pid}" in text


def test_a_stage_of_another_name_is_not_running(run, look):
    (run / "logs").mkdir()
    with marked(run / "logs/verify.running"), marked(run / "logs/train_regressor.running"):
        found = look(run)
    assert [stage for stage, (state, _) in found.items() if state == status.RUNNING] == ["train_regressor"]


@pytest.mark.parametrize("what", ["nowhere", "an empty folder", "a file"])
def test_what_is_no_run_is_refused_with_its_name(tmp_path, look, what):
    path = tmp_path / "results"
    if what == "an empty folder":
        path.mkdir()
    if what == "a file":
        path.write_text("x")
    with pytest.raises(InputError, match="results: is not the folder of a run"):
        look(path)
