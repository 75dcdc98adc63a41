"""The user's table: the objects and their other columns."""

from pathlib import Path

import numpy as np
import pandas as pd
from astropy.table import Table

from lenspipe import store
from lenspipe.columns import INGESTED, PREDICTIONS
from lenspipe.errors import InputError

RESERVED = {column.name for column in [*INGESTED, *PREDICTIONS]} - {"id", "ra", "dec"} | {"rank"}
FITS = (".fits", ".fit", ".fits.gz")


def read_catalog(path, id_column="id"):
    """Read the user's table and put a column ``id`` first.

    Parameters
    ----------
    path : path
        CSV, parquet or FITS file (its first table).
    id_column : str
        Column with the objects' ids, whole numbers. Without a column ``id`` rows are numbered from 0.

    Returns
    -------
    table : pandas.DataFrame
        A row an object.
    notes : list of str
        Which columns were renamed or left out.

    Raises
    ------
    InputError
        If the file cannot be read or is empty, or an id is not a whole number or occurs twice.
    """
    path = Path(path)
    frame, notes = _read_fits(path) if path.name.endswith(FITS) else (store.read_table(path), [])
    frame.columns = [str(name) for name in frame.columns]
    if not len(frame):
        raise InputError(f"{path}: has no rows; give a row for each object")
    if id_column in frame:
        ids = _whole_numbers(frame.pop(id_column), f"{path}: column {id_column!r}")
    elif id_column != "id":
        raise InputError(f"{path}: has no column {id_column!r}; choose one of {', '.join(frame.columns)}")
    else:
        ids = np.arange(len(frame))
        notes.append(f"{path} has no column 'id': rows are numbered from 0")
    renamed = {name: f"{name}_catalog" for name in frame.columns if name in RESERVED or name == "id"}
    notes += [f"column {old!r} of {path} is renamed {new!r}" for old, new in renamed.items()]
    frame = frame.rename(columns=renamed)
    frame.insert(0, "id", ids)
    return frame, notes


def numbered_catalog(count):
    """DataFrame of ``count`` (int) objects without a table of their own: ids from 0."""
    return pd.DataFrame({"id": np.arange(count)})


def _whole_numbers(column, where):
    numbers = pd.to_numeric(column, errors="coerce").to_numpy(float)
    if not np.all(np.isfinite(numbers)) or np.any(numbers % 1):
        first = column[~np.isfinite(numbers) | (numbers % 1 != 0)].iloc[0]
        raise InputError(
            f"{where} holds {first!r}; ids must be whole numbers; rename the column, and rows are numbered"
        )
    ids = pd.to_numeric(column).to_numpy("int64")
    if (ids < 0).any():
        raise InputError(f"{where} holds {ids.min()}; ids must not be negative")
    values, counts = np.unique(ids, return_counts=True)
    if (counts > 1).any():
        raise InputError(f"{where} holds {values[counts > 1][0]} more than once; give every object a different id")
    return ids


def _read_fits(path):
    try:
        table = Table.read(path, format="fits")
    except FileNotFoundError:
        raise InputError(f"{path}: no such file; check the path") from None
    except Exception as error:  # astropy's errors have no common class
        raise InputError(f"{path}: is not a readable FITS table ({type(error).__name__}); recreate it") from None
    array_columns = [name for name in table.colnames if table[name].ndim > 1]
    table.remove_columns(array_columns)
    table.convert_bytestring_to_unicode()
    return table.to_pandas(), [f"column {name!r} of {path} holds arrays and is left out" for name in array_columns]
