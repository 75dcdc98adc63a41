import json
import os
import shutil
import subprocess
import warnings

import numpy as np
import pytest
import xarray as xr

from lenspipe import store
from lenspipe.errors import InputError

BANDS = ["g", "r", "i"]
LAYOUT = {"bands": BANDS, "num_pix": 17, "planes": False}
ATTRIBUTES = {"pixel_scale": 0.263, "magnitude_zero_point": 30.0, "unit": "counts"}


@pytest.fixture
def arrays():
    rng = np.random.default_rng(1)
    n = 600
    return {
        "image": rng.normal(size=(n, 3, 17, 17)).astype(np.float32),
        "sky_sigma": rng.uniform(1, 2, (n, 3)).astype(np.float32),
        "psf_fwhm": rng.uniform(0.8, 1.2, (n, 3)).astype(np.float32),
        "depth": rng.uniform(23, 25, (n, 3)).astype(np.float32),
        "forecast_snr": rng.uniform(0, 50, (n, 3)).astype(np.float32),
        "id": np.arange(n) + 10**9,
        "arc_snr": rng.uniform(0, 50, n).astype(np.float32),
    }


def write_all_chunks(path, arrays):
    """All three chunks of the store, the last one short."""
    store.create(path, len(arrays["id"]), **LAYOUT, attributes=ATTRIBUTES)
    for chunk in range(3):
        rows = slice(chunk * store.CHUNK, (chunk + 1) * store.CHUNK)
        store.write_chunk(path, chunk, {name: values[rows] for name, values in arrays.items()})
    store.finish(path)


def test_what_is_written_is_read_back_without_a_warning(tmp_path, arrays):
    path = tmp_path / "a.zarr"
    write_all_chunks(path, arrays)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        dataset = xr.open_zarr(path)
        opened = store.open_images(path).load()
    for name, values in arrays.items():
        np.testing.assert_array_equal(dataset[name].values, values)
        np.testing.assert_array_equal(opened[name].values, values)
    assert list(opened["band"].values) == BANDS
    assert opened["image"].dims == ("object", "band", "y", "x")
    assert opened.attrs == ATTRIBUTES


def test_an_unwritten_chunk_never_looks_like_data(tmp_path, arrays):
    path = tmp_path / "a.zarr"
    store.create(path, 600, **LAYOUT, attributes=ATTRIBUTES)
    store.write_chunk(path, 1, {name: values[256:512] for name, values in arrays.items()})
    store.finish(path)
    opened = store.open_images(path).load()
    assert np.isnan(opened["image"].values[:256]).all() and (opened["id"].values[512:] == -1).all()
    np.testing.assert_array_equal(opened["image"].values[256:512], arrays["image"][256:512])


def test_creating_an_existing_store_keeps_its_chunks(tmp_path, arrays):
    path = tmp_path / "a.zarr"
    write_all_chunks(path, arrays)
    store.create(path, 600, **LAYOUT, attributes=ATTRIBUTES)
    store.finish(path)
    np.testing.assert_array_equal(store.open_images(path)["image"].values, arrays["image"])


def test_removed_chunks_are_gone_and_the_other_chunks_stay(tmp_path, arrays):
    path = tmp_path / "a.zarr"
    write_all_chunks(path, arrays)
    store.remove_chunks(path, [0], first_excess=2)
    opened = store.open_images(path).load()
    written = np.isfinite(opened["image"].values).all(axis=(1, 2, 3))
    np.testing.assert_array_equal(np.flatnonzero(written), np.arange(256, 512))


def test_a_missing_store_and_one_without_images_are_named(tmp_path, arrays):
    with pytest.raises(InputError, match=r"b\.zarr: no image store"):
        store.open_images(tmp_path / "b.zarr")
    xr.Dataset({"picture": ("object", [1.0])}).to_zarr(tmp_path / "c.zarr", consolidated=False, zarr_format=3)
    with pytest.raises(InputError, match=r"c\.zarr: lacks the array image"):
        store.open_images(tmp_path / "c.zarr")
    (tmp_path / "d.zarr").mkdir()
    (tmp_path / "d.zarr" / "zarr.json").write_text("{")
    with pytest.raises(InputError, match=r"d\.zarr: is not a readable"):
        store.open_images(tmp_path / "d.zarr")


PICKLE = {"id": "pickle", "protocol": 4}
UNPICKLING = {
    "a filter": {"filters": [{"id": "vlen-utf8"}, PICKLE]},
    "the compressor": {"filters": [{"id": "vlen-utf8"}], "compressor": PICKLE},
    "a filter inside another": {"filters": [{"id": "vlen-utf8", "of": [PICKLE]}]},
}


@pytest.mark.parametrize("consolidated", [False, True])
@pytest.mark.parametrize("codecs", UNPICKLING.values(), ids=list(UNPICKLING))
def test_a_store_that_names_pickle_is_refused_before_it_is_unpickled(tmp_path, monkeypatch, codecs, consolidated):
    """Names of bands are read when a store is opened; a reader that unpickles makes the file ``owned``."""
    monkeypatch.setattr("numcodecs.pickles.ALLOW_UNSAFE_PICKLE_DECODE", True)  # as numcodecs before 0.16.6
    path = tmp_path / "hostile.zarr"
    (path / "band").mkdir(parents=True)
    array = {"zarr_format": 2, "shape": [1], "chunks": [1], "dtype": "|O", "fill_value": "", "order": "C"}
    files = {".zgroup": {"zarr_format": 2}, "band/.zarray": array | {"compressor": None} | codecs}
    files["band/.zattrs"] = {"_ARRAY_DIMENSIONS": ["band"]}
    if consolidated:
        files[".zmetadata"] = {"zarr_consolidated_format": 1, "metadata": dict(files)}
    for name, values in files.items():
        (path / name).write_text(json.dumps(values))
    (path / "band" / "0").write_bytes(f"cos\nsystem\n(S'touch {tmp_path}/owned'\ntR.".encode())
    with pytest.raises(InputError, match="names the codec pickle"):
        store.open_images(path)
    assert not (tmp_path / "owned").exists()


def test_a_store_may_be_called_pickle(tmp_path, arrays):
    path = tmp_path / "pickle.zarr"
    store.create(path, 600, **LAYOUT, attributes=ATTRIBUTES | {"id": "pickle", "name": "pickle"})
    store.finish(path)
    assert store.open_images(path).attrs["name"] == "pickle"


def test_an_unfinished_store_is_refused(tmp_path, arrays):
    path = tmp_path / "a.zarr"
    write_all_chunks(path, arrays)
    store.Journal(path, "digest").open()
    with pytest.raises(InputError, match="not finished"):
        store.open_images(path)


def test_half_written_files_of_a_killed_run_are_removed(tmp_path, arrays):
    """zarr writes 1.<id>.partial first; the temporary folder of the metadata may also be left."""
    path = tmp_path / "a.zarr"
    write_all_chunks(path, arrays)
    process = subprocess.Popen(["true"])
    process.wait()
    writer = f"{os.uname().nodename}-{process.pid}"
    leftovers = [
        path / "id/c/1.3f2a.partial",
        path / "image/c/1/0/0/0.3f2a.partial",
        tmp_path / f"a.zarr.{writer}-0a1b.draft/zarr.json",
        tmp_path / f"a.zarr.{writer}-0a1b.draft.{writer}-2c.draft/id",
    ]
    for file in leftovers:
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(b"half")
    store.remove_chunks(path, [1])
    store.write_chunk(path, 1, {name: values[256:512] for name, values in arrays.items()})
    store.finish(path)
    assert not any(file.exists() for file in leftovers)
    np.testing.assert_array_equal(store.open_images(path)["image"].values, arrays["image"])


def test_a_manifest_of_another_store_is_refused(tmp_path, arrays):
    for name, digest in (("a", "1"), ("b", "2")):
        store.create(tmp_path / f"{name}.zarr", 600, **LAYOUT, attributes=ATTRIBUTES | {"digest": digest})
        store.finish(tmp_path / f"{name}.zarr")
        store.write_manifest(tmp_path / f"{name}.zarr", digest=digest, inputs={}, shape=(600, 3, 17, 17), chunks={})
    store.open_images(tmp_path / "a.zarr")
    shutil.copy(tmp_path / "b.json", tmp_path / "a.json")
    with pytest.raises(InputError, match=r"a\.zarr: is not the store that a\.json describes"):
        store.open_images(tmp_path / "a.zarr")
