"""Training sets that stay in their store: the same examples, in another random order, in little memory."""

import shutil

import numpy as np
import pandas as pd
import pytest
import rings
import torch
import zarr

from lenspipe import store
from lenspipe.learning import examples
from lenspipe.learning.image_input import ImageInput

RECIPE = {"network": "resnet", "options": {}, "epochs": 4, "batch_size": 32, "learning_rate": 4e-3}
RECIPE |= {"weight_decay": 1e-3, "ema_decay": 0.9, "max_shift": 1, "imperfect": 0.0, "dropout": "none"}


@pytest.fixture(scope="module")
def sky(tmp_path_factory):
    """Stores and catalogues: three chunks to train on, the last of which is not full."""
    folder = tmp_path_factory.mktemp("rings")
    stores, catalogs = {}, {}
    for split, count in (("train", 700), ("val", 256)):
        stores[split], catalogs[split] = rings.write(folder, split, count)
    return {"stores": stores, "catalogs": catalogs}


@pytest.fixture
def one_chunk_at_a_time(monkeypatch):
    monkeypatch.setattr(examples, "IN_MEMORY", 1)
    monkeypatch.setattr(examples, "WINDOW", 1)


def both(sky, target):
    """The examples in memory and in their store; the number of each is its target, NaN for one that is left out."""
    path = sky["stores"]["train"]
    dataset = store.open_images(path)
    network_input = ImageInput.fit(dataset, path)
    return [
        examples.read_examples(dataset, target, network_input, path=path, in_memory=in_memory)
        for in_memory in (True, False)
    ]


@pytest.mark.parametrize("left_out", ["none", "a third", "a whole chunk", "the first and the last"])
def test_a_pass_has_each_example_once_with_its_own_image(sky, one_chunk_at_a_time, left_out):
    number = np.arange(700, dtype=np.float32)
    gone = {"none": [], "a third": number % 3 == 0, "a whole chunk": slice(256, 512)}.get(left_out, [0, 699])
    number[gone] = np.nan
    in_memory, stored = both(sky, number)
    assert type(stored) is examples.StoredExamples
    np.testing.assert_array_equal(torch.cat(list(stored.blocks())), in_memory.images)
    np.testing.assert_array_equal(stored.ids, in_memory.ids)
    place = {int(n): k for k, n in enumerate(in_memory.target)}
    orders = []
    for seed in (1, 2):
        batches = list(stored.batches(32, torch.Generator().manual_seed(seed)))
        assert len(batches) == len(in_memory.target) // 32 and {len(target) for _, target in batches} == {32}
        order = [int(n) for _, target in batches for n in target]
        assert len(set(order)) == len(order)
        for images, target in batches:
            np.testing.assert_array_equal(images, in_memory.images[[place[int(n)] for n in target]])
        orders.append(order)
    assert orders[0] != orders[1]
    again = [int(n) for _, target in stored.batches(32, torch.Generator().manual_seed(1)) for n in target]
    assert again == orders[0]


def test_what_is_shuffled_together_comes_from_chunks_all_over_the_store(sky, monkeypatch):
    """Two of three chunks at a time: over many passes, each pair of chunks is mixed as often as any other."""
    monkeypatch.setattr(examples, "IN_MEMORY", 1)
    _, stored = both(sky, np.arange(700, dtype=np.float32))
    monkeypatch.setattr(examples, "WINDOW", 2 * store.CHUNK * stored.bytes_each)
    first = []
    for seed in range(60):
        _, target = next(stored.batches(128, torch.Generator().manual_seed(seed)))
        first.append(tuple(np.unique(target.numpy() // 256)))
    pairs = pd.Series(first).value_counts()
    assert set(pairs.index) == {(0.0, 1.0), (0.0, 2.0), (1.0, 2.0)} and pairs.min() > 8


def test_few_objects_stay_in_memory(sky, monkeypatch):
    number = np.arange(700, dtype=np.float32)
    needed = 700 * both(sky, number)[0].images[0].numel() * 2
    for limit, kind in ((needed, examples.Examples), (needed - 1, examples.StoredExamples)):
        monkeypatch.setattr(examples, "IN_MEMORY", limit)
        assert type(both(sky, number)[1]) is kind


def test_a_training_from_the_store_learns_as_well_and_goes_on_where_it_was_killed(sky, tmp_path, one_chunk_at_a_time):
    class KilledError(Exception):
        pass

    def kill(done, total, text):
        if done == 2:
            raise KilledError

    rings.train("is_lens", **sky, output_dir=tmp_path / "whole", seed=3, **RECIPE)
    history = pd.read_csv(tmp_path / "whole" / "history.csv")
    assert history["val_auroc"].max() > 0.97
    with pytest.raises(KilledError):
        rings.train("is_lens", **sky, output_dir=tmp_path / "killed", seed=3, **RECIPE, progress=kill)
    rings.train("is_lens", **sky, output_dir=tmp_path / "killed", seed=3, **RECIPE)
    for name in ("history.csv", "weights.safetensors"):
        assert (tmp_path / "whole" / name).read_bytes() == (tmp_path / "killed" / name).read_bytes()


def test_missing_pixels_are_told_once(sky, tmp_path, one_chunk_at_a_time, caplog):
    shutil.copytree(sky["stores"]["train"], tmp_path / "holes.zarr")
    images = zarr.open_array(tmp_path / "holes.zarr" / "image", mode="r+")
    images[5, 0, :2, :3] = images[600, 1, 0, 0] = np.nan
    stores = sky["stores"] | {"train": tmp_path / "holes.zarr"}
    rings.train("is_lens", stores, sky["catalogs"], tmp_path / "model", seed=1, **RECIPE | {"epochs": 2})
    assert [record.getMessage() for record in caplog.records if "missing pixels" in record.getMessage()] == [
        f"{tmp_path / 'holes.zarr'}: 7 missing pixels were taken as mean sky"
    ]
