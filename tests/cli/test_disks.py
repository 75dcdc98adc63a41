"""A full or read-only disk gives one line; when it is mended, the same command makes what it would have made."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lenspipe import store
from lenspipe.cli import main
from lenspipe.stages.registry import MODEL

pytestmark = pytest.mark.slow

SMALL = 64 * 1024  # bytes of a disk that holds no result
EARLIER = b"an earlier result"


def remount(folder, options):
    subprocess.run(["mount", "-o", f"remount,{options}", folder], check=True)


def commands(run, out):
    """Every command that writes, and what it writes."""
    settings, images, catalog, models = (run / name for name in ("settings", "images", "catalog", "models"))
    simulate = ["--settings", settings / "simulate.json", "--catalog", catalog / "val.parquet", "--workers", "2"]
    train = ["classifier", "--settings", settings / "train_classifier.json", "--threads", "1"]
    train += ["--train-images", images / "train.json", "--train-catalog", catalog / "train.parquet"]
    train += ["--val-images", images / "val.json", "--val-catalog", catalog / "val.parquet"]
    predict = ["--models", models, "--images", images / "val.json", "--images", images / "test.json", "--threads", "1"]
    diagnose = ["--run", run, "--settings", settings / "diagnose.json"]
    figure, table = "figures/roc.png", "tables/gallery.npz"
    explain = ["--run", run, "--settings", settings / "explain.json"]
    baselines = ["--run", run, "--settings", settings / "baselines.json"]
    return {
        "population": (["--settings", settings / "population.json", "--output", out], ["train.parquet", "val.parquet"]),
        "simulate": ([*simulate, "--manifest", out / "val.json"], ["val.json"]),
        "train": ([*train, "--output", out], [path.partition("{training}/")[2] for path in MODEL]),
        "predict": ([*predict, "--output", out / "a.parquet", "--output", out / "b.csv"], ["a.parquet", "b.csv"]),
        "baselines": ([*baselines, "--output", out], ["colours/val.parquet", "true_light/test.parquet"]),
        "explain": ([*explain, "--output", out], ["tables/feature_maps.npz", "tables/attribution.csv"]),
        "diagnose": ([*diagnose, "--output", out], ["tables/summary.csv", figure, table]),
        "report": (["--run", run, "--output", out / "report.html"], ["report.html"]),
        "redraw": (["2000000003", "--run", run, "--output", out / "one.fits"], ["one.fits"]),
    }


COMMANDS = list(commands(Path(), Path()))


@pytest.fixture
def lenspipe(capfd):
    """Run a command; its status, and its lines that are not progress."""

    def run(command, arguments):
        with pytest.raises(SystemExit) as end:
            main([command, *map(str, arguments)])
        lines = capfd.readouterr().err.splitlines()
        return end.value.code, [line for line in lines if not line.startswith((f"{command}: ", f"{command} "))]

    return run


def files(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


FAULTS = {"full": f"size={SMALL}", "without room for a further name": "nr_inodes=3", "read-only": "size=100m"}


@pytest.mark.usefixtures("few_figures")
@pytest.mark.parametrize("command", COMMANDS)
def test_a_faulty_disk_is_told_in_a_line_and_when_it_is_mended_the_command_works(
    command, lenspipe, small_run, disk, tmp_path
):
    whole = tmp_path / "whole"
    assert lenspipe(command, commands(small_run, whole)[command][0])[0] == 0
    expected = {name: data for name, data in files(whole).items() if name != "resume.pt"}
    for fault, options in FAULTS.items():
        folder = disk(options)
        arguments, made = commands(small_run, folder / "out")[command]
        earlier = folder / "out" / Path(made[-1]).name
        earlier.parent.mkdir()
        earlier.write_bytes(EARLIER)
        if fault == "full":
            (folder / "ballast").write_bytes(bytes(SMALL - 8192))
        if fault == "read-only":
            remount(folder, "ro")
        status, lines = lenspipe(command, arguments)
        assert status == 2 and len(lines) == 1, (fault, lines)
        assert lines[0].startswith(f"lenspipe: {folder}") and "; " in lines[0], (fault, lines)
        left = {name: data for name, data in files(earlier.parent).items() if ".zarr" not in name}
        assert {name: data for name, data in left.items() if "journal" not in name} == {earlier.name: EARLIER}, fault
        remount(folder, "rw,size=100m,nr_inodes=10000")
        assert lenspipe(command, arguments)[0] == 0, fault
        assert set(made) <= expected.keys()
        assert {name: data for name, data in files(earlier.parent).items() if name in expected} == expected, fault
        subprocess.run(["umount", folder], check=True)


def test_a_disk_that_fills_up_under_workers_is_told_once_and_no_chunk_is_lost(lenspipe, small_run, disk):
    folder = disk("size=100m")
    arguments, _ = commands(small_run, folder)["simulate"]
    arguments[arguments.index("--catalog") + 1] = small_run / "catalog" / "test.parquet"
    words = [str(word) for word in [sys.executable, "-m", "lenspipe", "simulate", *arguments]]
    process = subprocess.Popen(words, stderr=subprocess.PIPE, text=True)
    journal = store.Journal(folder / "val.zarr", "").path
    deadline = time.monotonic() + 300
    while not journal.exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    room = os.statvfs(folder)
    (folder / "ballast").write_bytes(bytes((room.f_bavail - 1) * room.f_bsize))
    lines = [line for line in process.communicate(timeout=300)[1].splitlines() if not line.startswith("simulate: ")]
    assert process.returncode == 2 and len(lines) == 1, lines
    assert lines[0].startswith(f"lenspipe: {folder}/val") and lines[0].endswith("free disk space and run again"), lines
    assert not (folder / "val.json").exists()
    (folder / "ballast").unlink()
    assert lenspipe("simulate", arguments) == (0, [])
    written = files(folder / "val.zarr")
    assert written == files(small_run / "images" / "test.zarr")


def test_a_disk_too_small_is_told_before_old_pixels_are_removed(lenspipe, small_run, disk):
    folder = disk("size=10m")
    arguments, _ = commands(small_run, folder)["simulate"]
    for name in ("val.json", "val.zarr", "val.journal.1-of-1.jsonl"):
        source = small_run / "images" / name
        shutil.copytree(source, folder / name) if source.is_dir() else shutil.copy(source, folder)
    before = files(folder)
    arguments[arguments.index("--catalog") + 1] = small_run / "catalog" / "train.parquet"
    status, lines = lenspipe("simulate", arguments)
    assert status == 2 and len(lines) == 1 and "needs 0.0 GB but the disk has 0.0 GB free" in lines[0], lines
    assert files(folder) == before
