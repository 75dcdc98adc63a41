"""The whole pipeline, end to end, as a user runs it."""

import json
import subprocess
import sys

import pandas as pd
from clones import FIGURES, FILES

from lenspipe import columns, store
from lenspipe.methods import HEADLINE
from lenspipe.stages.registry import names_of


def test_everything_that_is_promised_is_there(smoke):
    assert [name for name in FILES if not (smoke.results / name).stat().st_size > 0] == []
    for figure in FIGURES:
        assert (smoke.results / "figures" / f"{figure}.png").read_bytes().startswith(b"\x89PNG")
        assert (smoke.results / "figures" / f"{figure}.pdf").read_bytes().startswith(b"%PDF")


def test_a_second_run_does_nothing(smoke):
    assert "Nothing to be done" in smoke.snakemake("--cores", "2", "--configfile", "config/smoke.yaml").stderr


def test_the_stores_are_whole(smoke):
    for split in columns.SPLITS:
        assert store.verify(smoke.results / "images" / f"{split}.zarr") == []


def test_the_predictions_are_of_the_catalogue_s_objects(smoke):
    for split in ("val", "test"):
        predictions = store.read_table(smoke.results / "predictions" / "network" / f"{split}.parquet")
        catalog = store.read_table(smoke.results / "catalog" / f"{split}.parquet")
        usual = [column.name for column in columns.PREDICTIONS]
        assert [name for name in predictions.columns if not name.startswith(("p_", "kind_"))] == usual
        assert list(predictions["id"]) == list(catalog["id"])
        assert predictions["score"].between(0, 1).all()
        assert (predictions["theta_E_sigma"] > 0).all()
        assert ((predictions["arc_snr"] > 0) == catalog["source_is_lensed"]).all()


def test_the_summary_has_the_vocabulary_s_columns(smoke):
    summary = pd.read_csv(smoke.results / "tables" / "summary.csv")
    assert list(summary.columns) == [column.name for column in columns.SUMMARY]
    inside = summary.dropna(subset=["low", "high"])
    assert len(inside) > 10 and (inside["low"] <= inside["value"]).all() and (inside["value"] <= inside["high"]).all()


def test_the_logs_end_with_the_time_taken(smoke):
    for stage in names_of():
        # One job, and one log, for each method of a prediction.
        log = smoke.results / "logs" / (f"{stage}_{HEADLINE}.log" if stage == "predict" else f"{stage}.log")
        assert "done in" in log.read_text().splitlines()[-1], stage


def test_an_object_is_redrawn_from_a_run(smoke, tmp_path):
    catalog = store.read_table(smoke.results / "catalog" / "test.parquet")
    command = [sys.executable, "-m", "lenspipe", "redraw", str(catalog["id"][7]), "--run", str(smoke.results)]
    subprocess.run([*command, "--output", str(tmp_path / "one.fits")], check=True, cwd=smoke.folder)
    from astropy.io import fits

    stored = store.open_images(smoke.results / "images" / "test.zarr")["image"].isel(object=7)
    assert (fits.getdata(tmp_path / "one.fits", "IMAGE_R") == stored.sel(band="r").values).all()


def test_the_snakemake_report_can_be_made(smoke):
    smoke.snakemake("--configfile", "config/smoke.yaml", "--report", "snakemake.html")
    text = (smoke.folder / "snakemake.html").read_text()
    assert all(figure in text for figure in FIGURES)


def test_the_settings_of_a_run_are_kept_beside_it(smoke):
    said = json.loads((smoke.results / "settings" / "report.json").read_text())
    assert said["run"] == "smoke" and said["train"]["classifier"]["epochs"] == 3
