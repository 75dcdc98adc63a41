"""Images and truths of a split, in memory: what a network is trained and validated on."""

import logging
from dataclasses import dataclass

import numpy as np
import torch

from lenspipe import store
from lenspipe.columns import LENS, catalog_columns
from lenspipe.errors import InputError
from lenspipe.learning.stretch import SAMPLE, count_missing, fit_stretch
from lenspipe.learning.tasks import UNKNOWN

log = logging.getLogger("lenspipe")
TRUTH = [column for column in catalog_columns([]) if column.name in ("id", "is_lens", "theta_E")]
KINDS = [column for column in catalog_columns([]) if column.name in ("id", "is_lens", "kind")]
BLOCK = 8 * store.CHUNK  # images read at once


@dataclass(frozen=True)
class Examples:
    """Stretched images with what is to be learned from them.

    Attributes
    ----------
    images : tensor [n, y, x, band]
        float16: its rounding, 5e-4, is far below the noise, and it halves the memory.
    target : tensor [n], float32
        1 and 0 for the classifier, or the number of the kind; arcsec for the regressor.
    ids : array [n]
    """

    images: torch.Tensor
    target: torch.Tensor
    ids: np.ndarray


def read_classes(catalog_path, ids):
    """Kinds of some objects of a catalogue: the lens first, the others by name, whatever their order there."""
    truth = _read_kinds(catalog_path)
    return (LENS, *sorted(set(truth[truth["id"].isin(ids)]["kind"]) - {LENS}))


def _read_kinds(path):
    """``id`` and ``kind``; every lens is of the kind ``lens`` and nothing else is."""
    truth = store.read_table(path, columns=KINDS)
    is_lens = truth["is_lens"].to_numpy(bool)
    if (wrong := ~is_lens & (truth["kind"] == LENS)).any():
        raise InputError(f"{path}: object {truth['id'][wrong].iloc[0]} is of kind {LENS!r} and no lens; mend the one")
    return truth.assign(kind=truth["kind"].astype(str).where(~is_lens, LENS))


def read_truth(catalog_path, store_path, ids, task, count=None, classes=()):
    """What is to be learned about the objects of a store, or about its first ``count``.

    Returns
    -------
    rows : array
        Which of the store's objects take part: all for the classifier, the lenses for the regressor.
    target : array, float32
        Of those.

    Raises
    ------
    InputError
        If catalogue and store are not about the same objects, or there is nothing to learn.
    """
    truth = store.read_table(catalog_path, columns=TRUTH)
    ids = np.asarray(ids)
    for path, names in ((catalog_path, truth["id"].to_numpy()), (store_path, ids)):
        if len(np.unique(names)) < len(names):
            raise InputError(f"{path}: holds an id more than once; make it again")
    if set(truth["id"]) != set(ids.tolist()):
        differ = len(set(truth["id"]) ^ set(ids.tolist()))
        raise InputError(
            f"{catalog_path}: is not the catalogue of {store_path}, {differ} ids are in one of them only; "
            "simulate from this catalogue or name the right one"
        )
    ids = ids[:count]
    truth = truth.set_index("id").loc[ids]
    is_lens = truth["is_lens"].to_numpy(bool)
    if task == "classifier":
        if is_lens.all() or not is_lens.any():
            raise InputError(f"{catalog_path}: has {is_lens.sum()} lenses of {len(ids)} objects; give it both classes")
        if classes:
            number = {kind: k for k, kind in enumerate(classes)}
            kinds = _read_kinds(catalog_path).set_index("id")["kind"].loc[ids]
            return np.arange(len(ids)), kinds.map(number).fillna(UNKNOWN).to_numpy(np.float32)
        return np.arange(len(ids)), is_lens.astype(np.float32)
    rows = np.flatnonzero(is_lens)
    target = truth["theta_E"].to_numpy(np.float32)[rows]
    if len(rows) < 2 or not np.isfinite(target).all() or not target.std() > 0:
        raise InputError(f"{catalog_path}: needs two lenses or more with differing theta_E; check is_lens and theta_E")
    return rows, target


def read_sample(dataset):
    """Some images [n, band, y, x], whole chunks evenly from the whole store."""
    chunks = -(-dataset.sizes["object"] // store.CHUNK)
    picked = np.unique(np.linspace(0, chunks - 1, min(chunks, SAMPLE // store.CHUNK)).round().astype(int))
    parts = [dataset["image"][c * store.CHUNK : (c + 1) * store.CHUNK].to_numpy() for c in picked]
    return np.concatenate(parts)


def fit_stretch_on(dataset, path):
    """Stretch fitted on some of a store's images; InputError if a band has none."""
    sample = read_sample(dataset)
    empty = ~np.isfinite(sample).any(axis=(0, 2, 3))
    if empty.any():
        band = dataset["band"].values[np.argmax(empty)]
        raise InputError(f"{path}: band {band} has no pixel with a value; make the store again or leave the band out")
    return fit_stretch(sample)


def read_examples(dataset, path, catalog_path, task, stretch, count=None, classes=()):
    """Read a split, block by block.

    Parameters
    ----------
    dataset : xarray.Dataset
        From ``store.open_images(path)``.
    path, catalog_path : path
    task : str
    stretch : Stretch
    count : int, optional
        Read the first so many objects; all if not given.
    classes : sequence of str
        Kinds that the classifier is to tell apart.

    Returns
    -------
    Examples
    """
    ids = dataset["id"].to_numpy()
    rows, target = read_truth(catalog_path, path, ids, task, count, classes)
    ids = ids[:count]
    sizes = dataset.sizes
    images = torch.empty((len(rows), sizes["y"], sizes["x"], sizes["band"]), dtype=torch.float16)
    filled = missing = 0
    for start in range(0, len(ids), BLOCK):
        inside = rows[(rows >= start) & (rows < start + BLOCK)]
        block = dataset["image"][start : min(start + BLOCK, len(ids))].to_numpy()[inside - start]
        missing += count_missing(block, ids[inside], path)
        images[filled : filled + len(inside)] = torch.from_numpy(stretch(block)).permute(0, 2, 3, 1)
        filled += len(inside)
    if missing:
        log.warning("%s: %d missing pixels were taken as mean sky", path, missing)
    return Examples(images, torch.from_numpy(target), ids[rows])
