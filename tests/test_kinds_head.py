"""A classifier that tells kinds apart, through every stage after it."""

import json
import os
import shutil

import numpy as np
import pandas as pd
import pytest
import torch
from scipy.special import logit

from lenspipe import columns, config, store
from lenspipe.cli import stages
from lenspipe.explain import integrated_gradients
from lenspipe.families import KINDS as KINDS_OF_OBJECTS
from lenspipe.figures import figures_of
from lenspipe.labels import label_of
from lenspipe.learning import checkpoint
from lenspipe.methods import BASELINES
from lenspipe.plots.drawing import drawing_of
from lenspipe.stages.diagnose import diagnose_file
from lenspipe.status.run_settings import available_of

pytestmark = pytest.mark.slow

KINDS = ["lens", *sorted(KINDS_OF_OBJECTS.keys() - {"lens", "star"})]  # stars are not trained on


@pytest.fixture(scope="module")
def kinds_run(small_run, tmp_path_factory, root):
    """The small run again with a classifier of kinds that has seen no star."""
    run = tmp_path_factory.mktemp("kinds") / "small"
    (run / "models").mkdir(parents=True)
    for name in ("catalog", "images", "models/regressor"):
        (run / name).symlink_to(small_run / name)
    shutil.copytree(small_run / "settings", run / "settings")
    overrides = run.parent / "kinds.yaml"
    overrides.write_text(json.dumps({"train": {"classifier": {"task": "kind_and_arc", "epochs": 4}}}))
    merged = config.load([root / config.DEFAULTS, overrides])
    said = run / "settings" / "train_classifier.json"
    said.write_text(json.dumps(config.stage_settings(merged, "train_classifier")))
    (run / "settings" / "report.json").write_text(json.dumps(config.stage_settings(merged, "report")))
    train = store.read_table(run / "catalog" / "train.parquet")
    catalog = run / "no_stars.parquet"
    store.write_table(train.assign(kind=train["kind"].replace("star", "deflector")), catalog)
    images = {split: run / "images" / f"{split}.json" for split in columns.SPLITS}
    splits = (images["train"], catalog, images["val"], run / "catalog" / "val.parquet")
    stages.train("classifier", said, *splits, run / "models" / "classifier", threads=2)
    scored = ("val", "test", "twins")
    predictions = [run / "predictions" / "network" / f"{split}.parquet" for split in scored]
    for name in BASELINES:
        (run / "predictions").mkdir(exist_ok=True)
        (run / "predictions" / name).symlink_to(small_run / "predictions" / name)
    stages.predict(
        [images[split] for split in scored], run / "models", predictions, settings=run / "settings" / "predict.json"
    )
    stages.explain(run, run / "settings" / "explain.json")
    stages.diagnose(run, settings=run / "settings" / "diagnose.json")
    stages.figures(run)
    return run


def test_predictions_have_a_probability_for_each_kind_and_the_score_is_the_lens_s(kinds_run):
    table = store.read_table(kinds_run / "predictions" / "network" / "test.parquet")
    expected = [*columns.PREDICTIONS, *columns.kind_columns(KINDS)]
    assert list(table.columns) == [column.name for column in expected]
    p = table[[f"p_{kind}" for kind in KINDS]]
    np.testing.assert_allclose(p.sum(axis=1), 1, rtol=1e-12)
    np.testing.assert_allclose(table["p_lens"], table["score"], rtol=1e-9)
    assert (table["kind_pred"] == p.idxmax(axis=1).str.removeprefix("p_")).all()


def test_the_checkpoint_says_what_its_outputs_stand_for(kinds_run, tmp_path):
    said = json.loads((kinds_run / "models" / "classifier" / "model.json").read_text())
    assert said["task"]["name"] == "kind_and_arc" and said["task"]["values"]["classes"] == KINDS
    assert checkpoint.load(kinds_run / "models" / "classifier").task.classes == tuple(KINDS)
    without_lens = {"name": "kind", "values": {"classes": KINDS[1:]}}
    shutil.copytree(kinds_run / "models" / "classifier", tmp_path / "classifier")
    (tmp_path / "classifier" / "model.json").write_text(json.dumps(said | {"task": without_lens}))
    with pytest.raises(Exception, match=r"model\.json: is damaged"):
        checkpoint.load(tmp_path / "classifier")


def test_the_attributed_logit_is_the_score_s(kinds_run):
    model = checkpoint.load(kinds_run / "models" / "classifier")
    images = store.open_images(kinds_run / "images" / "test.zarr")["image"][:6].to_numpy()
    maps, logits, empty = integrated_gradients.integrated_gradients(model, images, steps=128)
    difference = logits - empty
    np.testing.assert_allclose(maps.sum(axis=(1, 2, 3)), difference, atol=0.05 * np.abs(difference).max())
    with torch.no_grad():
        outputs = model.network(model.input.tensor(images))
    np.testing.assert_allclose(logits, logit(model.task.answers(outputs[None].numpy())["score"]), atol=1e-4)


def test_the_report_s_numbers_and_figure_of_kinds_are_there_and_all_others_too(kinds_run, small_run):
    table = pd.read_csv(kinds_run / "tables" / "confusion.csv")
    truth = store.read_table(kinds_run / "catalog" / "test.parquet")
    assert table.groupby("kind")["events"].sum().to_dict() == truth["kind"].value_counts().to_dict()
    assert "star" in set(table["kind"]) and "star" not in set(table["kind_pred"])
    summary, other = (pd.read_csv(run / "tables" / "summary.csv") for run in (kinds_run, small_run))
    recalls = summary[summary["metric"] == "recall"]
    assert recalls["population"].tolist() == KINDS and (summary["metric"] == "balanced accuracy").sum() == 1
    new = summary[~summary["metric"].isin(["recall", "balanced accuracy"])]
    assert len(new) == len(summary) - len(KINDS) - 1
    explained = ("attribution", "median score", "area of the arc", "share called a lens without")  # of what is selected
    kept, before = ({m for m in t["metric"] if not m.startswith(explained)} for t in (summary, other))
    assert kept == before, "as of the default task, which tells kinds too"
    drawn, usual = ({path.stem for path in (run / "figures").glob("*.png")} for run in (kinds_run, small_run))
    assert "confusion" in drawn and drawn == usual
    assert available_of(kinds_run) == available_of(small_run) == ["twins", "kinds"]


def test_a_run_whose_classifier_tells_no_kinds_has_no_figure_of_them(small_run, tmp_path):
    settings = json.loads((small_run / "settings" / "report.json").read_text())
    settings["train"]["classifier"]["task"] = "is_lens"
    shutil.copytree(small_run / "settings", tmp_path / "settings")
    (tmp_path / "settings" / "report.json").write_text(json.dumps(settings))
    assert available_of(tmp_path) == ["twins"]
    assert "confusion" not in figures_of("diagnose", available=["twins"])


def test_the_figure_has_a_row_for_every_kind_and_says_which_was_not_trained_on(kinds_run):
    from matplotlib.figure import Figure

    labels = [label_of(kind) for kind in KINDS]
    figure, table = Figure(), pd.read_csv(kinds_run / "tables" / "confusion.csv")
    drawing_of("confusion")(figure, table)
    ax = figure.axes[0]
    rows = [label.get_text() for label in ax.get_yticklabels()]
    assert {row.partition("\n")[0] for row in rows} == {*labels, "star, not trained on"}
    assert [label.get_text() for label in ax.get_xticklabels()] == labels
    assert len(ax.texts) == len(table) and ax.get_xlabel() and ax.get_ylabel()


def test_a_table_without_kinds_leaves_nothing_of_one_with_them(kinds_run, small_run, tmp_path):
    settings = config.load([config.defaults_path()]).model_dump()["diagnose"] | {"seed": 1}
    truth, answers = (
        store.read_table(kinds_run / part / "test.parquet") for part in ("catalog", "predictions/network")
    )
    objects = truth[["id", "kind", "is_lens", "theta_E"]].merge(answers[["id", "score", "kind_pred"]], on="id")
    for name, table in (("with", objects), ("without", objects.drop(columns="kind_pred"))):
        table.to_csv(tmp_path / f"{name}.csv", index=False)
        notes = diagnose_file(tmp_path / f"{name}.csv", tmp_path / "tables", **settings)
        assert ("no kind_pred: confusion left out" in notes) == (name == "without")
        assert os.path.exists(tmp_path / "tables" / "confusion.csv") == (name == "with")
