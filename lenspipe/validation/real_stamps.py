"""Reading the stamps to compare: real ones from a store of cutouts, simulated ones from a run's test split."""

import logging
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lenspipe import store
from lenspipe.columns import Column
from lenspipe.errors import InputError
from lenspipe.learning.image_spec import read_image_spec

log = logging.getLogger("lenspipe")
KIND = "deflector"  # kind of the simulated stamps: a galaxy and its field, without any imitation of a lens
OBJECT_COLUMNS = [Column("id", "int64", "", ""), Column("kind", "str", "", ""), Column("is_lens", "bool", "", "")]
SCORE_COLUMNS = [Column("id", "int64", "", ""), Column("score", "float64", "", "")]


@dataclass(frozen=True)
class Stamps:
    """Stamps of one sample.

    Attributes
    ----------
    id : int array [n]
    image : array [n, band, y, x], counts
    sky_sigma : array [n, band], counts
        Noise of the sky according to the store; NaN if the store has none.
    """

    id: np.ndarray
    image: np.ndarray
    sky_sigma: np.ndarray

    def __getitem__(self, index):
        return Stamps(self.id[index], self.image[index], self.sky_sigma[index])

    def __len__(self):
        return len(self.id)


def run_image_spec(run, bands):
    """Specification (dict) of the images of ``run`` (path) in ``bands`` (sequence of str): size, pixel scale, unit ...

    See ``learning.image_spec.read_image_spec``.
    """
    path = Path(run) / "images" / "test.zarr"
    return read_image_spec(store.open_images(path).sel(band=list(bands)), path)


def read_real_stamps(path, image_spec):
    """Read real stamps in the run's bands, cut to the run's size.

    Larger stamps are cut about their centre as `lenspipe ingest` does. Stamps with missing pixels are left out, because
    simulated stamps have none.

    Parameters
    ----------
    path : path
        The store.
    image_spec : ImageSpec
        From ``run_image_spec``.

    Returns
    -------
    Stamps

    Raises
    ------
    InputError
        If there is no store, or its bands, pixel scale, zero point or unit differ, or its stamps are too small.
    """
    if not store.is_store(store.store_path(path)):
        raise InputError(f"{path}: no image store here; make one of real cutouts with `lenspipe ingest`")
    images = store.open_images(path)
    bands = image_spec.bands
    stored_bands = [str(band) for band in images["band"].values] if "band" in images.coords else []
    if missing := [band for band in bands if band not in stored_bands]:
        raise InputError(f"{path}: has no band {missing[0]}, the run's are {' '.join(bands)}; ingest all of them")
    images = images.sel(band=list(bands))
    size = image_spec.num_pix
    if min(images.sizes["y"], images.sizes["x"]) < size:
        raise InputError(f"{path}: stamps of {images.sizes['y']} pixels, the run's have {size}; give larger ones")
    y, x = ((images.sizes[axis] - size) // 2 for axis in ("y", "x"))
    images = images.isel(y=slice(y, y + size), x=slice(x, x + size))
    image_spec.check(images, path)
    stamps = _read(images, slice(None))
    complete = np.isfinite(stamps.image).all(axis=(1, 2, 3))
    if not complete.all():
        log.warning("%s: %d stamps with missing pixels are left out", path, (~complete).sum())
    return stamps[complete]


def read_deflectors(run, bands):
    """Stamps of the deflectors without an arc, from the test split of ``run`` (path) in ``bands`` (sequence of str)."""
    path = Path(run) / "images" / "test.zarr"
    catalog = store.read_table(Path(run) / "catalog" / "test.parquet", OBJECT_COLUMNS)
    images = store.open_images(path).sel(band=list(bands))
    is_deflector = np.isin(images["id"].to_numpy(), catalog.loc[catalog["kind"] == KIND, "id"])
    return _read(images, np.flatnonzero(is_deflector))


def read_scores(run, split):
    """Read the scores of a split.

    Parameters
    ----------
    run : path
        Folder of the run.
    split : str

    Returns
    -------
    DataFrame
        ``id``, ``kind``, ``is_lens``, ``score``.

    Raises
    ------
    InputError
        If an object of the catalogue has no score.
    """
    catalog, predictions = (Path(run) / folder / f"{split}.parquet" for folder in ("catalog", "predictions/network"))
    objects = store.read_table(catalog, OBJECT_COLUMNS).merge(
        store.read_table(predictions, SCORE_COLUMNS), on="id", how="left"
    )
    if objects["score"].isna().any():
        raise InputError(f"{predictions}: lacks objects of {catalog}; rerun predict")
    return objects


def _read(images, index):
    part = images.isel(object=index)
    ids = part["id"].to_numpy()
    sky_sigma = np.full((len(ids), images.sizes["band"]), np.nan)
    if "sky_sigma" in part:
        sky_sigma[:] = part["sky_sigma"].to_numpy()
    return Stamps(ids, part["image"].to_numpy(), sky_sigma)
