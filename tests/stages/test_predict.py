"""Scores and radii of a store, with networks that learned the toy sky."""

import shutil

import numpy as np
import pytest
import rings
from sklearn.metrics import roc_auc_score

from lenspipe import columns, store
from lenspipe.errors import InputError
from lenspipe.learning import checkpoint
from lenspipe.stages.predict import predict

SETTINGS = {"seed": 1, "network": "resnet", "epochs": 3, "batch_size": 32, "learning_rate": 4e-3}
SETTINGS |= {"weight_decay": 1e-3, "ema_decay": 0.9, "max_shift": 1, "threads": 1}


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


def test_two_networks_that_answer_the_same_are_refused(models, test_store, tmp_path):
    shutil.copytree(models / "classifier", tmp_path / "again")
    folders = [models / "classifier", tmp_path / "again"]
    with pytest.raises(InputError, match=r"again: answers 'score', and so does .*classifier; name one"):
        predict(test_store[0], folders, batch_size=64, d4_average=True)


def test_one_network_answers_its_own_columns_alone(models, test_store):
    table = predict(test_store[0], [models / "regressor"], batch_size=64, d4_average=False)
    assert list(table.columns) == ["id", "theta_E_pred", "theta_E_sigma", "arc_snr"]


def test_an_image_without_a_value_is_named(models, tmp_path):
    image, _ = rings.draw("test", 8)
    image[3] = np.nan
    rings.write_cutouts(tmp_path / "s.zarr", image, np.arange(8))
    with pytest.raises(InputError, match="image of object 3 has no pixel"):
        run(tmp_path / "s.zarr", models)


def test_the_sigma_is_calibrated_for_one_view_and_for_eight(models):
    scale = checkpoint.load(models / "regressor").task.sigma_scale
    assert set(scale) == {"1", "8"} and all(0.1 < value < 10 for value in scale.values())
