"""The diagnose stage on a run of our own and on tables of others."""

import shutil

import numpy as np
import pandas as pd
import pytest

from lenspipe import columns, store
from lenspipe.errors import InputError
from lenspipe.figures import FIGURES
from lenspipe.plots.drawing import draw
from lenspipe.stages.diagnose import diagnose_file, diagnose_run
from lenspipe.stages.explain import explain

SETTINGS = {
    "thresholds": [0.1, 0.01],
    "completeness": [0.5, 0.9],
    "prevalence": 0.001,
    "radius_bins": [0.3, 1.0, 2.0, 3.0],
    "confidence": 0.683,
    "seed": 1,
}
TABLES = ("catalog", "predictions/network")
BANDS = ["g", "r", "i", "z"]


@pytest.fixture(scope="module")
def test_objects(small_run):
    """Catalogue and predictions of the test split."""
    catalog, predictions = (store.read_table(small_run / name / "test.parquet") for name in TABLES)
    return catalog.merge(predictions, on="id")


def test_the_summary_agrees_with_scikit_learn_on_the_files_themselves(small_run, test_objects):
    from sklearn.metrics import roc_auc_score

    table = pd.read_csv(small_run / "tables" / "summary.csv")
    assert list(table.columns) == [column.name for column in columns.SUMMARY]
    first = table[(table["metric"] == "auroc") & (table["population"] == "all lenses against all non-lenses")]
    first = first[first["method"] == "network"]
    expected = roc_auc_score(test_objects["is_lens"], test_objects["score"])
    assert first["value"].item() == pytest.approx(expected, abs=1e-5)
    lenses = test_objects[test_objects["is_lens"]]
    bias = table.query("metric == 'theta_E bias' and population == 'all lenses' and method == 'network'")[
        "value"
    ].item()
    assert bias == pytest.approx((lenses["theta_E_pred"] - lenses["theta_E"]).median(), abs=1e-5)


def test_thresholds_come_from_validation_not_from_the_test_objects(small_run):
    catalog, predictions = (store.read_table(small_run / name / "val.parquet") for name in TABLES)
    others = predictions.merge(catalog, on="id").query("not is_lens")["score"]
    table = pd.read_csv(small_run / "tables" / "false_positives_vs_radius.csv")
    threshold = table.loc[table["threshold_name"] == "FPR 0.1 on validation", "threshold"].iloc[0]
    assert (others > threshold).mean() <= 0.1 < (others >= threshold).mean() + 1 / len(others)


def test_shown_stamps_are_the_store_s_pixels(small_run):
    images = store.open_images(small_run / "images" / "test.zarr")
    place = {number: k for k, number in enumerate(images["id"].values.tolist())}
    for name in ("examples", "gallery", "feature_maps", "false_positives_vs_radius"):
        with np.load(small_run / "tables" / f"{name}.npz", allow_pickle=False) as shown:
            for number, stamp in zip(shown["id"].tolist(), shown["image"], strict=True):
                np.testing.assert_array_equal(stamp, images["image"][place[number]])


def test_every_method_is_in_summary_and_tables(small_run):
    summary = pd.read_csv(small_run / "tables" / "summary.csv")
    methods = {"colours", "arc_feature", "hand_made"}
    assert {"network", *methods} == set(summary.query("metric == 'auroc'")["method"])
    assert methods == set(summary.query("metric == 'gain in auroc'")["method"])
    assert (summary["low"] <= summary["value"]).all() and (summary["value"] <= summary["high"]).all()
    assert not summary.duplicated(["metric", "population", "method"]).any()
    assert set(pd.read_csv(small_run / "tables" / "roc.csv")["method"]) == {"network", *methods}
    assert set(pd.read_csv(small_run / "tables" / "false_positives_by_kind.csv")["method"]) == {"network", *methods}
    measured = {"network", "colours", "hand_made", "true_light"}
    assert set(pd.read_csv(small_run / "tables" / "einstein_radius.csv")["method"]) == measured


def test_predictions_of_other_objects_are_refused(small_run, tmp_path):
    for name in ("catalog", "predictions"):
        shutil.copytree(small_run / name, tmp_path / name)
    wrong = store.read_table(small_run / "predictions/network/val.parquet")
    store.write_table(wrong, tmp_path / "predictions/network/test.parquet")
    with pytest.raises(InputError, match=r"test\.parquet: 768 ids are not shared with"):
        diagnose_run(tmp_path, tmp_path / "tables", bands=BANDS, **SETTINGS)


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
    (tmp_path / "tables" / "false_positives_vs_radius.npz").touch()  # of a run's images
    diagnose_file(tmp_path / "b.csv", tmp_path / "tables", **SETTINGS)
    assert not (tmp_path / "tables" / "einstein_radius.csv").exists()
    assert not (tmp_path / "tables" / "false_positives_vs_radius.npz").exists()


def test_the_same_input_gives_the_same_tables(test_objects, tmp_path):
    test_objects[["score", "is_lens", "theta_E", "theta_E_pred"]].to_csv(tmp_path / "a.csv")
    for name in ("one", "two"):
        diagnose_file(tmp_path / "a.csv", tmp_path / name, **SETTINGS)
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes()


def test_rows_of_attribution_come_from_its_table(small_run):
    shares, summary = (pd.read_csv(small_run / "tables" / f"{name}.csv") for name in ("attribution", "summary"))
    rows = summary[summary["metric"] == "share called a lens without the arc"].set_index("population")["value"]
    still = shares.query("measure == 'still'").set_index("population")["value"]
    assert rows["true positives at FPR 0.01 on validation"] == still["true positives"]


@pytest.fixture(scope="module")
def undecided(small_run, tmp_path_factory):
    """A run without twins, whose network gives all the same score, diagnosed where one with twins had been."""
    run = tmp_path_factory.mktemp("undecided")
    shutil.copytree(small_run / "predictions", run / "predictions")
    for name in ("images", "models"):
        (run / name).symlink_to(small_run / name)
    for split in ("train", "val", "test"):
        (run / "catalog").mkdir(exist_ok=True)
        (run / "catalog" / f"{split}.parquet").symlink_to(small_run / "catalog" / f"{split}.parquet")
    for split in ("val", "test"):
        path = run / "predictions" / "network" / f"{split}.parquet"
        store.write_table(store.read_table(path).assign(score=0.5), path)
    store.write_table(store.read_table(small_run / "tables" / "twins.csv"), run / "tables" / "twins.csv")
    options = {name: SETTINGS[name] for name in ("thresholds", "confidence", "seed")}
    predict = {"batch_size": 128, "d4_average": False, "d4_share": 1.0}
    explain(run, run / "tables", bands=BANDS, predict=predict, **options)
    diagnose_run(run, run / "tables", bands=BANDS, **SETTINGS)
    return run


def test_a_network_that_gives_all_the_same_score_has_nothing_to_explain_and_its_figure_is_drawn(undecided, tmp_path):
    from lenspipe.plots.drawing import draw

    assert not len(pd.read_csv(undecided / "tables" / "attribution.csv"))
    assert draw(undecided / "tables", tmp_path, ["attribution"]) == ["attribution"]


def test_a_run_without_twins_lacks_their_table_and_nothing_else(small_run, undecided):
    tables = [{path.name for path in (run / "tables").iterdir()} for run in (small_run, undecided)]
    assert tables[0] - tables[1] == {"twins.csv"}
    summaries = [pd.read_csv(run / "tables" / "summary.csv") for run in (small_run, undecided)]
    assert [table["population"].str.contains("twin_").any() for table in summaries] == [True, False]


@pytest.fixture
def finder(small_run, tmp_path):
    """A function: an external finder's table about the run's objects, with more or fewer columns and splits."""

    def write(name="mine.csv", splits=("val", "test"), columns=("id", "score", "theta_E_pred")):
        parts = [store.read_table(small_run / "predictions" / "hand_made" / f"{split}.parquet") for split in splits]
        store.write_table(pd.concat(parts)[list(columns)].sample(frac=1, random_state=1), tmp_path / name)
        return tmp_path / name

    return write


def test_an_added_table_is_one_more_method_and_has_the_numbers_of_its_answers(small_run, finder, tmp_path):
    assert diagnose_run(small_run, tmp_path / "tables", bands=BANDS, added={"mine": finder()}, **SETTINGS) == []
    for name in ("roc", "einstein_radius", "false_positives_by_kind", "summary"):
        table = pd.read_csv(tmp_path / "tables" / f"{name}.csv")
        mine, same = (
            table[table["method"] == method].drop(columns="method").reset_index(drop=True)
            for method in ("mine", "hand_made")
        )
        assert len(mine)
        pd.testing.assert_frame_equal(mine, same)


def test_without_objects_of_validation_an_added_table_has_no_thresholds_and_a_note_says_so(small_run, finder, tmp_path):
    path = finder("mine.parquet", splits=["test"], columns=["id", "score"])
    first, second = diagnose_run(small_run, tmp_path / "tables", bands=BANDS, added={"mine": path}, **SETTINGS)
    assert (
        first.startswith("mine: no objects of validation") and second == "mine: no theta_E_pred: its radii are left out"
    )
    metrics = set(pd.read_csv(tmp_path / "tables" / "summary.csv").query("method == 'mine'")["metric"])
    assert "auroc" in metrics and not [m for m in metrics if "validation" in m or "theta_E" in m]


def test_a_name_that_is_taken_is_refused(small_run, finder, tmp_path):
    with pytest.raises(InputError, match=r"--add hand_made=.*: the run has a method 'hand_made'; choose another name"):
        diagnose_run(small_run, tmp_path / "tables", bands=BANDS, added={"hand_made": finder()}, **SETTINGS)
    assert not (tmp_path / "tables").exists()


def test_another_method_of_the_run_is_compared_by_its_folder(small_run, tmp_path):
    for name in ("catalog", "images", "models", "tables"):
        (tmp_path / name).symlink_to(small_run / name)
    shutil.copytree(small_run / "predictions", tmp_path / "predictions")
    shutil.copytree(small_run / "predictions" / "colours", tmp_path / "predictions" / "fit")
    diagnose_run(tmp_path, tmp_path / "out", bands=BANDS, methods=["fit"], **SETTINGS)
    roc = pd.read_csv(tmp_path / "out" / "roc.csv")
    assert (roc["method"] == "fit").sum() == (roc["method"] == "colours").sum() > 0


@pytest.mark.parametrize(("lenses", "others"), [(1, 300), (300, 1), (3, 3), (1, 1)])
def test_a_handful_of_lenses_is_drawn_as_far_as_it_goes(test_objects, tmp_path, lenses, others):
    names = ["score", "is_lens", "theta_E", "theta_E_pred", "theta_E_sigma", "radius", "kind", "arc_snr", "weight"]
    parts = [test_objects[test_objects["is_lens"]][:lenses], test_objects[~test_objects["is_lens"]][:others]]
    pd.concat(parts)[names].to_parquet(tmp_path / "few.parquet")  # with the index of its parts
    told = []

    def notify(line):
        assert not (tmp_path / "tables").exists(), "it is told before anything is written"
        told.append(line)

    diagnose_file(tmp_path / "few.parquet", tmp_path / "tables", **SETTINGS, notify=notify)
    words = [f"only {n} {name}" for n, name in ((lenses, "lens"), (others, "non-lens")) if n < 5]
    assert all(any(line.startswith(word) for line in told) for word in words), told
    drawn = draw(tmp_path / "tables", tmp_path / "figures", ["purity_vs_completeness", "einstein_radius", "roc"])
    assert drawn == ["purity_vs_completeness", "einstein_radius", "roc"]


@pytest.mark.parametrize("is_lens", [True, False])
def test_objects_of_one_class_are_drawn_as_far_as_they_go(test_objects, tmp_path, is_lens):
    names = ["score", "is_lens", "theta_E", "theta_E_pred", "theta_E_sigma", "radius", "kind", "arc_snr", "weight"]
    objects = test_objects.loc[test_objects["is_lens"] == is_lens, names]
    objects.to_parquet(tmp_path / "one.parquet")
    notes = diagnose_file(tmp_path / "one.parquet", tmp_path / "tables", **SETTINGS)
    (note,) = [note for note in notes if note.startswith(f"no {'non-' if is_lens else ''}lenses: ")]
    left_out = {"roc", "purity_vs_completeness", "reliability", "false_positives_by_kind"}
    left_out |= set() if is_lens else {"einstein_radius", "regression_residuals", "completeness_vs_arc_snr"}
    assert all(f"{name}," in note or f"{name} left out" in note for name in left_out)
    tables = {path.stem for path in (tmp_path / "tables").iterdir()}
    assert not tables & left_out
    whole = [name for name, spec in FIGURES.items() if {table.split(".")[0] for table in spec.tables} <= tables]
    drawn = draw(tmp_path / "tables", tmp_path / "figures", ["false_positives_vs_radius", *whole])
    assert {"false_positives_vs_radius", "scores_by_kind"} <= set(drawn)
    assert ("einstein_radius" in drawn) == is_lens
    summary = pd.read_csv(tmp_path / "tables" / "summary.csv")
    metric = "completeness at score 0.5" if is_lens else "false_positive_rate at score 0.5"
    value = summary.loc[summary["metric"] == metric, "value"].iloc[0]
    assert value == pytest.approx((objects["score"] > 0.5).mean())
    assert not summary["metric"].str.contains("auroc|purity").any()


def test_radii_outside_the_bins_are_told_and_radians_refused(test_objects, tmp_path):
    table = test_objects[["score", "is_lens", "theta_E", "theta_E_pred"]]
    table.assign(theta_E=table["theta_E"] + 9).to_csv(tmp_path / "wide.csv", index=False)
    notes = diagnose_file(tmp_path / "wide.csv", tmp_path / "wide", **SETTINGS)
    assert any("lenses have a radius outside" in note for note in notes)
    draw(tmp_path / "wide", tmp_path / "figures", ["einstein_radius"])
    for factor in (1 / 206265, 1 / 3600):
        table.assign(theta_E=table["theta_E"] * factor).to_csv(tmp_path / "radians.csv", index=False)
        with pytest.raises(InputError, match="as in radians or degrees; give arcsec"):
            diagnose_file(tmp_path / "radians.csv", tmp_path / "radians", **SETTINGS)
