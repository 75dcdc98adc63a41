"""A toy sky for tests of learning: blobs with and without a bright ring whose radius is the truth."""

import warnings

import numpy as np
import pandas as pd
import xarray as xr

from lenspipe import store
from lenspipe.columns import IDS_PER_SPLIT, SPLITS

BANDS = ["g", "r"]
PIXEL_SCALE = 0.263
ATTRIBUTES = {"pixel_scale": PIXEL_SCALE, "magnitude_zero_point": 30.0, "unit": "counts", "survey": "toy", "seed": 1}


def draw(split, count, num_pix=24, seed=0, bands=BANDS):
    """Images [n, band, y, x] and catalogue of a split: half of the objects have a ring, others are bright or faint."""
    rng = np.random.default_rng([seed, SPLITS.index(split)])
    ids = SPLITS.index(split) * IDS_PER_SPLIT + np.arange(count)
    is_lens = rng.permutation(np.arange(count) % 2 == 0)
    theta_E = rng.uniform(0.8, 2.2, count)
    y, x = (np.indices((num_pix, num_pix)) - (num_pix - 1) / 2) * PIXEL_SCALE
    distance = np.hypot(y, x)
    height = rng.uniform(20, 60, count)
    blob = height[:, None, None] * np.exp(-((distance / 0.6) ** 2))
    ring = 12 * np.exp(-(((distance - theta_E[:, None, None]) / 0.3) ** 2)) * is_lens[:, None, None]
    image = np.stack([blob + (2 - b) * ring for b in range(len(bands))], axis=1)
    image += rng.normal(0, 5, image.shape)
    kind = np.where(is_lens, "lens", np.where(height > 40, "bright", "faint"))
    truth = {"id": ids, "kind": kind, "is_lens": is_lens, "theta_E": np.where(is_lens, theta_E, np.nan)}
    return image.astype(np.float32), pd.DataFrame(truth | {"radius": theta_E})


def write(folder, split, count, attributes=ATTRIBUTES, bands=BANDS, **drawn):
    """Store and catalogue of a split; their paths."""
    image, catalog = draw(split, count, bands=bands, **drawn)
    arc_snr = np.linspace(0, 50, count, dtype=np.float32)
    write_cutouts(folder / f"{split}.zarr", image, catalog["id"].to_numpy(), bands, attributes, arc_snr=arc_snr)
    store.write_table(catalog, folder / f"{split}.parquet")
    return folder / f"{split}.zarr", folder / f"{split}.parquet"


def write_cutouts(path, image, ids, bands=BANDS, attributes=ATTRIBUTES, **columns):
    """A store as a stranger makes it: by xarray, with what the README asks for."""
    data = {"image": (("object", "band", "y", "x"), np.ascontiguousarray(image)), "id": ("object", ids)}
    data |= {name: ("object", values) for name, values in columns.items()}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # zarr warns of strings and of consolidated metadata
        xr.Dataset(data, {"band": bands}, attributes).to_zarr(path)


def train(task, stores, catalogs, output_dir, *, seed, threads=1, count=None, progress=None, name=None, **recipe):
    """A training of this sky, under its task's name if none is given; ``recipe`` as ``learning.loop.Recipe``."""
    from lenspipe.stages.train import train

    chosen = {key: recipe.pop(key) for key in ("head", "start_from") if key in recipe}
    options = {"output_dir": output_dir, "seed": seed, "threads": threads, "count": count, "progress": progress}
    train(name or task, task, stores, catalogs, recipe=recipe, **options, **chosen)
