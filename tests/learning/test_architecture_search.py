"""A search at equal compute: what it costs, that it goes on after a kill, and that it is better than chance."""

import numpy as np
import pandas as pd
import pytest
import rings
import torch
import yaml

from lenspipe import config
from lenspipe.errors import InputError
from lenspipe.learning import architecture_search
from lenspipe.learning.architecture_search import BACKWARD, CHOICES, RANDOM, TPE, Budget, multiply_adds, winner
from lenspipe.learning.loop import LossNotFiniteError, Recipe
from lenspipe.stages import architecture_search as stage
from lenspipe.stages.train import read

pytest.importorskip("optuna")
RECIPE = {"network": "cnn", "options": {}, "epochs": 1, "batch_size": 32, "learning_rate": 4e-3, "weight_decay": 1e-3}
RECIPE |= {"ema_decay": 0.9, "max_shift": 1, "imperfect": 0.0, "dropout": "none"}
NUMBERS = ["val_loss", "weights", "multiply_adds", "objects", "epochs", *CHOICES]


@pytest.fixture(scope="module")
def sky(tmp_path_factory):
    folder = tmp_path_factory.mktemp("rings")
    made = {split: rings.write(folder, split, count) for split, count in (("train", 256), ("val", 256))}
    return [{split: files[k] for split, files in made.items()} for k in (0, 1)]


@pytest.fixture(scope="module")
def learned(sky):
    return read("is_lens", *sky)


@pytest.fixture
def narrow(monkeypatch):
    """Small networks alone: seconds instead of minutes."""
    monkeypatch.setitem(CHOICES, "width", (4, 8, 16))
    monkeypatch.setitem(CHOICES, "depth", (1, 2))


def searched(learned, folder, *, trials, sampler=TPE, budget=Budget(3e9, 256), progress=None):  # noqa: B008
    task, network_input, examples = learned
    options = {"sampler": sampler, "trials": trials, "budget": budget, "seed": 5, "folder": folder}
    options |= {"device": torch.device("cpu"), "progress": progress}
    return architecture_search.search(task, network_input, examples, Recipe(**RECIPE), **options)


def test_multiply_adds_are_counted_as_by_hand():
    network = torch.nn.Sequential(torch.nn.Conv2d(4, 8, 3, padding=1), torch.nn.Flatten(), torch.nn.Linear(8 * 100, 5))
    assert multiply_adds(network, (4, 10, 10)) == 100 * 8 * 4 * 9 + 800 * 5


@pytest.mark.parametrize("each", [1e5, 3.3e6, 1e8])
def test_a_budget_is_used_up_in_as_few_passes_as_possible(each):
    budget = Budget(5e12, 15_000)
    objects, epochs = budget.plan(each)
    assert objects <= 15_000 and (epochs == 1 or objects * epochs > 15_000 * (epochs - 1))
    assert BACKWARD * each * objects * epochs == pytest.approx(5e12, rel=epochs / objects / epochs + 1e-3)


def test_all_architectures_compute_as_much_and_the_first_is_the_trainings_own(learned, tmp_path, narrow):
    table = searched(learned, tmp_path, trials=4)
    assert table["trial"].tolist() == [0, 1, 2, 3] and set(table["sampler"]) == {TPE}
    own = {"width": 16, "depth": 2, "stem_stride": 2, "stem_size": 5, "kernel": 3, "dropout": 0.0}
    assert table.loc[0, list(own)].to_dict() == own
    spent = BACKWARD * table["multiply_adds"] * table["objects"] * table["epochs"]
    np.testing.assert_allclose(spent, 3e9, rtol=0.02)
    assert table["val_auroc"].between(0.3, 1).all() and len(table[list(CHOICES)].drop_duplicates()) > 1


@pytest.mark.parametrize("sampler", [TPE, RANDOM])
def test_a_killed_search_tries_what_it_would_have_tried(learned, tmp_path, narrow, sampler, monkeypatch):
    class KilledError(Exception):
        pass

    whole = searched(learned, tmp_path / "whole", trials=4, sampler=sampler)
    fit, begun = architecture_search.fit, []

    def killed(*arguments, **options):
        begun.append(1)
        if len(begun) == 3:
            raise KilledError
        return fit(*arguments, **options)

    monkeypatch.setattr(architecture_search, "fit", killed)
    with pytest.raises(KilledError):
        searched(learned, tmp_path / "killed", trials=4, sampler=sampler)
    again = searched(learned, tmp_path / "killed", trials=4, sampler=sampler)
    assert len(begun) == 5, "what was finished is not trained again"
    pd.testing.assert_frame_equal(again[NUMBERS], whole[NUMBERS])
    more = searched(learned, tmp_path / "killed", trials=5, sampler=sampler)
    pd.testing.assert_frame_equal(more[NUMBERS][:4], whole[NUMBERS])


def test_an_architecture_that_cannot_be_trained_is_told_and_does_not_win(learned, tmp_path, monkeypatch):
    def fit(task, network_input, examples, recipe, **options):
        if recipe.options["stem_size"] != 5:
            raise LossNotFiniteError("the loss is not finite in epoch 1")
        return None, type("Training", (), {"history": [{"val_loss": 0.5, "val_auroc": 0.9}], "best": {"epoch": 1}})

    monkeypatch.setattr(architecture_search, "fit", fit)
    table = searched(learned, tmp_path, trials=12)
    failed = table["stem_size"] != 5
    assert failed.any() and table.loc[failed, "val_loss"].isna().all()
    assert set(table.loc[failed, "reason"]) == {"the loss is not finite in epoch 1"}
    assert "stem_size" not in winner(table)
    with pytest.raises(InputError, match="no architecture"):
        winner(table[failed])


def test_optuna_finds_better_architectures_than_chance(learned, tmp_path, monkeypatch):
    """On a loss that can be computed: with the best value of each option known."""

    def fit(task, network_input, examples, recipe, **options):
        o = recipe.options
        loss = (o["width"] - 32) ** 2 / 400 + (o["depth"] - 3) ** 2 + o["dropout"] + o["kernel"] / 2 + o["stem_stride"]
        return None, type("Training", (), {"history": [{"val_loss": loss, "val_auroc": 0.9}], "best": {"epoch": 1}})

    monkeypatch.setattr(architecture_search, "fit", fit)
    late = {
        sampler: searched(learned, tmp_path / sampler, trials=40, sampler=sampler)["val_loss"][20:].mean()
        for sampler in (TPE, RANDOM)
    }
    assert late[TPE] < 0.6 * late[RANDOM]


def test_the_winner_is_a_settings_file(sky, tmp_path, narrow, root):
    asked = {"recipe": RECIPE, "trials": 3, "objects": 256, "epochs": 1, "seed": 2}
    tables = []
    for sampler in (TPE, RANDOM):
        tables.append(tmp_path / f"trials_{sampler}.csv")
        stage.search("is_lens", *sky, output=tables[-1], sampler=sampler, **asked)
    stage.compare(tables, training="classifier", output=tmp_path / "trials.csv")
    table = pd.read_csv(tmp_path / "trials.csv")
    assert len(table) == 6 and table["val_loss"].is_monotonic_increasing
    own = table[table["trial"] == 0]
    np.testing.assert_allclose(own["gain"], 0, atol=1e-12)
    np.testing.assert_allclose(table["gain"] + table["val_loss"], own["val_loss"].iloc[0])
    said = yaml.safe_load((tmp_path / "winner.yaml").read_text())
    merged = config.load([root / config.DEFAULTS, tmp_path / "winner.yaml"])
    assert merged.train["classifier"].network == "resnet"
    usual = {"width": 16, "depth": 2, "stem_stride": 2, "stem_size": 5, "kernel": 3, "dropout": 0.0}
    found = usual | said["train"]["classifier"]["options"]
    assert {name: table.iloc[0][name] for name in usual} == found


def test_without_optuna_the_search_says_so(learned, tmp_path, monkeypatch):
    monkeypatch.setattr(architecture_search, "find_spec", lambda name: None)
    with pytest.raises(InputError, match=r"needs the library optuna.*lenspipe\[search\]"):
        searched(learned, tmp_path, trials=1)
