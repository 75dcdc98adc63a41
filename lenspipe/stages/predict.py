"""The predict stage: a store and checkpoints in, a table of what their tasks answer out."""

import logging

import numpy as np
import pandas as pd
import torch

from lenspipe.columns import ARC_SNR, PREDICTIONS
from lenspipe.learning.committee import answer, load_committees
from lenspipe.learning.examples import BLOCK
from lenspipe.learning.hardware import choose_device, keep_freed_memory
from lenspipe.learning.image_input import read_sample, sample_rows
from lenspipe.learning.stretch import count_missing
from lenspipe.store import check_distinct, open_images

log = logging.getLogger("lenspipe")
NO_BAND = "their scores mean nothing, unless the networks have learned from such images (train.<name>.imperfect)"
ID = PREDICTIONS[0]


def predict(
    store_path, folders, *, batch_size, d4_average, d4_share=1.0, any_pixels=False, threads=None, progress=None
):
    """What trained networks answer about the images of a store.

    Missing (not finite) pixels are taken as the mean of the training images; how many there were is logged. Memory does
    not grow with the number of images.

    Parameters
    ----------
    store_path : path
        A store of this pipeline or one of a user's cutouts: ``image`` and ``id`` at least.
    folders : sequence of path
        Checkpoints. Those of one task and method answer together; no two others may answer the same column.
    batch_size : int
        The answers do not depend on it.
    d4_average : bool
        Combine the eight rotations and mirror images, as each task does.
    d4_share : float
        All eight for this share of images like those of validation, those that rank highest; the others are seen
        as they are and turned by half.
    any_pixels : bool
        Answer even if the images' noise and level are nothing like those of the training images.
    threads : int, optional
    progress : callable, optional
        Called with images done and images in all.

    Returns
    -------
    pandas.DataFrame
        ``id``, the columns of the checkpoints' tasks, ``arc_snr`` (NaN if the store has none); rows in the store's
        order.

    Raises
    ------
    InputError
        If a file is missing or damaged, the images are not of the kind that the networks were trained on, or one of
        them is empty or has one value everywhere.
    """
    keep_freed_memory()
    if threads:
        torch.set_num_threads(threads)
    device = choose_device()
    committees = load_committees(folders)
    dataset = open_images(store_path)
    for committee in committees:
        committee.input.check(dataset, store_path)
    ready = [committee.on(device) for committee in committees]
    ids, missing, blocks = dataset["id"].to_numpy(), 0, []
    without = np.zeros(dataset.sizes["band"], int)  # images that have no pixel of a band
    check_distinct(ids, store_path)
    options = {"batch_size": batch_size, "d4_average": d4_average, "d4_share": d4_share, "device": device}
    check = committees[0].input.pixel_check(store_path)
    if not any_pixels:
        sample = np.concatenate([ids[rows] for rows in sample_rows(len(ids))])
        check.refuse_others(read_sample(dataset), sample)
    for start in range(0, len(ids), BLOCK):
        stop = min(start + BLOCK, len(ids))
        images = dataset["image"][start:stop].to_numpy()
        missing += count_missing(images, ids[start:stop], store_path)
        without += (~np.isfinite(images).any(axis=(2, 3))).sum(axis=0)
        blocks.append(answer(ready, images, **options))
        check.add(images, ids[start:stop])
        if progress:
            progress(stop, len(ids))
    if missing:
        log.warning("%s: %d missing pixels were taken as mean sky", store_path, missing)
    for band, count in zip(dataset["band"].values, without, strict=True):
        if count:
            log.warning("%s: %d of %d images have no pixel in band %s; %s", store_path, count, len(ids), band, NO_BAND)
    for line in check.unlike():
        log.warning("%s", line)
    table = pd.concat(blocks, ignore_index=True)
    table["id"] = ids
    table["arc_snr"] = dataset["arc_snr"].to_numpy() if "arc_snr" in dataset else np.full(len(ids), np.nan)
    columns = _ordered(column for committee in committees for column in committee.columns)
    return pd.DataFrame({column.name: np.asarray(table[column.name], column.dtype) for column in columns})


def _ordered(columns):
    """The table's columns; those of ``columns.PREDICTIONS`` in the order there, additional ones behind."""
    columns = {column.name: column for column in columns}
    usual = [column for column in PREDICTIONS if column.name in columns or column in (ID, ARC_SNR)]
    return usual + [column for name, column in columns.items() if column not in PREDICTIONS]
