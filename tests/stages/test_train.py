"""Training on a toy sky of blobs and rings, small enough for seconds."""

import os
import signal
import subprocess
import sys
import time

import numpy as np
import pandas as pd
import pytest
import rings
import torch
from rings import train

from lenspipe import store
from lenspipe.diagnostics.joining import posterior_of
from lenspipe.errors import InputError
from lenspipe.learning import checkpoint
from lenspipe.learning.data import read_truth
from lenspipe.learning.inference import ALL_VIEWS, FIRST_VIEW, outputs
from lenspipe.learning.resume import epochs_kept

SETTINGS = {
    "seed": 3,
    "network": "resnet",
    "options": {},
    "epochs": 4,
    "batch_size": 32,
    "learning_rate": 4e-3,
    "weight_decay": 1e-3,
    "ema_decay": 0.9,
    "max_shift": 1,
    "imperfect": 0.0,
    "dropout": "none",
    "threads": 1,
}


@pytest.fixture(scope="module")
def sky(tmp_path_factory):
    """Stores and catalogues: 512 objects to train on, 256 to validate."""
    folder = tmp_path_factory.mktemp("rings")
    stores, catalogs = {}, {}
    for split, count in (("train", 512), ("val", 256)):
        stores[split], catalogs[split] = rings.write(folder, split, count)
    return {"stores": stores, "catalogs": catalogs}


def history_of(folder):
    return pd.read_csv(folder / "history.csv")


def files_of(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != "resume.pt"}


def answers_of(model, images, all_views):
    """A checkpoint's outputs, array [view, n, output], for images in counts."""
    options = {"batch_size": 64, "views": ALL_VIEWS if all_views else FIRST_VIEW, "device": torch.device("cpu")}
    return outputs(model.network, model.input.tensor(images), model.input, **options).numpy()


def test_a_classifier_learns_to_see_rings(sky, tmp_path):
    train("is_lens", **sky, output_dir=tmp_path, **SETTINGS)
    history = history_of(tmp_path)
    assert history["epoch"].tolist() == [1, 2, 3, 4]
    assert history["val_auroc"].max() > 0.97
    assert history["train_loss"].iloc[-1] < 0.7 * history["train_loss"].iloc[0]


def test_a_regressor_measures_rings_and_knows_how_well(sky, tmp_path):
    train("einstein_radius", **sky, output_dir=tmp_path, **SETTINGS | {"epochs": 10})
    image, catalog = rings.draw("test", 400)
    lenses = catalog["is_lens"].to_numpy()
    model = checkpoint.load(tmp_path)
    answers = model.task.answers(answers_of(model, image[lenses], all_views=True))
    theta_E, sigma = answers["theta_E_pred"], answers["theta_E_sigma"]
    error = theta_E - catalog["theta_E"].to_numpy()[lenses]
    assert np.std(error) < 0.4 * np.std(catalog["theta_E"].to_numpy()[lenses])
    assert 0.5 < np.mean(np.abs(error) < sigma) < 0.85


def test_the_kept_weights_are_those_of_the_best_epoch(sky, tmp_path):
    train("is_lens", **sky, output_dir=tmp_path, **SETTINGS)
    history, model = history_of(tmp_path), checkpoint.load(tmp_path)
    assert model.best_epoch == history["epoch"][history["val_loss"].idxmin()]
    image, catalog = rings.draw("val", 256)
    logits = torch.from_numpy(answers_of(model, image, all_views=False))[0, :, 0]
    truth = torch.tensor(catalog["is_lens"].to_numpy(), dtype=torch.float32)
    loss = torch.nn.functional.binary_cross_entropy_with_logits(logits, truth).item()
    assert loss == pytest.approx(history["val_loss"].min(), abs=2e-3)  # images were kept as float16


def test_training_twice_gives_the_same_files(sky, tmp_path):
    for name in "ab":
        train("is_lens", **sky, output_dir=tmp_path / name, **SETTINGS | {"network": "cnn", "epochs": 2})
    assert files_of(tmp_path / "a") == files_of(tmp_path / "b")


CHILD = """
import json, sys
from lenspipe.stages.train import train
train(**json.loads(sys.argv[1]))
"""


def start(sky, folder, **settings):
    """A training in a process group of its own."""
    import json

    recipe = SETTINGS | settings
    common = {name: recipe.pop(name) for name in ("seed", "threads")}
    arguments = {"name": "is_lens", "task": "is_lens", "output_dir": str(folder), "recipe": recipe} | common
    arguments |= {name: {split: str(path) for split, path in paths.items()} for name, paths in sky.items()}
    return subprocess.Popen([sys.executable, "-c", CHILD, json.dumps(arguments)], start_new_session=True)


@pytest.mark.slow
def test_a_killed_training_goes_on_with_the_history_it_would_have_had(sky, tmp_path):
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    assert start(sky, whole, epochs=8).wait() == 0
    process = start(sky, killed, epochs=8)
    deadline = time.monotonic() + 120
    while not (killed / "resume.pt").exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert not (killed / "model.json").exists(), "it was finished before it was killed"
    done = epochs_kept(killed)
    assert 1 <= done < 8
    (tmp_path / "after").mkdir()
    (killed / "resume.pt").rename(tmp_path / "after" / "resume.pt")
    told = []
    arguments = {"output_dir": tmp_path / "after", "progress": lambda done, total, text: told.append(done)}
    train("is_lens", **sky, **arguments, **SETTINGS | {"epochs": 8})
    assert told == list(range(done + 1, 9)), "finished epochs were done again"
    assert files_of(tmp_path / "after") == files_of(whole)


@pytest.mark.slow
@pytest.mark.parametrize(
    "change",
    [
        {"learning_rate": 1e-3},
        {"seed": 4},
        {"network": "cnn"},
        {"max_shift": 2},
        {"count": 480},
        {"options": {"width": 8}},
    ],
)
def test_the_state_of_another_training_is_not_taken_over(sky, tmp_path, change):
    told = _interrupted(sky, tmp_path, SETTINGS)
    assert told == [1]
    told = []
    train("is_lens", **sky, output_dir=tmp_path, progress=lambda done, *_: told.append(done), **SETTINGS | change)
    assert told == [1, 2, 3, 4]


def test_the_network_s_options_are_trained_kept_and_built_again(sky, tmp_path):
    train("is_lens", **sky, output_dir=tmp_path, **SETTINGS | {"epochs": 1, "options": {"width": 4, "depth": 1}})
    read = checkpoint.load(tmp_path)
    assert read.options == {"width": 4, "depth": 1}
    assert read.network.stem[0][0].out_channels == 4 and len(read.network.stage1) == 1


@pytest.mark.parametrize("network", ["timm:resnet10t", "timm:swin_tiny_patch4_window7_224"])
def test_a_network_of_timm_is_trained_and_read_back_as_it_was(sky, tmp_path, timm, network):
    train("is_lens", **sky, output_dir=tmp_path, count=64, **SETTINGS | {"epochs": 1, "network": network})
    images = rings.draw("test", 4)[0]
    before, after = (answers_of(checkpoint.load(tmp_path), images, all_views=False) for _ in range(2))
    assert np.isfinite(before).all() and before.std() > 0 and np.array_equal(before, after)


def test_a_training_goes_on_from_the_weights_of_another(sky, tmp_path):
    """Its stretch stays and its first epoch begins where the other ended, so that it is better than a fresh one's."""
    train("is_lens", **sky, output_dir=tmp_path / "first", **SETTINGS)
    first = checkpoint.load(tmp_path / "first")
    low = SETTINGS | {"learning_rate": 1e-7, "epochs": 1, "ema_decay": 0.0}
    train("is_lens", **sky, output_dir=tmp_path / "on", **low, start_from=tmp_path / "first")
    images = rings.draw("test", 64)[0]
    answers = [answers_of(checkpoint.load(tmp_path / name), images, all_views=False) for name in ("first", "on")]
    assert np.std(answers[0]) > 1
    # Weights hardly move in an epoch at this rate; the running statistics of the normalisations do.
    assert np.corrcoef(answers[0].ravel(), answers[1].ravel())[0, 1] > 0.99
    stretches = [checkpoint.load(tmp_path / name).input.stretch for name in ("first", "on")]
    assert stretches[0] == stretches[1] == first.input.stretch


@pytest.mark.parametrize("task", ["kind", "einstein_radius"])
def test_another_task_keeps_all_but_the_last_layer(sky, tmp_path, task):
    train("is_lens", **sky, output_dir=tmp_path / "first", **SETTINGS | {"epochs": 1})
    low = SETTINGS | {"learning_rate": 1e-7, "epochs": 1, "ema_decay": 0.0, "weight_decay": 0.0}
    train(task, **sky, output_dir=tmp_path / "on", **low, start_from=tmp_path / "first")
    first, on = (checkpoint.load(tmp_path / name).network.state_dict() for name in ("first", "on"))
    kept = [name for name in first if name.endswith("0.weight")]
    assert len(kept) > 10 and "dense.weight" not in kept
    for name in kept:
        torch.testing.assert_close(first[name], on[name], rtol=0, atol=1e-5)
    assert on["dense.weight"].shape != first["dense.weight"].shape


@pytest.mark.parametrize("change", [{"network": "cnn"}, {"options": {"width": 8}}, {"options": {"depth": 1}}])
def test_the_weights_of_another_architecture_are_refused(sky, tmp_path, change):
    train("is_lens", **sky, output_dir=tmp_path / "first", **SETTINGS | {"epochs": 1})
    with pytest.raises(InputError, match=r"train is_lens: its network is not that of .*first.*start_from"):
        train("is_lens", **sky, output_dir=tmp_path / "on", **SETTINGS | change, start_from=tmp_path / "first")
    with pytest.raises(InputError, match=r"nowhere.*no such file"):
        train("is_lens", **sky, output_dir=tmp_path / "on", **SETTINGS, start_from=tmp_path / "nowhere")


def test_the_state_of_a_training_from_other_weights_is_not_taken_over(sky, tmp_path):
    short = SETTINGS | {"epochs": 1}
    for seed in (1, 2):
        train("is_lens", **sky, output_dir=tmp_path / f"first{seed}", **short | {"seed": seed})
    histories = []
    for folder, seed in (("on", 1), ("on", 2), ("fresh", 2)):
        train("is_lens", **sky, output_dir=tmp_path / folder, **short, start_from=tmp_path / f"first{seed}")
        histories.append(history_of(tmp_path / folder))
    assert not histories[0].equals(histories[1]) and histories[1].equals(histories[2])


def test_a_flow_without_its_library_is_told(sky, tmp_path, monkeypatch):
    monkeypatch.setattr("lenspipe.tasks._heads.find_spec", lambda name: None)
    with pytest.raises(InputError, match=r"head flow: needs the library zuko.*lenspipe\[flow\]"):
        train("einstein_radius", **sky, output_dir=tmp_path, **SETTINGS, head="flow")


@pytest.mark.parametrize("head", ["mixture", "flow"])
def test_a_law_with_quantiles_measures_rings_and_is_read_back(sky, tmp_path, head):
    if head == "flow":
        pytest.importorskip("zuko")
    train("einstein_radius", **sky, output_dir=tmp_path, **SETTINGS | {"epochs": 10}, head=head)
    image, catalog = rings.draw("test", 400)
    lenses = catalog["is_lens"].to_numpy()
    model = checkpoint.load(tmp_path)
    answers = pd.DataFrame(model.task.answers(answers_of(model, image[lenses], all_views=True)))
    theta_E = catalog["theta_E"].to_numpy()[lenses]
    assert np.std(answers["theta_E_pred"] - theta_E) < 0.4 * np.std(theta_E)
    law = posterior_of(answers)
    assert 0.5 < np.mean(np.abs(law.standard(theta_E)) < 1) < 0.85
    np.testing.assert_allclose(law.mean(), answers["theta_E_pred"], rtol=1e-6)


def test_options_that_this_size_does_not_allow_are_told(sky, tmp_path):
    wrong = {"network": "vit", "options": {"heads": 5}}
    with pytest.raises(
        InputError, match=r"^train is_lens: vit of .* cannot be built .*; change train.is_lens.options$"
    ):
        train("is_lens", **sky, output_dir=tmp_path, **SETTINGS | wrong)
    assert not list(tmp_path.glob("*.json"))


def test_the_state_of_other_images_is_not_taken_over(sky, tmp_path):
    _interrupted(sky, tmp_path / "run", SETTINGS)
    store, catalog = rings.write(tmp_path, "train", 512, seed=9)
    other = {name: {**paths, "train": new} for (name, paths), new in zip(sky.items(), (store, catalog), strict=True)}
    told = []
    train("is_lens", **other, output_dir=tmp_path / "run", progress=lambda done, *_: told.append(done), **SETTINGS)
    assert told[0] == 1


@pytest.mark.parametrize("task", ["is_lens", "einstein_radius"])
def test_training_on_the_first_objects_is_training_on_a_store_of_those_alone(sky, tmp_path, task):
    image, catalog = rings.draw("train", 512)
    count = 300  # one chunk and a piece of the next
    arc_snr = np.linspace(0, 50, 512, dtype=np.float32)[:count]
    rings.write_cutouts(tmp_path / "train.zarr", image[:count], catalog["id"].to_numpy()[:count], arc_snr=arc_snr)
    store.write_table(catalog[:count], tmp_path / "train.parquet")
    paths = {"stores": tmp_path / "train.zarr", "catalogs": tmp_path / "train.parquet"}
    few = {name: {**sky[name], "train": path} for name, path in paths.items()}
    settings = SETTINGS | {"network": "cnn", "epochs": 2}
    train(task, **sky, output_dir=tmp_path / "first", count=count, **settings)
    train(task, **few, output_dir=tmp_path / "alone", **settings)
    first, alone = (files_of(tmp_path / name) for name in ("first", "alone"))
    assert {name for name in alone if first[name] != alone[name]} <= {"resume.pt"}
    train(task, **sky, output_dir=tmp_path / "all", **settings)
    assert files_of(tmp_path / "all")["history.csv"] != alone["history.csv"]


def test_more_objects_than_there_are_cannot_be_trained_on(sky, tmp_path):
    with pytest.raises(InputError, match=r"train\.zarr: holds 512 objects, 513 are to be trained on"):
        train("is_lens", **sky, output_dir=tmp_path, count=513, **SETTINGS)


def test_a_damaged_state_is_no_obstacle(sky, tmp_path):
    _interrupted(sky, tmp_path, SETTINGS)
    (tmp_path / "resume.pt").write_bytes((tmp_path / "resume.pt").read_bytes()[:1000])
    train("is_lens", **sky, output_dir=tmp_path, **SETTINGS)
    assert len(history_of(tmp_path)) == 4


def test_outputs_that_a_killed_workflow_took_back_cost_no_epoch(sky, tmp_path):
    train("is_lens", **sky, output_dir=tmp_path, **SETTINGS)
    whole = files_of(tmp_path)
    for name in whole:
        (tmp_path / name).unlink()
    told = []
    train("is_lens", **sky, output_dir=tmp_path, progress=lambda done, *_: told.append(done), **SETTINGS)
    assert told == [] and files_of(tmp_path) == whole


def _interrupted(sky, folder, settings, task="is_lens"):
    """A training that ends after its first epoch; the epochs that it told of."""
    told = []

    class StopError(Exception):
        pass

    def show(done, total, text):
        told.append(done)
        raise StopError

    with pytest.raises(StopError):
        train(task, **sky, output_dir=folder, progress=show, **settings)
    return told


FEW = SETTINGS | {"network": "cnn", "epochs": 2}


def test_kinds_are_told_apart_and_lenses_are_found_as_well(sky, tmp_path):
    train("kind", **sky, output_dir=tmp_path, **SETTINGS)
    history, model = history_of(tmp_path), checkpoint.load(tmp_path)
    assert model.task.classes == ("lens", "bright", "faint") and model.task.output_shape == (3,)
    assert history["val_auroc"].max() > 0.97 and history["val_balanced_accuracy"].max() > 0.7
    assert model.best_epoch == history["epoch"][history["val_loss"].idxmin()]
    assert (history["val_lens_loss"] < history["val_loss"]).all()


def test_the_order_of_the_catalogue_changes_nothing(sky, tmp_path):
    catalogs = {}
    for split, path in sky["catalogs"].items():
        catalogs[split] = tmp_path / path.name
        store.write_table(store.read_table(path)[::-1], catalogs[split])
    for name, given in (("as_is", sky["catalogs"]), ("turned", catalogs)):
        train("kind", **sky | {"catalogs": given}, output_dir=tmp_path / name, **FEW)
    assert files_of(tmp_path / "as_is") == files_of(tmp_path / "turned")


def test_a_training_of_kinds_goes_on_where_it_was_and_is_none_of_lenses(sky, tmp_path):
    train("kind", **sky, output_dir=tmp_path / "whole", **FEW)
    _interrupted(sky, tmp_path / "after", FEW, task="kind")
    told = []
    said = {"progress": lambda done, *_: told.append(done), "output_dir": tmp_path / "after"}
    train("kind", **sky, **said, **FEW)
    assert told == [2] and files_of(tmp_path / "after") == files_of(tmp_path / "whole")
    train("is_lens", **sky, **said, **FEW)
    assert told == [2, 1, 2] and checkpoint.load(tmp_path / "after").task_name == "is_lens"


def test_a_kind_that_validation_alone_has_is_a_non_lens_there(sky, tmp_path):
    catalog = store.read_table(sky["catalogs"]["val"])
    store.write_table(catalog.assign(kind=catalog["kind"].replace("faint", "strange")), tmp_path / "val.parquet")
    catalogs = sky["catalogs"] | {"val": tmp_path / "val.parquet"}
    train("kind", **sky | {"catalogs": catalogs}, output_dir=tmp_path / "odd", **FEW)
    train("kind", **sky, output_dir=tmp_path / "plain", **FEW)
    odd, plain = history_of(tmp_path / "odd"), history_of(tmp_path / "plain")
    assert checkpoint.load(tmp_path / "odd").task.classes == ("lens", "bright", "faint")
    assert odd["val_auroc"].tolist() == plain["val_auroc"].tolist() and (odd["val_loss"] != plain["val_loss"]).all()


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda table: table.drop(columns="kind"), r"train\.parquet: has no column 'kind'"),
        (lambda table: table.assign(kind="lens"), r"train\.parquet: object \d+ is of kind 'lens' and not a lens"),
    ],
)
def test_a_catalogue_without_kinds_is_refused_by_name(sky, tmp_path, spoil, message):
    store.write_table(spoil(store.read_table(sky["catalogs"]["train"])), tmp_path / "train.parquet")
    catalogs = sky["catalogs"] | {"train": tmp_path / "train.parquet"}
    with pytest.raises(InputError, match=message):
        train("kind", **sky | {"catalogs": catalogs}, output_dir=tmp_path, **FEW)


def test_a_catalogue_of_other_objects_is_refused(sky, tmp_path):
    swapped = sky | {"catalogs": {"train": sky["catalogs"]["val"], "val": sky["catalogs"]["val"]}}
    with pytest.raises(InputError, match=r"is not the catalogue of .*train\.zarr: 768 ids"):
        train("is_lens", **swapped, output_dir=tmp_path, **SETTINGS)


def test_validation_images_of_another_kind_are_refused(sky, tmp_path):
    store, catalog = rings.write(tmp_path, "val", 256, bands=["g", "i"])
    mixed = {
        "stores": {**sky["stores"], "val": store},
        "catalogs": {**sky["catalogs"], "val": catalog},
    }
    with pytest.raises(InputError, match=r"val\.zarr: bands g i, the network expects bands g r"):
        train("is_lens", **mixed, output_dir=tmp_path, **SETTINGS)


def test_the_callers_random_state_is_left_alone(sky, tmp_path):
    torch.manual_seed(11)
    before = torch.get_rng_state()
    train("is_lens", **sky, output_dir=tmp_path, **SETTINGS | {"epochs": 1})
    assert torch.equal(torch.get_rng_state(), before)


def test_the_images_of_another_run_with_the_same_ids_are_not_trained_on(small_run, tmp_path):
    """Two runs have the same ids; the seeing tells their skies apart, in whatever order the rows are."""
    catalog = small_run / "catalog" / "train.parquet"
    rows = store.read_table(catalog).sample(frac=1, random_state=1)
    ids = store.open_images(small_run / "images" / "train.zarr")["id"].to_numpy()
    options = {"columns": ["is_lens"]}
    store.write_table(rows, tmp_path / "shuffled.parquet")
    read_truth(tmp_path / "shuffled.parquet", small_run / "images" / "train.zarr", ids, **options)
    store.write_table(rows.assign(seeing_r=rows["seeing_r"] * 1.001), tmp_path / "other.parquet")
    with pytest.raises(InputError, match=rf"was rendered from: {len(rows)} objects have another seeing"):
        read_truth(tmp_path / "other.parquet", small_run / "images" / "train.zarr", ids, **options)


def test_a_flipped_bit_of_the_state_starts_the_training_from_the_beginning(sky, tmp_path):
    train("is_lens", **sky, output_dir=tmp_path / "a", **SETTINGS | {"epochs": 2})
    whole = (tmp_path / "a" / "resume.pt").read_bytes()
    rng = np.random.default_rng(1)
    for place in rng.integers(0, len(whole), 20):
        flipped = bytearray(whole)
        flipped[place] ^= 1 << int(rng.integers(8))
        (tmp_path / "a" / "resume.pt").write_bytes(flipped)
        assert epochs_kept(tmp_path / "a") is None
