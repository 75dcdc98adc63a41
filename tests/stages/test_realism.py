"""The stage realism with simulated stamps in place of real ones: no classifier can separate the two."""

import json
import os

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from scipy import ndimage

from lenspipe import columns, config, store
from lenspipe.cli import main, stages
from lenspipe.learning import discriminator
from lenspipe.population.catalog import draw_catalog
from lenspipe.stages import report

pytestmark = pytest.mark.slow

REAL, POOL = 42, 160
STEPS = 60  # of the networks, fewer than the stage takes


@pytest.fixture(scope="module")
def run(small_run, settings, default_priors, tmp_path_factory):
    """A run whose test split is deflectors without an arc; its train split takes the place of real stamps."""
    run = tmp_path_factory.mktemp("realism") / "run"
    for name in ("catalog", "images", "predictions/network", "settings"):
        (run / name).mkdir(parents=True)
    (run / "models").symlink_to(small_run / "models")
    for name in ("catalog", "predictions/network"):
        (run / name / "val.parquet").symlink_to(small_run / name / "val.parquet")
    settings_file = run / "settings" / "simulate.json"
    settings_file.write_text((small_run / "settings" / "simulate.json").read_text())
    catalog = {split: run / "catalog" / f"{split}.parquet" for split in ("train", "test")}
    for (split, path), count in zip(catalog.items(), (REAL, POOL), strict=True):
        drawn = draw_catalog(
            split,
            count,
            lens_fraction=0.02,
            non_lenses={"deflector": 1.0},
            seed=settings["seed"],
            priors=default_priors,
        )
        store.write_table(drawn, path)
    images = [run / "images" / f"{split}.json" for split in catalog]
    stages.simulate(settings_file, list(catalog.values()), images)
    stages.predict([images[1]], run / "models", [run / "predictions" / "network" / "test.parquet"])
    return run


def a_store(path, images, ids=None, **attributes):
    """A store as users write it, without sky_sigma and psf_fwhm."""
    attributes = {"pixel_scale": 0.263, "magnitude_zero_point": 30.0, "unit": "counts"} | attributes
    ids = np.arange(len(images)) if ids is None else ids
    data = {"image": (("object", "band", "y", "x"), images.astype("float32")), "id": ("object", ids)}
    xr.Dataset(data, coords={"band": list("griz")[: images.shape[1]]}, attrs=attributes).to_zarr(path)
    return path


@pytest.fixture(scope="module")
def real_images(run):
    """Images of the stamps in place of real ones."""
    return store.open_images(run / "images" / "train.zarr")["image"].to_numpy()


def call(run, stamps, output, **changed):
    """Exit status of the command."""
    options = {"folds": 2, "repeats": 1, "count": 126, "bootstrap": 400} | changed
    merged = config.load([config.defaults_path()]).model_dump(mode="json")
    stage = config.stage_settings(config.check(merged | {"realism": merged["realism"] | options}), "realism")
    (output / "realism.json").write_text(json.dumps(stage))
    call = ["--run", run, "--stamps", stamps, "--settings", output / "realism.json", "--output", output]
    with pytest.raises(SystemExit) as end, pytest.MonkeyPatch.context() as patch:
        patch.setattr(discriminator, "STEPS", STEPS)
        main(["realism", *map(str, call)])
    return end.value.code


@pytest.fixture(scope="module")
def same(run, tmp_path_factory):
    output = tmp_path_factory.mktemp("same")
    assert call(run, run / "images" / "train.zarr", output) == 0
    return output


@pytest.fixture(scope="module")
def noisier(run, real_images, tmp_path_factory):
    """The same with additional correlated noise, in larger stamps."""
    output = tmp_path_factory.mktemp("noisier")
    more = np.random.default_rng(1).normal(size=real_images.shape) * np.array([6, 9, 14, 24.0])[:, None, None]
    images = np.pad(real_images + ndimage.gaussian_filter(more, (0, 0, 0.6, 0.6)), [(0, 0), (0, 0), (3, 4), (3, 4)])
    images[0, 0, 10, 10] = np.nan
    assert call(run, a_store(output / "real.zarr", images), output) == 0
    return output


def read_c2st(output):
    return pd.read_csv(output / "tables" / "realism_c2st.csv").set_index(["sample", "classifier", "input"])


def test_stamps_of_the_same_sky_cannot_be_separated(same):
    tests = read_c2st(same)
    assert len(tests) == 15 and tests["n_real"].max() <= REAL
    spread = 1 / np.sqrt(12 * tests["n_real"]) * np.sqrt(1 + tests["n_real"] / tests["n_simulated"])  # of chance
    assert ((tests["auc"] - 0.5).abs() < 3.5 * spread).all(), tests
    assert abs(tests["auc"].mean() - 0.5) < 0.08
    features = pd.read_csv(same / "tables" / "realism_features.csv").query("sample == 'matched deflectors'")
    assert (features["p"].dropna() < 0.01).mean() < 0.1


def test_different_noise_is_noticed_and_attributed_to_the_noise_features(noisier):
    tests = read_c2st(noisier)["auc"]["matched deflectors"]
    assert tests["network", "whole stamps"] > 0.9 and tests["trees", "all hand-made features"] > 0.9
    assert tests["trees", "pixel correlation alone"] > 0.9
    features = pd.read_csv(noisier / "tables" / "realism_features.csv").query("sample == 'matched deflectors'")
    auc = features.set_index("feature")["auc"]
    assert (auc.filter(regex="correlation1|sky_sigma") > 0.85).all()
    assert (auc.filter(regex="magnitude|radius|colour|offset") - 0.5).abs().max() < 0.25
    assert features.dropna(subset="auc")["n_real"].max() == REAL - 1, "the stamp with a missing pixel is left out"


def test_the_tables_hold_the_right_objects(same, run):
    objects = pd.read_csv(same / "tables" / "realism_objects.csv")
    count = objects["sample"].value_counts()
    assert count["matched deflectors"] == count["all deflectors"] > 100
    assert (
        count["real stamps"] == (store.read_table(run / "catalog" / "train.parquet")["kind"] == "deflector").sum() + 1
    )
    kinds = store.read_table(run / "catalog" / "test.parquet").set_index("id")["kind"]
    simulated = objects[objects["sample"] != "real stamps"]
    assert (kinds.loc[simulated["id"]] == "deflector").all()
    scores = store.read_table(run / "predictions" / "network" / "test.parquet").set_index("id")["score"]
    np.testing.assert_allclose(simulated["score"], scores.loc[simulated["id"]])
    summary = pd.read_csv(same / "tables" / "realism_summary.csv")
    assert list(summary.columns) == [column.name for column in columns.SUMMARY]
    ratio = summary[summary["metric"].str.startswith("sky sigma")]
    assert len(ratio) == 12 and ratio["value"].between(0.95, 1.05).all()  # of 42 stamps
    shares = pd.read_csv(same / "tables" / "realism_scores.csv").query("name == 'score 0.5'").set_index("sample")
    real = objects.query("sample == 'real stamps'")["score"]
    assert shares.loc["real stamps", "share"] == pytest.approx((real > 0.5).mean())
    assert shares.loc["all deflectors", "n"] == (kinds == "deflector").sum()


def test_the_figures_are_drawn_and_have_a_section_in_the_report(same, small_run, tmp_path):
    for name in ("realism", "realism_stamps"):
        assert (same / "figures" / f"{name}.pdf").read_bytes().startswith(b"%PDF")
    run = tmp_path / "small"
    for folder in ("tables", "figures", "settings"):
        (run / folder).mkdir(parents=True)
    for source in (small_run, same):
        for file in [*source.glob("tables/*"), *source.glob("figures/*")]:
            os.link(file, run / file.relative_to(source))
    (run / "benchmarks").mkdir()
    report.write_report(run, tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text()
    assert (
        page.index('<h2 id="section-how-real-it-looks">How real it looks</h2>')
        < page.index('id="realism"')
        < page.index('id="summary"')
        < page.index('id="times"')
    )
    assert page.count('id="realism"') == 1 and "auroc of real against simulated: network, whole stamps" in page


def test_no_stamp_is_scored_by_a_network_that_was_trained_on_it():
    """The labels of a fold do not change the scores of its stamps."""
    rng = np.random.default_rng(5)
    images = rng.normal(size=(60, 1, 16, 16)).astype("float32")
    is_real, fold = np.arange(60) % 2 == 0, np.arange(60) // 2 % 3
    logits = discriminator.cross_validated_logits(images, is_real, fold, seed=1)
    np.testing.assert_array_equal(
        logits, discriminator.cross_validated_logits(images, is_real, fold, seed=1, threads=3)
    )
    changed = is_real.copy()
    changed[fold == 0] = ~changed[fold == 0]
    other = discriminator.cross_validated_logits(images, changed, fold, seed=1)
    np.testing.assert_array_equal(other[fold == 0], logits[fold == 0])
    assert (other[fold != 0] != logits[fold != 0]).all()


def cropped(images):
    return images[:, :, 4:-4, 4:-4]


@pytest.mark.parametrize(
    ("change", "attributes", "message"),
    [
        (None, {}, "no image store here; make one of real cutouts with `lenspipe ingest`"),
        (lambda images: images[:, :3], {}, "has no band z"),
        (cropped, {}, "stamps of 37 pixels, the run's have 45"),
        (lambda images: images[:3], {}, "3 stamps without missing pixels; 2 folds need 4 or more"),
        (lambda images: images, {"magnitude_zero_point": 25.0}, "zero point 25, the network expects zero point 30"),
    ],
    ids=["missing", "other bands", "too small", "too few", "other zero point"],
)
def test_stamps_that_cannot_be_compared_are_reported_in_one_line(
    run, real_images, tmp_path, capsys, change, attributes, message
):
    stamps = tmp_path / "real.zarr"
    if change:
        a_store(stamps, change(real_images), **attributes)
    assert call(run, stamps, tmp_path) == 2
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert line.startswith(f"lenspipe: {stamps}") and message in line
    assert not (tmp_path / "tables").exists()


def test_a_missing_setting_of_the_store_is_reported(run, tmp_path, capsys):
    with pytest.raises(SystemExit) as end:
        main(["realism", "--run", str(run), "--output", str(tmp_path)])
    assert end.value.code == 2 and "realism.stamps: names no store" in capsys.readouterr().err
