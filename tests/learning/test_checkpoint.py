import json
import pickletools

import numpy as np
import pandas as pd
import pytest
import torch
import xarray as xr

from lenspipe.errors import InputError
from lenspipe.learning import checkpoint as ck
from lenspipe.learning.history import read_history

OTHER = "model.json: is damaged or from another version"
WIDER = {"name": "cnn", "options": {"width": 8}}
HISTORY = pd.DataFrame({"epoch": [1, 2], "train_loss": [0.7, 0.6], "val_loss": [0.69, 0.61]})

VALIDATION = ck.Validation(torch.randn(8, 5, 1), torch.randn(5))


@pytest.fixture
def folder(tmp_path, classifier):
    ck.save(tmp_path / "classifier", classifier, HISTORY, VALIDATION)
    return tmp_path / "classifier"


def test_what_it_answered_on_validation_is_read_back_and_damage_is_told(folder):
    again = ck.load_validation(folder)
    assert again.outputs.equal(VALIDATION.outputs) and again.target.equal(VALIDATION.target)
    path = folder / "validation.safetensors"
    path.write_bytes(path.read_bytes()[:-1] + b"\x11")
    with pytest.raises(InputError, match=r"validation\.safetensors"):
        ck.load_validation(folder)


def images(bands=("g", "r"), num_pix=24, **attributes):
    """A foreign store's dataset."""
    said = {"pixel_scale": 0.263, "magnitude_zero_point": 30.0, "unit": "counts"} | attributes
    data = {"image": (("object", "band", "y", "x"), np.zeros((1, len(bands), num_pix, num_pix), np.float32))}
    return xr.Dataset(data, {"band": list(bands)}, {name: value for name, value in said.items() if value is not None})


def test_what_was_saved_is_what_is_loaded(folder, classifier):
    again = ck.load(folder)
    for name, value in vars(classifier).items():
        if name != "network":
            assert getattr(again, name) == value, name
    x = torch.randn(2, 2, 24, 24)
    torch.testing.assert_close(again.network(x), classifier.network(x), rtol=0, atol=0)
    pd.testing.assert_frame_equal(read_history(folder), HISTORY)


def test_no_file_holds_pickled_code(folder):
    """A pickle is a program; the files are text, or safetensors: a length, a JSON header, numbers."""
    files = ["history.csv", "model.json", "validation.safetensors", "weights.safetensors"]
    assert sorted(path.name for path in folder.iterdir()) == files
    blob = (folder / "weights.safetensors").read_bytes()
    size = int.from_bytes(blob[:8], "little")
    header = json.loads(blob[8 : 8 + size])
    header.pop("__metadata__", None)
    assert len(blob) == 8 + size + max(tensor["data_offsets"][1] for tensor in header.values())
    with pytest.raises(ValueError):
        list(pickletools.genops(blob))


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"bands": ("g", "i")}, "bands g i, the network expects bands g r; give these bands in this order"),
        ({"bands": ("r", "g")}, "bands r g, the network expects bands g r"),
        ({"num_pix": 32}, "32 x 32 pixels, the network expects 24 x 24 pixels; cut the images to this size"),
        ({"unit": "nanomaggies"}, "unit 'nanomaggies', the network expects unit 'counts'"),
        ({"pixel_scale": 0.2}, "pixel scale 0.2 arcsec, the network expects pixel scale 0.263 arcsec"),
        ({"magnitude_zero_point": 27.0}, "zero point 27, the network expects zero point 30"),
        ({"pixel_scale": None}, "has no attribute 'pixel_scale'"),
        ({"unit": None}, "has no attribute 'unit'"),
    ],
)
def test_other_images_are_refused_saying_which(classifier, wrong, message):
    with pytest.raises(InputError) as error:
        classifier.input.check(images(**wrong), "mine.zarr")
    assert str(error.value).startswith("mine.zarr: ") and message in str(error.value)


def test_images_alike_are_taken(classifier):
    classifier.input.check(images(pixel_scale=0.2637), "mine.zarr")


def test_images_that_are_not_square_are_refused(classifier):
    with pytest.raises(InputError, match="24 x 20 pixels; cut them square"):
        classifier.input.check(images().isel(x=slice(20)), "mine.zarr")


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda f: (f / "model.json").unlink(), "model.json: no such file"),
        (lambda f: (f / "model.json").write_text("{"), "model.json: is damaged"),
        (lambda f: (f / "weights.safetensors").unlink(), "weights.safetensors: no such file"),
        (lambda f: _flip(f / "weights.safetensors"), "weights.safetensors: is damaged, or of another training"),
        (
            lambda f: _edit(f / "model.json", "network", {"name": "vgg", "options": {}}),
            "model.json: is damaged or from another version",
        ),
        (lambda f: _edit(f / "model.json", "input", {}), "model.json: is damaged or from another version"),
        (
            lambda f: _edit(f / "model.json", "task", {"name": "tarot"}),
            "model.json: is damaged or from another version",
        ),
        (
            lambda f: _edit(f / "model.json", "network", {"name": "cnn", "options": {"width": 8}}),
            "does not fit the network",
        ),
    ],
)
def test_a_damaged_checkpoint_is_named(folder, damage, message):
    damage(folder)
    with pytest.raises(InputError) as error:
        ck.load(folder)
    assert message in str(error.value) and "\n" not in str(error.value)


@pytest.mark.parametrize(
    "wrong",
    [
        {"pixel_scale": None},
        {"pixel_scale": "0.263"},
        {"pixel_scale": True},
        {"magnitude_zero_point": float("nan")},
        {"bands": [1, 2]},
        {"bands": "gr2"},
        {"bands": None},
        {"num_pix": 24.0},
        {"unit": 7},
        {"colour": "red"},
    ],
    ids=str,
)
def test_a_network_without_sound_properties_of_its_images_is_refused(folder, wrong):
    described = json.loads((folder / "model.json").read_text())["input"]
    _edit(folder / "model.json", "input", described | wrong)
    with pytest.raises(InputError, match=OTHER):
        ck.load(folder)


def test_a_history_that_was_cut_short_is_named(folder):
    (folder / "history.csv").write_text("epoch,train_loss,val_loss\n1,0.7,0.69\n")
    with pytest.raises(InputError, match=r"history\.csv: is damaged, or of another training"):
        read_history(folder)


def _flip(path):
    blob = bytearray(path.read_bytes())
    blob[-5] ^= 1
    path.write_bytes(blob)


def _edit(path, key, value):
    path.write_text(json.dumps(json.loads(path.read_text()) | {key: value}))
