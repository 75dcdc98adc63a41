"""The predict stage: a store and two checkpoints in, a table of scores and Einstein radii out."""

import logging

import numpy as np
import pandas as pd
import torch

from lenspipe.columns import PREDICTIONS, kind_columns
from lenspipe.errors import InputError
from lenspipe.learning.checkpoint import load
from lenspipe.learning.data import BLOCK
from lenspipe.learning.hardware import choose_device, keep_freed_memory
from lenspipe.learning.image_spec import check_images
from lenspipe.learning.inference import outputs
from lenspipe.learning.stretch import count_missing
from lenspipe.learning.tasks import probabilities, radius, score
from lenspipe.store import open_images

log = logging.getLogger("lenspipe")


def predict(store_path, classifier_dir, regressor_dir, batch_size, d4_average, threads=None, progress=None):
    """Score the images of a store and measure their Einstein radii.

    Missing (not finite) pixels are taken as the mean of the training images; how many there were is logged. Memory does
    not grow with the number of images.

    Parameters
    ----------
    store_path : path
        Our own store or one of a user's cutouts: ``image`` and ``id`` at least.
    classifier_dir, regressor_dir : path
        Checkpoints.
    batch_size : int
        The answers do not depend on it.
    d4_average : bool
        Average over the eight rotations and mirror images: logits, radii, and variances.
    threads : int, optional
    progress : callable, optional
        Called with images done and images in all.

    Returns
    -------
    pandas.DataFrame
        Columns ``columns.PREDICTIONS``, and ``columns.kind_columns`` of a classifier that tells kinds apart; rows in
        the store's order. ``arc_snr`` is NaN if the store has none.

    Raises
    ------
    InputError
        If a file is missing or damaged, the images are not of the kind that the networks were trained on, or one of
        them is empty.
    """
    keep_freed_memory()
    if threads:
        torch.set_num_threads(threads)
    device = choose_device()
    models = [_load(classifier_dir, "classifier"), _load(regressor_dir, "regressor")]
    dataset = open_images(store_path)
    for model in models:
        check_images(model, dataset, store_path)
        model.network.to(device, memory_format=torch.channels_last)
    ids, missing, blocks = dataset["id"].to_numpy(), 0, []
    if len(np.unique(ids)) < len(ids):
        raise InputError(f"{store_path}: holds an id more than once; give every object its own")
    for start in range(0, len(ids), BLOCK):
        images = dataset["image"][start : start + BLOCK].to_numpy()
        missing += count_missing(images, ids[start : start + BLOCK], store_path)
        blocks.append([_outputs_of(model, images, batch_size, d4_average, device) for model in models])
        if progress:
            progress(min(start + BLOCK, len(ids)), len(ids))
    if missing:
        log.warning("%s: %d missing pixels were taken as mean sky", store_path, missing)
    logits, radii = (np.concatenate(views, axis=1) for views in zip(*blocks, strict=True))
    classifier, regressor = models
    theta_E, sigma = radius(radii, regressor.scaling)
    arc_snr = dataset["arc_snr"].to_numpy() if "arc_snr" in dataset else np.full(len(ids), np.nan)
    table = {
        "id": ids,
        "score": score(logits, classifier.classes),
        "theta_E_pred": theta_E,
        "theta_E_sigma": sigma * regressor.sigma_scale["d4" if d4_average else "single"],
        "arc_snr": arc_snr,
    }
    columns = [*PREDICTIONS, *kind_columns(classifier.classes)]
    if classifier.classes:
        table |= _kinds(logits, classifier.classes)
    return pd.DataFrame({column.name: np.asarray(table[column.name], column.dtype) for column in columns})


def _kinds(logits, classes):
    """Probability of each kind, and the name of the likeliest."""
    p = probabilities(logits)
    likeliest = np.array(classes)[p.argmax(axis=1)]
    return {"kind_pred": likeliest} | {f"p_{kind}": p[:, k] for k, kind in enumerate(classes)}


def _outputs_of(model, images, batch_size, d4, device):
    """A checkpoint's numbers for images [n, band, y, x] in counts: array [view, n, output]."""
    return outputs(model.network, torch.from_numpy(model.stretch(images)), batch_size, d4, device).numpy()


def _load(folder, task):
    model = load(folder)
    if model.task != task:
        raise InputError(f"{folder}: holds a {model.task} where a {task} is needed; name the folders the right way")
    return model
