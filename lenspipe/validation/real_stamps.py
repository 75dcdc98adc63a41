"""Stamps to compare: real ones from a store of cutouts, simulated ones from a run's test split."""

import logging
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lenspipe import store
from lenspipe.columns import Column
from lenspipe.errors import InputError
from lenspipe.learning.image_spec import check_images, describe_images

log = logging.getLogger("lenspipe")
KIND = "deflector"  # the simulated stamps: a galaxy and its field, nothing made to look like a lens
TOLD = [Column("id", "int64", "", ""), Column("kind", "str", "", ""), Column("is_lens", "bool", "", "")]
SCORED = [Column("id", "int64", "", ""), Column("score", "float64", "", "")]


@dataclass(frozen=True)
class Stamps:
    """Stamps of one sample.

    Attributes
    ----------
    id : int array [n]
    image : array [n, band, y, x], counts
    stored : array [n, band], counts
        Noise of the sky as the store has it; NaN where it has none.
    """

    id: np.ndarray
    image: np.ndarray
    stored: np.ndarray

    def __getitem__(self, places):
        return Stamps(self.id[places], self.image[places], self.stored[places])

    def __len__(self):
        return len(self.id)


def describe_run(run, bands):
    """What a run's images are: bands, size, scale, zero point, unit."""
    path = Path(run) / "images" / "test.zarr"
    return describe_images(store.open_images(path).sel(band=list(bands)), path)


def read_real(path, said):
    """Real stamps, with the run's bands and cut to its size.

    Larger stamps are cut about their centre as `lenspipe ingest` does. One with a missing pixel is left out: the hole
    would tell it from a simulated one.

    Parameters
    ----------
    path : path
        Of the store.
    said : dict
        From ``describe_run``.

    Raises
    ------
    InputError
        If there is no store, or it is of other bands, scale, zero point or unit, or its stamps are too small.
    """
    if not (store.store_path(path) / "zarr.json").exists():
        raise InputError(f"{path}: no image store here; make one of real cutouts with `lenspipe ingest`")
    images = store.open_images(path)
    known = [str(band) for band in images["band"].values] if "band" in images.coords else []
    if absent := [band for band in said["bands"] if band not in known]:
        raise InputError(
            f"{path}: has no band {absent[0]}, the run's are {' '.join(said['bands'])}; ingest all of them"
        )
    images = images.sel(band=list(said["bands"]))
    size = said["num_pix"]
    if min(images.sizes["y"], images.sizes["x"]) < size:
        raise InputError(f"{path}: stamps of {images.sizes['y']} pixels, the run's have {size}; give larger ones")
    y, x = ((images.sizes[axis] - size) // 2 for axis in ("y", "x"))
    images = images.isel(y=slice(y, y + size), x=slice(x, x + size))
    check_images(said, images, path)
    stamps = _read(images, slice(None))
    whole = np.isfinite(stamps.image).all(axis=(1, 2, 3))
    if not whole.all():
        log.warning("%s: %d stamps with missing pixels are left out", path, (~whole).sum())
    return stamps[whole]


def read_deflectors(run, bands):
    """The bare deflectors of a run's test split."""
    path = Path(run) / "images" / "test.zarr"
    catalog = store.read_table(Path(run) / "catalog" / "test.parquet", TOLD)
    images = store.open_images(path).sel(band=list(bands))
    wanted = np.isin(images["id"].to_numpy(), catalog.loc[catalog["kind"] == KIND, "id"])
    return _read(images, np.flatnonzero(wanted))


def read_scores(run, split):
    """Scores of a split with ``id``, ``kind``, ``is_lens``; InputError if they are of other objects."""
    catalog = Path(run) / "catalog" / f"{split}.parquet"
    predictions = Path(run) / "predictions" / "network" / f"{split}.parquet"
    objects = store.read_table(catalog, TOLD).merge(store.read_table(predictions, SCORED), on="id", how="left")
    if objects["score"].isna().any():
        raise InputError(f"{predictions}: lacks objects of {catalog}; run predict again")
    return objects


def _read(images, places):
    part = images.isel(object=places)
    ids = part["id"].to_numpy()
    stored = np.full((len(ids), images.sizes["band"]), np.nan)
    if "sky_sigma" in part:
        stored[:] = part["sky_sigma"].to_numpy()
    return Stamps(ids, part["image"].to_numpy(), stored)
