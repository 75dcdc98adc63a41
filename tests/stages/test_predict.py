"""Scores and radii of a store, with networks that learned the toy sky."""

import json
import shutil
import warnings

import numpy as np
import pytest
import rings
import xarray as xr
import zarr
from safetensors import torch as safetensors
from scipy.special import expit
from sklearn.metrics import roc_auc_score

from lenspipe import columns, store
from lenspipe.errors import InputError
from lenspipe.learning import checkpoint
from lenspipe.learning.committee import load_committees
from lenspipe.provenance import file_sha256
from lenspipe.stages.predict import predict

SETTINGS = {"seed": 1, "network": "resnet", "options": {}, "epochs": 3, "batch_size": 32, "learning_rate": 4e-3}
SETTINGS |= {"weight_decay": 1e-3, "ema_decay": 0.9, "max_shift": 1, "imperfect": 0.0, "dropout": "none", "threads": 1}


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    stores, catalogs = {}, {}
    for split, count in (("train", 512), ("val", 256)):
        stores[split], catalogs[split] = rings.write(folder, split, count)
    for name, task in (("classifier", "is_lens"), ("regressor", "einstein_radius")):
        rings.train(task, stores, catalogs, folder / name, **SETTINGS)
    return folder


@pytest.fixture(scope="module")
def test_store(tmp_path_factory):
    return rings.write(tmp_path_factory.mktemp("sky"), "test", 300)


def run(path, models, **options):
    folders = [models / "classifier", models / "regressor"]
    return predict(path, folders, **{"batch_size": 64, "d4_average": True} | options)


def test_a_row_an_object_in_the_store_s_order_with_the_columns_of_the_vocabulary(models, test_store):
    table = run(test_store[0], models)
    assert list(table.columns) == [column.name for column in columns.PREDICTIONS]
    truth = store.read_table(test_store[1])
    np.testing.assert_array_equal(table["id"], truth["id"])
    np.testing.assert_array_equal(table["arc_snr"], np.linspace(0, 50, 300, dtype=np.float32))
    assert roc_auc_score(truth["is_lens"], table["score"]) > 0.9
    assert table["score"].between(0, 1).all() and (table["theta_E_sigma"] > 0).all()


@pytest.mark.parametrize("d4_average", [True, False])
def test_answers_do_not_depend_on_the_batch_size(models, test_store, d4_average):
    one, two = (run(test_store[0], models, batch_size=n, d4_average=d4_average) for n in (300, 7))
    for name in ("score", "theta_E_pred", "theta_E_sigma"):
        np.testing.assert_allclose(one[name], two[name], rtol=1e-5, atol=1e-6)


def test_answers_do_not_depend_on_how_an_image_is_turned(models, tmp_path):
    image, _ = rings.draw("test", 40)
    tables = []
    for name, turned in (("as_is", image), ("turned", np.rot90(image, 1, (2, 3))), ("mirrored", image[..., ::-1])):
        rings.write_cutouts(tmp_path / f"{name}.zarr", turned, np.arange(40))
        tables.append(run(tmp_path / f"{name}.zarr", models))
    for other in tables[1:]:
        np.testing.assert_allclose(other["score"], tables[0]["score"], rtol=1e-4, atol=1e-6)
        np.testing.assert_allclose(other["theta_E_pred"], tables[0]["theta_E_pred"], rtol=1e-4)


def test_a_store_that_a_stranger_made_with_xarray_is_read(models, tmp_path):
    """Image, id, band and three attributes: what the README asks for."""
    image, _ = rings.draw("test", 30)
    attributes = {"pixel_scale": 0.263, "magnitude_zero_point": 30.0, "unit": "counts"}
    rings.write_cutouts(tmp_path / "mine.zarr", image, np.arange(100, 130), attributes=attributes)
    table = run(tmp_path / "mine.zarr", models)
    assert table["id"].tolist() == list(range(100, 130))
    assert table["arc_snr"].isna().all() and table["score"].notna().all()


def test_missing_pixels_are_counted_and_cost_little(models, tmp_path, caplog):
    image, _ = rings.draw("test", 60)
    holes = image.copy()
    holes[:, :, 0, :2] = np.nan
    tables = []
    for name, pixels in (("whole", image), ("holes", holes)):
        rings.write_cutouts(tmp_path / f"{name}.zarr", pixels, np.arange(60))
        tables.append(run(tmp_path / f"{name}.zarr", models))
    assert "240 missing pixels" in caplog.text
    assert np.abs(tables[0]["score"] - tables[1]["score"]).median() < 0.02


def test_images_without_a_band_are_told(models, tmp_path, caplog):
    """A finder may take them all for lenses."""
    image, _ = rings.draw("test", 60)
    image[20:50, 1] = np.nan
    rings.write_cutouts(tmp_path / "r.zarr", image, np.arange(60))
    run(tmp_path / "r.zarr", models)
    assert "30 of 60 images have no pixel in band r; their scores mean nothing, unless" in caplog.text
    assert "in band g" not in caplog.text


@pytest.mark.parametrize(
    ("drawn", "attributes", "message"),
    [
        ({"bands": ["g", "z"]}, {}, "bands g z, the network expects bands g r"),
        ({"num_pix": 30}, {}, "30 x 30 pixels, the network expects 24 x 24 pixels"),
        ({}, {"unit": "nmgy"}, "unit 'nmgy', the network expects unit 'counts'"),
        ({}, {"pixel_scale": 0.4}, "pixel scale 0.4 arcsec, the network expects pixel scale 0.263 arcsec"),
        ({}, {"magnitude_zero_point": 22.5}, "zero point 22.5, the network expects zero point 30"),
    ],
)
def test_images_of_another_kind_are_refused_saying_which(models, tmp_path, drawn, attributes, message):
    path, _ = rings.write(tmp_path, "test", 5, rings.ATTRIBUTES | attributes, **drawn)
    with pytest.raises(InputError) as error:
        run(path, models)
    assert message in str(error.value) and str(path) in str(error.value)


def test_the_order_of_the_networks_does_not_matter(models, test_store):
    folders = [models / "regressor", models / "classifier"]
    swapped = predict(test_store[0], folders, batch_size=64, d4_average=True)
    assert swapped.equals(run(test_store[0], models))


@pytest.mark.parametrize(
    ("method", "told"),
    [
        ("other", r"again: answers 'score', and so does .*classifier; name one"),
        ("network", r"again: is the network in .*classifier once more"),
    ],
)
def test_two_networks_that_answer_the_same_are_refused(models, test_store, tmp_path, method, told):
    folder = shutil.copytree(models / "classifier", tmp_path / "again")
    model = json.loads((folder / "model.json").read_text())
    (folder / "model.json").write_text(json.dumps(model | {"method": method}))
    with pytest.raises(InputError, match=told):
        predict(test_store[0], [models / "classifier", folder], batch_size=64, d4_average=True)


def test_images_that_rank_high_get_all_views_and_the_others_two(models, tmp_path):
    """So the answers of the others do not change when an image is turned by half, and do when it is mirrored."""
    image, _ = rings.draw("test", 300)
    tables = {}
    for name, turned in (("as is", image), ("turned", np.rot90(image, 2, (2, 3))), ("mirrored", image[..., ::-1])):
        rings.write_cutouts(tmp_path / f"{name}.zarr", turned, np.arange(300))
        for share in (0.3, 1.0):
            tables[name, share] = run(tmp_path / f"{name}.zarr", models, d4_share=share)
    outputs = load_committees([models / "classifier"])[0].validations[0].outputs
    low, high = np.quantile(expit(outputs[[0, 2], :, 0].double().numpy().mean(axis=0)), [0.6, 0.8])
    score = tables["as is", 1.0]["score"].to_numpy()
    above, below = score > high, score < low  # between them, an image and its mirror image may get different views
    assert above.sum() > 30 and below.sum() > 30
    for name in ("score", "theta_E_pred", "theta_E_sigma"):
        said = {key: table[name].to_numpy() for key, table in tables.items()}
        np.testing.assert_allclose(said["turned", 0.3], said["as is", 0.3], rtol=1e-4)
        mirrored, eight = (
            np.isclose(said[other], said["as is", 0.3], rtol=1e-3, atol=1e-5)
            for other in (("mirrored", 0.3), ("as is", 1.0))
        )
        assert mirrored[above].all() and eight[above].all()
        assert not mirrored[below].all() and not eight[below].all()


def test_where_nothing_ranks_the_images_all_get_all_views(models, test_store):
    some, all_of_them = (
        predict(test_store[0], [models / "regressor"], batch_size=64, d4_average=True, d4_share=share)
        for share in (0.1, 1.0)
    )
    assert some.equals(all_of_them)


def test_one_network_answers_its_own_columns_alone(models, test_store):
    table = predict(test_store[0], [models / "regressor"], batch_size=64, d4_average=False)
    assert list(table.columns) == ["id", "theta_E_pred", "theta_E_sigma", "arc_snr"]


def test_an_image_without_a_value_is_named(models, tmp_path):
    image, _ = rings.draw("test", 8)
    image[3] = np.nan
    rings.write_cutouts(tmp_path / "s.zarr", image, np.arange(8))
    with pytest.raises(InputError, match="image of object 3 has no pixel"):
        run(tmp_path / "s.zarr", models)


def test_the_sigma_is_calibrated_for_one_view_for_two_and_for_eight(models):
    scale = checkpoint.load(models / "regressor").task.sigma_scale
    assert set(scale) == {"1", "2", "8"} and all(0.1 < factor < 10 for fitted in scale.values() for _, factor in fitted)


def changed(path, folder, change):
    """A user's store: the images of another one, changed."""
    shutil.copytree(path, folder / "user.zarr")
    group = zarr.open_group(str(folder / "user.zarr"), mode="r+", use_consolidated=False)
    group["image"][:] = change(group["image"][:])
    return folder / "user.zarr"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda image: (image - image.min()) / (image.max() - image.min()),
            "its noise is .* times that of the training",
        ),
        (lambda image: image * 10 ** (0.4 * (22.5 - 30)), r"its noise is 0\.000\d+ times that of the training images"),
        (lambda image: image + 500, r"its sky lies .* noise sigmas from that of the training images, so that"),
        (lambda image: image * 30, r"its noise is [23]\d times"),
        (lambda image: np.zeros_like(image), "all pixels of object 2000000000 are equal"),
        (
            lambda image: np.where(np.arange(len(image))[:, None, None, None] == 7, 3.0, image),
            "all pixels of object 2000000007",
        ),
        (lambda image: image - 200, r"its sky lies -.* noise sigmas from that"),
    ],
)
def test_pixels_unlike_the_training_images_are_refused(models, test_store, tmp_path, change, message):
    path = changed(test_store[0], tmp_path, change)
    with pytest.raises(InputError, match=message):
        run(path, models)


def test_the_user_can_insist(models, test_store, tmp_path, caplog):
    path = changed(test_store[0], tmp_path, lambda image: image * 30)
    assert len(run(path, models, any_pixels=True)) == 300
    assert "UNLIKE: band" in caplog.text


@pytest.mark.parametrize("factor", [0.2, 5])
def test_pixels_somewhat_unlike_are_told(models, test_store, tmp_path, caplog, factor):
    path = changed(test_store[0], tmp_path, lambda image: image * factor)
    assert len(run(path, models)) == 300
    assert "UNLIKE: band" in caplog.text and "times that of the training images" in caplog.text


def test_some_images_of_another_unit_are_told_with_the_worst(models, test_store, tmp_path, caplog):
    def few(image):
        image[[5, 250]] *= [[[[1e-3]]], [[[1e-4]]]]
        return image

    run(changed(test_store[0], tmp_path, few), models)
    assert (
        "2 of 300 images have a noise unlike that of the training images, most of all object 2000000250" in caplog.text
    )


def test_a_network_that_does_not_hold_the_sky_of_its_images_says_so(models, test_store, tmp_path, caplog):
    """As one that was trained before this was kept."""
    older = shutil.copytree(models, tmp_path / "models")
    for file in older.glob("*/model.json"):
        described = json.loads(file.read_text())
        described["input"]["sky"] = None
        file.write_text(json.dumps(described))
    run(test_store[0], older)
    assert "not compared with the training images: this network does not hold their sky" in caplog.text


def test_images_like_those_of_training_are_not_told(models, test_store, caplog):
    run(test_store[0], models)
    assert caplog.text == ""


def test_ids_beyond_int64_are_refused_as_they_are(models, test_store, tmp_path):
    path = tmp_path / "user.zarr"
    shutil.copytree(test_store[0], path)
    group = zarr.open_group(str(path), mode="r+", use_consolidated=False)
    ids = np.arange(300, dtype="uint64") + np.uint64(2**63)
    group.create_array("id", data=ids, dimension_names=["object"], overwrite=True)
    store.finish(path)
    with pytest.raises(InputError, match=f"holds id {2**63 + 299}, beyond 2"):
        run(path, models)


def test_a_store_in_zarr_s_format_2_is_read(models, test_store, tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        dataset = xr.open_zarr(test_store[0]).load()
        for name in dataset.variables:
            dataset[name].encoding.clear()
        dataset.to_zarr(tmp_path / "old.zarr", zarr_format=2)
        table = run(tmp_path / "old.zarr", models)
    np.testing.assert_array_equal(table["score"], run(test_store[0], models)["score"])


def test_weights_that_are_not_numbers_do_not_predict(models, test_store, tmp_path):
    shutil.copytree(models / "classifier", tmp_path / "classifier")
    path = tmp_path / "classifier" / "weights.safetensors"
    tensors = safetensors.load_file(path)
    next(tensor for tensor in tensors.values() if tensor.is_floating_point()).view(-1)[0] = float("nan")
    safetensors.save_file(tensors, path)
    model = tmp_path / "classifier" / "model.json"
    values = json.loads(model.read_text()) | {"weights_sha256": file_sha256(path)}
    model.write_text(json.dumps(values))
    with pytest.raises(InputError, match=r"weights\.safetensors: holds weights that are not numbers"):
        predict(test_store[0], [tmp_path / "classifier"], batch_size=64, d4_average=True)


def test_a_network_of_any_size_is_refused_before_it_takes_memory(models, test_store, tmp_path):
    shutil.copytree(models / "classifier", tmp_path / "classifier")
    model = tmp_path / "classifier" / "model.json"
    values = json.loads(model.read_text())
    values["network"]["options"] = {"width": 10**6}
    model.write_text(json.dumps(values))
    with pytest.raises(InputError, match="does not fit the network"):
        predict(test_store[0], [tmp_path / "classifier"], batch_size=64, d4_average=True)
