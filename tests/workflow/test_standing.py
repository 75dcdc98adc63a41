"""`lenspipe status` on the smoke run, which is left as it was found."""

import os
import subprocess
import sys
from contextlib import contextmanager

import pytest
from clones import SMOKE

from lenspipe.stages.registry import names_of

pytestmark = pytest.mark.slow
STAGES = names_of()
CHUNK = "images/val.zarr/image/c/1/0/0/0"


def status(clone, *arguments):
    """Exit status, (state, text) by stage, and all that was printed."""
    command = [sys.executable, "-m", "lenspipe", "status", "results/smoke", *map(str, arguments)]
    done = subprocess.run(command, cwd=clone.folder, capture_output=True, text=True)
    assert done.stderr == "", done.stderr
    rows = [line.split(maxsplit=2) for line in done.stdout.splitlines()]
    return done.returncode, {row[0]: (row[1], row[2]) for row in rows if row[0] in STAGES}, done.stdout


@contextmanager
def changed(path, data):
    """Another file in its place for a while; None for no file."""
    kept = path.rename(path.with_name(f"{path.name}.kept"))
    try:
        if data is not None:
            path.write_bytes(data)
            os.utime(path, ns=(kept.stat().st_atime_ns, kept.stat().st_mtime_ns))
        yield
    finally:
        kept.replace(path)


def test_a_finished_run_is_done_and_looking_changes_nothing(smoke):
    before = {path: path.stat().st_mtime_ns for path in smoke.results.rglob("*")}
    code, stages, printed = status(smoke, "--bytes")
    assert code == 0 and {state for state, _ in stages.values()} == {"done"}, printed
    assert list(stages) == STAGES
    assert stages["simulate"][1].startswith("train 1,024, val 512, test 1,024, twins 256 objects")
    assert printed.splitlines()[-1] == "compared with config/config.yaml, config/smoke.yaml"
    assert {path: path.stat().st_mtime_ns for path in smoke.results.rglob("*")} == before


def test_a_changed_setting_is_named_and_what_follows_is_stale(smoke, tmp_path):
    (tmp_path / "more.yaml").write_text("train: {classifier: {epochs: 4}}\n")
    code, stages, printed = status(smoke, *SMOKE, "--configfile", tmp_path / "more.yaml")
    assert code == 1, printed
    assert stages["train_classifier"][0] == "stale"
    assert stages["train_classifier"][1].startswith("settings changed: train.classifier.epochs 3 -> 4; 3 epochs")
    assert stages["predict"][1].startswith("follows train_classifier; ")
    assert stages["explain"][1].startswith("follows train_classifier, predict; ")
    assert stages["diagnose"][1].startswith("follows train_classifier, predict, explain; ")
    assert stages["figures"][1].startswith("follows explain, diagnose; ")
    unmoved = {stage for stage, (state, _) in stages.items() if state == "done"}
    assert unmoved == {"population", "simulate", "train_regressor", "baselines"}


def test_a_newer_input_is_named(smoke):
    catalog = smoke.results / "catalog" / "val.parquet"
    stat = catalog.stat()
    with changed(catalog, catalog.read_bytes() + b" "):  # Snakemake looks at the bytes of small files too
        os.utime(catalog)
        _, stages, printed = status(smoke)
    assert "input newer: catalog/val.parquet" in stages["simulate"][1], printed
    assert catalog.stat().st_mtime_ns == stat.st_mtime_ns


def test_a_chunk_cut_short_is_damage_and_a_store_without_manifest_is_partial(smoke):
    chunk = smoke.results / CHUNK
    with changed(chunk, chunk.read_bytes()[:-1]):
        code, stages, printed = status(smoke)
    assert code == 1 and stages["simulate"][0] == "damaged" and "val.zarr/image/c/1/0/0/0" in stages["simulate"][1]
    assert "with -R simulate" in printed
    with changed(smoke.results / "images" / "test.json", None):
        code, stages, _ = status(smoke)
    assert code == 1 and stages["simulate"][0] == "partial" and "test 4 of 4 chunks" in stages["simulate"][1]
