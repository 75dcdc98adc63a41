"""The predict stage: a store and checkpoints in, a table of what their tasks answer out."""

import logging

import numpy as np
import pandas as pd
import torch

from lenspipe.columns import PREDICTIONS
from lenspipe.learning.committee import load_committees
from lenspipe.learning.data import BLOCK
from lenspipe.learning.hardware import choose_device, keep_freed_memory
from lenspipe.learning.image_input import read_sample, sample_rows
from lenspipe.learning.inference import outputs
from lenspipe.store import check_distinct, open_images

log = logging.getLogger("lenspipe")
ID, ARC_SNR = PREDICTIONS[0], PREDICTIONS[-1]


def predict(store_path, folders, *, batch_size, d4_average, any_pixels=False, threads=None, progress=None):
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
    models = [member for committee in committees for member in committee.members]
    dataset = open_images(store_path)
    for model in models:
        model.input.check(dataset, store_path)
        model.input.place(model.network, device)
    ids, missing, blocks = dataset["id"].to_numpy(), 0, []
    check_distinct(ids, store_path)
    options = {"batch_size": batch_size, "all_views": d4_average, "device": device}
    check = models[0].input.pixel_check(store_path)
    if not any_pixels:
        sample = np.concatenate([ids[rows] for rows in sample_rows(len(ids))])
        check.refuse_others(read_sample(dataset), sample)
    for start in range(0, len(ids), BLOCK):
        row = []
        for model in models:
            images, lost = model.input.read(dataset, start, min(start + BLOCK, len(ids)), path=store_path)
            row.append(outputs(model.network, images, model.input, **options).numpy())
        check.add(dataset["image"][start : start + BLOCK].to_numpy(), ids[start : start + BLOCK])
        blocks.append(row)
        missing += lost
        if progress:
            progress(min(start + BLOCK, len(ids)), len(ids))
    if missing:
        log.warning("%s: %d missing pixels were taken as mean sky", store_path, missing)
    for line in check.unlike():
        log.warning("%s", line)
    table = {"id": ids, "arc_snr": dataset["arc_snr"].to_numpy() if "arc_snr" in dataset else np.full(len(ids), np.nan)}
    answered = (np.concatenate(parts, axis=1) for parts in zip(*blocks, strict=True))  # of one model after the other
    for committee in committees:
        table |= committee.answers(np.stack([next(answered) for _ in committee.members]))
    columns = _ordered(column for committee in committees for column in committee.columns)
    return pd.DataFrame({column.name: np.asarray(table[column.name], column.dtype) for column in columns})


def _ordered(columns):
    """The table's columns; those of ``columns.PREDICTIONS`` in the order there, additional ones behind."""
    columns = {column.name: column for column in columns}
    usual = [column for column in PREDICTIONS if column.name in columns or column in (ID, ARC_SNR)]
    return usual + [column for name, column in columns.items() if column not in PREDICTIONS]
