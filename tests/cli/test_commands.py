"""Every command as a user types it."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import rings
from astropy.io import fits

from lenspipe import columns, store
from lenspipe.cli import main


@pytest.fixture
def lenspipe(capsys, monkeypatch, tmp_path):
    """Run a command in an empty folder; its exit status, stdout and stderr."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        with pytest.raises(SystemExit) as end:
            main([str(a) for a in arguments])
        told = capsys.readouterr()
        return end.value.code, told.out, told.err

    return run


def test_help_names_every_command(lenspipe):
    status, out, _ = lenspipe("--help")
    assert status == 0
    stages = "population simulate train predict baselines explain diagnose figures report compare"
    for command in f"{stages} status verify config redraw ingest candidates stamps".split():
        assert command in out
        assert lenspipe(command, "--help")[0] == 0


def test_help_is_quick_because_it_loads_no_science():
    code = "import sys, lenspipe.cli; print([m for m in ('torch', 'lenstronomy', 'zarr', 'dask') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_predict_scores_one_s_own_cutouts(lenspipe, small_run, tmp_path):
    """Cutouts that a stranger wrote with xarray: the run's own images without their truth."""
    images = store.open_images(small_run / "images" / "test.zarr")
    attributes = {name: images.attrs[name] for name in ("pixel_scale", "magnitude_zero_point", "unit")}
    bands = [str(band) for band in images["band"].values]
    rings.write_cutouts(tmp_path / "mine.zarr", images["image"].values, images["id"].values, bands, attributes)
    status, _, err = lenspipe("predict", "--images", "mine.zarr", "--models", small_run / "models", "--output", "a.csv")
    assert status == 0, err
    table = pd.read_csv(tmp_path / "a.csv")
    usual = [column.name for column in columns.PREDICTIONS]
    assert [name for name in table.columns if not name.startswith(("p_", "kind_"))] == usual
    ours = store.read_table(small_run / "predictions" / "network" / "test.parquet")
    np.testing.assert_allclose(table["score"], ours["score"], rtol=1e-4)
    np.testing.assert_allclose(table["theta_E_pred"], ours["theta_E_pred"], rtol=1e-4)


def test_diagnose_reads_anybody_s_table(lenspipe, small_run, tmp_path):
    catalog, predictions = (
        store.read_table(small_run / name / "test.parquet") for name in ("catalog", "predictions/network")
    )
    table = catalog.merge(predictions, on="id")[["score", "is_lens", "theta_E", "radius", "kind"]]
    table.to_csv(tmp_path / "finder.csv", index=False)
    status, _, err = lenspipe("diagnose", "--predictions", "finder.csv", "--output", "out")
    assert status == 0 and "no theta_E_pred" in err
    drawn = {path.stem for path in (tmp_path / "out" / "figures").glob("*.png")}
    by_score = {"false_positives_by_kind", "purity_vs_completeness", "reliability", "roc", "scores_by_kind"}
    assert drawn == {"false_positives_vs_radius", "false_positives_at_thresholds", *by_score}
    assert (tmp_path / "out" / "tables" / "summary.csv").exists()


@pytest.mark.usefixtures("few_figures")
def test_diagnose_lays_a_table_over_a_run_in_a_folder_of_its_own(lenspipe, small_run, tmp_path):
    shutil.copytree(small_run, tmp_path / "run", copy_function=os.link)
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "run").rglob("*") if path.is_file()}
    parts = [store.read_table(small_run / "predictions" / "colours" / f"{split}.parquet") for split in ("val", "test")]
    pd.concat(parts).to_csv(tmp_path / "finder.csv", index=False)
    status, _, err = lenspipe("diagnose", "--run", "run", "--add", "mine=finder.csv")
    assert status == 0, err
    assert {path: path.stat().st_mtime_ns for path in before} == before
    assert "mine" in set(pd.read_csv(tmp_path / "run/with_mine/tables/roc.csv")["method"])
    assert (tmp_path / "run/with_mine/figures/roc.png").exists()


def test_verify_says_whole_or_names_the_flipped_byte_s_file(lenspipe, small_run, tmp_path):
    for name in ("test.zarr", "test.json"):
        source = small_run / "images" / name
        shutil.copytree(source, tmp_path / name) if source.is_dir() else shutil.copy(source, tmp_path)
    status, out, _ = lenspipe("verify", "test.zarr")
    assert status == 0 and "complete, 512 objects" in out
    chunk = tmp_path / "test.zarr" / "image" / "c" / "1" / "0" / "0" / "0"
    blob = bytearray(chunk.read_bytes())
    blob[len(blob) // 2] ^= 1
    chunk.write_bytes(blob)
    status, out, err = lenspipe("verify", "test.zarr")
    assert status == 2 and "image/c/1/0/0/0" in out
    assert err.count("\n") == 1 and "1 files differ from the manifest" in err


def test_redraw_gives_the_stored_bytes_back_as_fits(lenspipe, small_run, tmp_path):
    images = store.open_images(small_run / "images" / "test.zarr")
    catalog = store.read_table(small_run / "catalog" / "test.parquet")
    row = int(np.flatnonzero(catalog["is_lens"])[3])
    status, out, _ = lenspipe("redraw", catalog["id"][row], "--run", small_run)
    path = tmp_path / out.strip()
    assert status == 0
    with fits.open(path) as file:
        np.testing.assert_array_equal(file["IMAGE_I"].data, images["image"][row, 2])
        assert file[0].header["theta_E"] == catalog["theta_E"][row]
        assert file["IMAGE_I"].header["CDELT2"] == pytest.approx(0.263 / 3600)
        assert file["SOURCE_LIGHT_I"].data.sum() > 0


def test_redraw_gives_a_twin_back(lenspipe, small_run, tmp_path):
    status, out, _ = lenspipe("redraw", 3 * 10**9 + 5, "--run", small_run)
    assert status == 0
    with fits.open(tmp_path / out.strip()) as file:
        stored = store.open_images(small_run / "images" / "twins.zarr")["image"][5, 2]
        np.testing.assert_array_equal(file["IMAGE_I"].data, stored)
        assert file[0].header["noise_id"] // 10**9 == 2 and file[0].header["kind"].startswith("twin_")


@pytest.mark.slow
def test_population_with_no_twins_takes_those_of_other_settings_away(lenspipe, small_run, tmp_path):
    said = json.loads((small_run / "settings" / "population.json").read_text())
    for twins, catalogs in ((3, 4), (0, 3)):
        said["population"]["counts"] = {"train": 16, "val": 16, "test": 16, "twins": twins}
        (tmp_path / "population.json").write_text(json.dumps(said))
        assert lenspipe("population", "--settings", "population.json", "--output", "catalog")[0] == 0
        assert len(list((tmp_path / "catalog").iterdir())) == catalogs
        if twins:
            assert store.count_rows(tmp_path / "catalog" / "twins.parquet") == 2 * twins


@pytest.mark.slow
def test_twins_of_a_test_split_without_lenses_are_refused(lenspipe, small_run, tmp_path):
    said = json.loads((small_run / "settings" / "population.json").read_text())
    said["population"] |= {"counts": {"train": 16, "val": 16, "test": 16, "twins": 3}}
    said["population"]["lens_fraction"]["test"] = 0.001
    (tmp_path / "population.json").write_text(json.dumps(said))
    status, _, err = lenspipe("population", "--settings", "population.json", "--output", "catalog")
    assert status == 2 and "population.counts.twins: the test split holds no lens" in err
    assert not (tmp_path / "catalog").exists() or not list((tmp_path / "catalog").iterdir())


def test_config_prints_the_merged_settings_its_schema_and_its_words(lenspipe, tmp_path, root):
    import yaml

    (tmp_path / "mine.yaml").write_text("train: {classifier: {epochs: 7}}\n")
    status, out, _ = lenspipe("config", "--configfile", "mine.yaml")
    assert status == 0 and yaml.safe_load(out)["train"]["classifier"]["epochs"] == 7
    assert json.loads(lenspipe("config", "--schema")[1])["additionalProperties"] is False
    assert json.loads(lenspipe("config", "--stage", "simulate")[1])["num_pix"] == 45
    assert "arcsec" in lenspipe("config", "--explain")[1]


def wrong_inputs(run):
    """Arguments, and what the message must say."""
    settings, models = run / "settings", run / "models"
    images, catalog = run / "images" / "train.json", run / "catalog" / "train.parquet"
    splits = ["--train-images", images, "--train-catalog", catalog, "--val-images", images, "--val-catalog", catalog]
    simulate = ["simulate", "--settings", settings / "simulate.json", "--manifest", "x.json"]
    return {
        "an unknown command": (["simulat"], ["simulat"]),
        "an unknown option": (["report", "--rum", run], ["--rum"]),
        "settings that are missing": (["population", "--settings", "no.json", "--output", "x"], ["no.json"]),
        "a catalogue that is missing": (
            [*simulate, "--catalog", "no.parquet"],
            ["no.parquet", "no such file"],
        ),
        "unpaired options": (
            [*simulate, "--catalog", catalog, "--catalog", catalog],
            ["--catalog is given 2 times and --manifest 1"],
        ),
        "a part that is none": (
            [*simulate, "--catalog", catalog, "--part", "3/2"],
            ["--part", "'3/2'", "k/n"],
        ),
        "a task that is none": (
            ["train", "finder", "--settings", settings / "train_classifier.json", *splits, "--output", "m"],
            ["'finder'", "choose from classifier", "train_classifier.json"],
        ),
        "a store that is missing": (
            ["predict", "--images", "no.zarr", "--models", models, "--output", "p.parquet"],
            ["no.zarr", "no image store"],
        ),
        "models that are missing": (
            ["predict", "--images", images, "--models", "nowhere", "--output", "p.parquet"],
            ["nowhere/<training>/model.json", "no such file"],
        ),
        "an added table without a name": (
            ["diagnose", "--run", run, "--add", "mine.csv"],
            ["'mine.csv'", "NAME=TABLE"],
        ),
        "two added tables of one name": (
            ["diagnose", "--run", run, "--add", "mine=a.csv", "--add", "mine=b.csv"],
            ["--add", "given twice"],
        ),
        "an added table without a run": (
            ["diagnose", "--predictions", "a.csv", "--output", "x", "--add", "mine=b.csv"],
            ["--add needs --run"],
        ),
        "neither run nor predictions": (["diagnose"], ["--run", "--predictions"]),
        "a table that is missing": (["diagnose", "--predictions", "no.csv", "--output", "out"], ["no.csv"]),
        "a run without results": (["report", "--run", "nowhere"], ["nowhere/tables/summary.csv"]),
        "a store to verify that is missing": (["verify", "no.zarr"], ["no.zarr"]),
        "an id of no split": (["redraw", "9000000000", "--run", run], ["9000000000", "no split"]),
        "an id beyond the catalogue": (["redraw", "600", "--run", run], ["600", "512 objects"]),
        "a stage that is none": (["config", "--stage", "simulat"], ["'simulat'", "simulate"]),
    }


CASES = list(wrong_inputs(Path()))


@pytest.mark.parametrize("case", CASES)
def test_bad_input_gets_one_line_and_status_2_and_leaves_nothing(case, lenspipe, small_run, tmp_path):
    arguments, said = wrong_inputs(small_run)[case]
    status, _, err = lenspipe(*arguments)
    assert status == 2, err
    lines = [line for line in err.splitlines() if line.startswith("lenspipe: ")]
    assert err.splitlines() == lines and len(lines) == 1, err
    assert all(word in lines[0] for word in said), lines[0]
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
