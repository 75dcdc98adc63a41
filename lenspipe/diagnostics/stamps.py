"""Stamps of some objects of a store, with what is written next to them."""

import numpy as np

from lenspipe import store
from lenspipe.errors import InputError


def read_arrays(path, ids, names):
    """Arrays of some objects.

    Parameters
    ----------
    path : path
        Of the store.
    ids : sequence of int
    names : sequence of str
        Of the store's arrays.

    Returns
    -------
    list of array [n, ...]

    Raises
    ------
    InputError
        If the store lacks an object.
    """
    images = store.open_images(path)
    place = {number: k for k, number in enumerate(images["id"].to_numpy().tolist())}
    if missing := set(ids) - set(place):
        raise InputError(f"{path}: object {min(missing)} is missing; run simulate again")
    places = np.array([place[number] for number in ids], int)
    return [images[name][places].to_numpy() for name in names]


def stamps(path, rows, *, texts, numbers):
    """What a sheet of stamps is drawn from.

    Parameters
    ----------
    path : path
        Of the store.
    rows : DataFrame [n]
        The objects, by ``id``.
    texts, numbers : sequence of str
        Columns of ``rows`` that are written next to a stamp.

    Returns
    -------
    dict of str to array [n, ...]
        ``image`` [n, band, y, x], ``band`` [band], and the columns.
    """
    (image,) = read_arrays(path, rows["id"], ["image"])
    bands = np.array([str(band) for band in store.open_images(path)["band"].values])
    columns = {name: rows[name].to_numpy().astype(str) for name in texts}
    return {"image": image, "band": bands} | columns | {name: rows[name].to_numpy() for name in numbers}
