"""Cutouts by id, in any order, from a store of several chunks."""

import numpy as np
import pytest

from lenspipe import store
from lenspipe.errors import InputError

COUNT = 600  # three chunks


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    path = tmp_path_factory.mktemp("cutouts") / "galaxies.zarr"
    attributes = {"pixel_scale": 0.263, "magnitude_zero_point": 30.0, "unit": "counts", "digest": "d"}
    store.create(path, COUNT, bands=["g", "r", "i"], num_pix=9, planes=False, attributes=attributes)
    ids = 5000 - 3 * np.arange(COUNT)
    chunks = {}
    for chunk in range(3):
        part = ids[chunk * 256 : (chunk + 1) * 256]
        bands = part[:, None] + np.array([0.0, 0.25, 0.5])
        image = bands[:, :, None, None] + np.arange(81).reshape(9, 9) / 1000
        arrays = {"image": image, "sky_sigma": bands, "psf_fwhm": bands / 2, "id": part, "arc_snr": part * np.nan}
        arrays |= dict.fromkeys(("depth", "forecast_snr"), bands * np.nan)
        chunks[chunk] = store.write_chunk(path, chunk, arrays)
    store.finish(path)
    store.write_manifest(path, digest="d", inputs={}, shape=(COUNT, 3, 9, 9), chunks=chunks)
    return path


def test_cutouts_are_returned_in_the_order_of_the_ids_cut_about_the_centre(path):
    ids = np.random.default_rng(1).permutation(np.repeat(5000 - 3 * np.arange(0, COUNT, 7), 2))
    read = store.read_cutouts(path, ids, bands=["i", "g"], num_pix=5)
    expected = ids[:, None, None, None] + np.array([0.5, 0.0])[:, None, None]
    expected = expected + np.arange(81).reshape(9, 9)[2:7, 2:7] / 1000
    np.testing.assert_allclose(read["image"], expected, rtol=1e-6)
    np.testing.assert_allclose(read["sky_sigma"], ids[:, None] + [0.5, 0.0])
    np.testing.assert_allclose(read["psf_fwhm"], (ids[:, None] + [0.5, 0.0]) / 2)


def test_each_chunk_is_read_once(path, monkeypatch):
    """Image by image would be 26 times as slow."""
    import xarray as xr

    read = []
    whole = xr.Dataset.isel
    monkeypatch.setattr(
        xr.Dataset, "isel", lambda self, **where: read.append(where.get("object")) or whole(self, **where)
    )
    store.read_cutouts(path, 5000 - 3 * np.arange(COUNT)[::-1], bands=["g"], num_pix=9)
    assert [part.start for part in read if part] == [0, 256, 512]


def test_an_unknown_id_is_named(path):
    for unknown in (4999, 10, 90000):
        with pytest.raises(InputError, match=rf"galaxies\.zarr: holds no cutout {unknown}"):
            store.read_cutouts(path, np.array([5000, unknown]), bands=["g"], num_pix=9)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"bands": ["g", "z"]}, "has no band z, only g r i"),
        ({"pixel_scale": 0.2}, "its pixel_scale is 0.263, the survey's 0.2"),
        ({"zero_point": 27.0}, "its magnitude_zero_point is 30.0, the survey's 27"),
        ({"num_pix": 11}, "9 x 9 pixels, which cannot be cut to 11"),
        ({"num_pix": 8}, "ingest them with --num-pix 8"),
    ],
)
def test_a_store_that_does_not_fit_is_refused(path, change, message):
    with pytest.raises(InputError, match=message):
        store.open_cutouts(path, **{"bands": ["g"], "pixel_scale": 0.263, "zero_point": 30.0, "num_pix": 9} | change)


def test_bands_are_taken_by_their_names(path):
    dataset = store.open_cutouts(path, ["r", "g"], pixel_scale=0.263, zero_point=30.0)
    assert dataset["band"].to_numpy().tolist() == ["r", "g"]
