"""The catalogue of a store's objects, and the targets that a task makes of it."""

import numpy as np

from lenspipe import store
from lenspipe.columns import catalog_columns
from lenspipe.errors import InputError


def read_truth(catalog_path, store_path, ids, *, columns, bands=()):
    """The catalogue's rows of a store's objects, in the store's order.

    Parameters
    ----------
    catalog_path, store_path : path
    ids : array [n]
        All ids of the store.
    columns : sequence of str
        Of the catalogue, in addition to ``id``.
    bands : sequence of str
        Whose columns may be among them.

    Returns
    -------
    DataFrame [n]

    Raises
    ------
    InputError
        If catalogue and store hold different objects, or the store was rendered from another catalogue, or that lacks
        a column.
    """
    needed = [column for column in catalog_columns(bands) if column.name in ("id", *columns)]
    truth = store.read_table(catalog_path, columns=needed)
    ids = np.asarray(ids)
    for path, in_file in ((catalog_path, truth["id"].to_numpy()), (store_path, ids)):
        store.check_distinct(in_file, path)
    if set(truth["id"]) != set(ids.tolist()):
        differ = len(set(truth["id"]) ^ set(ids.tolist()))
        raise InputError(
            f"{catalog_path}: is not the catalogue of {store_path}: {differ} ids are in only one of them; "
            "simulate this catalogue or give the right one"
        )
    _check_rendered_from(truth, catalog_path, store_path)
    return truth.set_index("id", drop=False).loc[ids]


def _check_rendered_from(truth, catalog_path, store_path):
    """InputError if the images have another seeing than the catalogue's objects: ids of two runs may agree."""
    dataset = store.open_images(store_path)
    bands = [str(band) for band in dataset["band"].to_numpy()] if "psf_fwhm" in dataset and "band" in dataset else []
    columns = [column for column in catalog_columns(bands) if column.name in {f"seeing_{band}" for band in bands}]
    if not columns:
        return
    try:
        store.check_columns(catalog_path, columns)
    except InputError:
        return  # a user's catalogue, which says nothing of it
    seeing = store.read_table(catalog_path, columns).to_numpy()[np.argsort(truth["id"], kind="stable")]
    rendered = dataset["psf_fwhm"].to_numpy()[np.argsort(dataset["id"].to_numpy(), kind="stable")]
    differs = ~np.isclose(seeing, rendered, rtol=1e-5, equal_nan=True).all(axis=1)
    if differs.any():
        raise InputError(
            f"{catalog_path}: is not the catalogue that {store_path} was rendered from: {differs.sum():,} objects have "
            "another seeing; simulate this catalogue or give the right one"
        )


def targets_of(task, truth, path):
    """The task's target, float32 array [n] or [n, number]; NaN, or a NaN first, for an object that is left out.

    Parameters
    ----------
    task : Task
    truth : DataFrame [n]
        From ``read_truth``.
    path : path
        The catalogue's, for the message.

    Raises
    ------
    InputError
        If there is nothing to learn.
    """
    try:
        return task.target(truth)
    except ValueError as error:
        raise InputError(f"{path}: {error}") from None
