"""The user's table: which objects there are, and what else is known of them."""

from pathlib import Path

import numpy as np
import pandas as pd
from astropy.table import Table

from lenspipe import store
from lenspipe.columns import INGESTED, PREDICTIONS
from lenspipe.errors import InputError

OURS = {column.name for column in [*INGESTED, *PREDICTIONS]} - {"id", "ra", "dec"} | {"rank"}
FITS = (".fits", ".fit", ".fits.gz")


def read_catalog(path, id_column="id"):
    """The user's table with a column ``id`` before all others.

    Parameters
    ----------
    path : path
        CSV, parquet or a FITS table (its first).
    id_column : str
        Column of whole numbers that name the objects. Without a column ``id`` the rows are counted from 0.

    Returns
    -------
    pandas.DataFrame
    notes : list of str
        What was renamed or left out.

    Raises
    ------
    InputError
        If the file cannot be read, is empty, or an id is no whole number or occurs twice.
    """
    path = Path(path)
    frame, notes = _read_fits(path) if path.name.endswith(FITS) else (store.read_table(path), [])
    frame.columns = [str(name) for name in frame.columns]
    if not len(frame):
        raise InputError(f"{path}: has no row; give it a row for each object")
    if id_column in frame:
        ids = _whole_numbers(frame.pop(id_column), f"{path}: column {id_column!r}")
    elif id_column != "id":
        raise InputError(f"{path}: has no column {id_column!r}; it has {', '.join(frame.columns)}")
    else:
        ids = np.arange(len(frame))
        notes.append(f"{path} has no column 'id': the rows are counted from 0")
    renamed = {name: f"{name}_catalog" for name in frame.columns if name in OURS or name == "id"}
    notes += [f"column {old!r} of {path} is carried along as {new!r}" for old, new in renamed.items()]
    frame = frame.rename(columns=renamed)
    frame.insert(0, "id", ids)
    return frame, notes


def bare_catalog(count):
    """A table for objects of which nothing is known: ids from 0."""
    return pd.DataFrame({"id": np.arange(count)})


def _whole_numbers(column, where):
    numbers = pd.to_numeric(column, errors="coerce").to_numpy(float)
    if not np.all(np.isfinite(numbers)) or np.any(numbers % 1):
        first = column[~np.isfinite(numbers) | (numbers % 1 != 0)].iloc[0]
        raise InputError(
            f"{where} holds {first!r}; ids are whole numbers: rename it, say to name, and rows are counted"
        )
    ids = pd.to_numeric(column).to_numpy("int64")
    if (ids < 0).any():
        raise InputError(f"{where} holds {ids.min()}; give ids from 0 up")
    values, counts = np.unique(ids, return_counts=True)
    if (counts > 1).any():
        raise InputError(f"{where} holds {values[counts > 1][0]} more than once; give every object its own")
    return ids


def _read_fits(path):
    try:
        table = Table.read(path, format="fits")
    except FileNotFoundError:
        raise InputError(f"{path}: no such file; check the path") from None
    except Exception as error:  # astropy has no common class for what can be wrong with a file
        raise InputError(f"{path}: is no readable FITS table ({type(error).__name__}); make it again") from None
    deep = [name for name in table.colnames if table[name].ndim > 1]
    table.remove_columns(deep)
    table.convert_bytestring_to_unicode()
    return table.to_pandas(), [f"column {name!r} of {path} holds arrays and is left out" for name in deep]
