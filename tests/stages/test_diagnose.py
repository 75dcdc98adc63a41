"""The diagnose stage on a run of our own and on tables of others."""

import shutil

import numpy as np
import pandas as pd
import pytest

from lenspipe import columns, store
from lenspipe.errors import InputError
from lenspipe.stages.diagnose import diagnose_file, diagnose_run

SETTINGS = {
    "thresholds": [0.1, 0.01],
    "completeness": [0.5, 0.9],
    "prevalence": 0.001,
    "radius_bins": [0.3, 1.0, 2.0, 3.0],
    "confidence": 0.683,
    "seed": 1,
}


@pytest.fixture(scope="module")
def test_objects(small_run):
    """Catalogue and predictions of the test split."""
    catalog, predictions = (store.read_table(small_run / name / "test.parquet") for name in ("catalog", "predictions"))
    return catalog.merge(predictions, on="id")


def test_the_summary_agrees_with_scikit_learn_on_the_files_themselves(small_run, test_objects):
    from sklearn.metrics import roc_auc_score

    table = pd.read_csv(small_run / "tables" / "summary.csv")
    assert list(table.columns) == [column.name for column in columns.SUMMARY]
    first = table[(table["metric"] == "auroc") & (table["population"] == "all lenses against all non-lenses")]
    expected = roc_auc_score(test_objects["is_lens"], test_objects["score"])
    assert first["value"].item() == pytest.approx(expected, abs=1e-5)
    lenses = test_objects[test_objects["is_lens"]]
    bias = table[(table["metric"] == "theta_E bias") & (table["population"] == "all lenses")]["value"].item()
    assert bias == pytest.approx((lenses["theta_E_pred"] - lenses["theta_E"]).median(), abs=1e-5)


def test_thresholds_come_from_validation_not_from_the_test_objects(small_run):
    catalog, predictions = (store.read_table(small_run / name / "val.parquet") for name in ("catalog", "predictions"))
    others = predictions.merge(catalog, on="id").query("not is_lens")["score"]
    table = pd.read_csv(small_run / "tables" / "false_positives_vs_radius.csv")
    threshold = table.loc[table["threshold_name"] == "FPR 0.1 on validation", "threshold"].iloc[0]
    assert (others > threshold).mean() <= 0.1 < (others >= threshold).mean() + 1 / len(others)


def test_shown_stamps_are_the_store_s_pixels(small_run):
    images = store.open_images(small_run / "images" / "test.zarr")
    place = {number: k for k, number in enumerate(images["id"].values.tolist())}
    for name in ("examples", "gallery", "feature_maps"):
        with np.load(small_run / "tables" / f"{name}.npz", allow_pickle=False) as shown:
            for number, stamp in zip(shown["id"].tolist(), shown["image"], strict=True):
                np.testing.assert_array_equal(stamp, images["image"][place[number]])


def test_baselines_stand_beside_the_network_in_summary_and_tables(small_run):
    summary = pd.read_csv(small_run / "tables" / "summary.csv")
    said = summary["population"].str.partition("; ")[2]
    methods = {"colours and magnitudes alone", "arc feature alone", "hand-made features"}
    assert methods <= set(said[summary["metric"] == "auroc"])
    assert {f"over {method}" for method in methods} <= set(said[summary["metric"] == "gain in auroc"])
    assert (summary["low"] <= summary["value"]).all() and (summary["value"] <= summary["high"]).all()
    assert not summary.duplicated(["metric", "population"]).any()
    assert set(pd.read_csv(small_run / "tables" / "roc.csv")["method"]) == {"network", *methods}
    rulers = {"network", "colours and magnitudes alone", "hand-made features", "the deflector's true light alone"}
    assert set(pd.read_csv(small_run / "tables" / "einstein_radius.csv")["method"]) == rulers


def test_a_store_without_one_of_the_objects_is_refused_by_name(small_run, tmp_path):
    for name in ("catalog", "predictions", "images"):
        shutil.copytree(small_run / name, tmp_path / name)
    rows = store.read_table(tmp_path / "catalog" / "train.parquet")
    more = rows.iloc[:1].assign(id=777)
    store.write_table(pd.concat([rows, more]), tmp_path / "catalog" / "train.parquet")
    with pytest.raises(InputError, match=r"train\.zarr: object 777 is missing; run simulate again"):
        diagnose_run(tmp_path, tmp_path / "tables", bands=["g", "r", "i", "z"], **SETTINGS)


def test_predictions_of_other_objects_are_refused(small_run, tmp_path):
    for name in ("catalog", "predictions"):
        shutil.copytree(small_run / name, tmp_path / name)
    wrong = store.read_table(small_run / "predictions" / "val.parquet")
    store.write_table(wrong, tmp_path / "predictions" / "test.parquet")
    with pytest.raises(InputError, match=r"test\.parquet: 768 ids are not shared with"):
        diagnose_run(tmp_path, tmp_path / "tables", bands=["g", "r", "i", "z"], **SETTINGS)


def test_anybody_s_table_gives_what_its_columns_allow(test_objects, tmp_path):
    shown = test_objects[["score", "is_lens", "theta_E", "theta_E_pred", "radius", "kind"]]
    shown.to_csv(tmp_path / "all.csv", index=False)
    shown[["score", "is_lens", "theta_E"]].to_parquet(tmp_path / "bare.parquet")
    tables = {}
    for file in ("all.csv", "bare.parquet"):
        notes = diagnose_file(tmp_path / file, tmp_path / file.partition(".")[0], **SETTINGS)
        tables[file] = {path.name for path in (tmp_path / file.partition(".")[0]).iterdir()}
        assert "no images: there are no baselines to compare with" in notes
        assert ("einstein_radius, are left out" in " ".join(notes)) == (file == "bare.parquet")
    of_radii = {"einstein_radius.csv", "einstein_radius_objects.csv", "regression_residuals.csv"}
    assert tables["all.csv"] - tables["bare.parquet"] == of_radii
    assert "completeness_vs_arc_snr.csv" not in tables["all.csv"]
    assert "no arc_snr: completeness_vs_arc_snr left out" in notes and "theta_E_sigma" in " ".join(notes)
    forms = pd.read_csv(tmp_path / "bare" / "false_positives_vs_radius.csv")["form"]
    assert set(forms) == {"completeness"}
    # The same scores give the same area, whoever's table they are in.
    values = [pd.read_csv(tmp_path / name / "summary.csv").query("metric == 'auroc'") for name in ("all", "bare")]
    assert values[0]["value"].iloc[0] == values[1]["value"].iloc[0]


def test_a_table_with_fewer_columns_leaves_nothing_of_an_earlier_one(test_objects, tmp_path):
    test_objects[["score", "is_lens", "theta_E", "theta_E_pred"]].to_csv(tmp_path / "a.csv")
    test_objects[["score", "is_lens", "theta_E"]].to_csv(tmp_path / "b.csv")
    diagnose_file(tmp_path / "a.csv", tmp_path / "tables", **SETTINGS)
    assert (tmp_path / "tables" / "einstein_radius.csv").exists()
    diagnose_file(tmp_path / "b.csv", tmp_path / "tables", **SETTINGS)
    assert not (tmp_path / "tables" / "einstein_radius.csv").exists()


def test_the_same_input_gives_the_same_tables(test_objects, tmp_path):
    test_objects[["score", "is_lens", "theta_E", "theta_E_pred"]].to_csv(tmp_path / "a.csv")
    for name in ("one", "two"):
        diagnose_file(tmp_path / "a.csv", tmp_path / name, **SETTINGS)
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes()


@pytest.fixture(scope="module")
def explained(small_run):
    """Objects of the attribution figure."""
    with np.load(small_run / "tables" / "attribution.npz", allow_pickle=False) as arrays:
        return dict(arrays)


def test_scores_of_explained_objects_are_those_of_predict(small_run, test_objects):
    from lenspipe.explain import integrated_gradients
    from lenspipe.learning import checkpoint

    images = store.open_images(small_run / "images" / "test.zarr")["image"][:32].to_numpy()
    found = integrated_gradients.scores(checkpoint.load(small_run / "models" / "classifier"), images)
    np.testing.assert_allclose(found, test_objects["score"][:32], rtol=1e-4)


def test_arcs_of_explained_objects_lie_where_the_store_s_noise_free_source_is_bright(small_run, explained, settings):
    from lenspipe.simulate.pipeline import simulate_objects
    from lenspipe.surveys import SURVEYS

    catalog = store.read_table(small_run / "catalog" / "test.parquet").set_index("id", drop=False)
    pixels = {"bands": settings["bands"], "num_pix": settings["num_pix"], "seed": settings["seed"]}
    for number, kind, arc in zip(explained["id"], explained["kind"], explained["arc"], strict=True):
        made = simulate_objects(catalog.loc[[number]], **pixels, survey=SURVEYS["des_y3"], keep_planes=True)
        if kind == "lens":
            light = made["source_light"][0].sum(axis=0)
            assert light[arc].mean() > 2 * light[~arc].mean()
    assert explained["arc"].any(axis=(1, 2)).all() and (explained["kind"] == "lens").any()


def test_attribution_s_summary_counts_objects_above_the_strictest_threshold(small_run, test_objects):
    shares = pd.read_csv(small_run / "tables" / "attribution.csv")
    threshold = shares["threshold"].iloc[0]
    rates = pd.read_csv(small_run / "tables" / "false_positives_vs_radius.csv")
    assert threshold == pytest.approx(rates["threshold"].max())
    found = (test_objects["is_lens"] & (test_objects["score"] > threshold)).sum()
    assert shares.loc[shares["population"] == "true positives", "n"].unique().tolist() == [min(found, 100)]
    summary = pd.read_csv(small_run / "tables" / "summary.csv")
    assert "true positives at FPR 0.01 on validation" in set(summary["population"])


@pytest.fixture(scope="module")
def undecided(small_run, tmp_path_factory):
    """A run without twins, whose network gives all the same score, diagnosed where one with twins had been."""
    run = tmp_path_factory.mktemp("undecided")
    for name in ("images", "models"):
        (run / name).symlink_to(small_run / name)
    for split in ("train", "val", "test"):
        (run / "catalog").mkdir(exist_ok=True)
        (run / "catalog" / f"{split}.parquet").symlink_to(small_run / "catalog" / f"{split}.parquet")
    for split in ("val", "test"):
        table = store.read_table(small_run / "predictions" / f"{split}.parquet")
        store.write_table(table.assign(score=0.5), run / "predictions" / f"{split}.parquet")
    store.write_table(store.read_table(small_run / "tables" / "twins.csv"), run / "tables" / "twins.csv")
    diagnose_run(run, run / "tables", bands=["g", "r", "i", "z"], **SETTINGS)
    return run


def test_a_network_that_gives_all_the_same_score_has_nothing_to_explain_and_its_figure_is_drawn(undecided, tmp_path):
    from lenspipe.plots import drawing as plots

    assert not len(pd.read_csv(undecided / "tables" / "attribution.csv"))
    figure = {"attribution": plots.FIGURES["attribution"]}
    assert plots.draw(undecided / "tables", tmp_path, figure) == ["attribution"]


def test_a_run_without_twins_lacks_their_table_and_nothing_else(small_run, undecided):
    tables = [{path.name for path in (run / "tables").iterdir()} for run in (small_run, undecided)]
    assert tables[0] - tables[1] == {"twins.csv"}
    summaries = [pd.read_csv(run / "tables" / "summary.csv") for run in (small_run, undecided)]
    assert [table["population"].str.contains("twin_").any() for table in summaries] == [True, False]
