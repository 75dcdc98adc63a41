"""The user's table: the objects and their other columns."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lenspipe import store
from lenspipe.columns import INGESTED, PREDICTIONS
from lenspipe.errors import InputError

RESERVED = {column.name for column in [*INGESTED, *PREDICTIONS]} - {"id", "ra", "dec"} | {"rank"}


@dataclass(frozen=True)
class UserCatalog:
    """The user's table of objects.

    Attributes
    ----------
    table : DataFrame [n]
        ``id``, then the other columns; those that have our names are called ``<name>_catalog``.
    names : DataFrame [n]
        The same rows as the user wrote them, under the user's names of columns: for names of files.
    notes : list of str
        Which columns were renamed or left out.
    """

    table: pd.DataFrame
    names: pd.DataFrame
    notes: list


def read_catalog(path, id_column="id", as_written=()):
    """Read the user's table and put a column ``id`` first.

    Parameters
    ----------
    path : path
        Any table that ``store.read_user_table`` reads.
    id_column : str
        Column with the objects' ids, whole numbers. Without a column ``id`` rows are numbered from 0.
    as_written : sequence of str
        Columns that stay text, because names of files are made of them.

    Returns
    -------
    UserCatalog

    Raises
    ------
    InputError
        If the file cannot be read or is empty, or an id is not a whole number or occurs twice.
    """
    names, notes = store.read_user_table(path, as_written)
    frame = names.copy()
    if id_column in frame:
        ids = _distinct_ids(frame.pop(id_column), f"{path}: column {id_column!r}")
    elif id_column != "id":
        raise InputError(f"{path}: has no column {id_column!r}; choose one of {', '.join(frame.columns)}")
    else:
        ids = np.arange(len(frame))
        notes.append(f"{path} has no column 'id': rows are numbered from 0")
    frame, renamed = store.carry_columns(frame, {*RESERVED, "id"}, path)
    frame.insert(0, "id", ids)
    return UserCatalog(frame, names, notes + renamed)


def numbered_catalog(count):
    """UserCatalog of ``count`` (int) objects without a table of their own: ids from 0."""
    table = pd.DataFrame({"id": np.arange(count)})
    return UserCatalog(table, table[[]].copy(), [])


def _distinct_ids(column, where):
    ids = store.whole_ids(column, where, "rename the column, and rows are numbered")
    if (ids < 0).any():
        raise InputError(f"{where} holds {ids.min()}; ids must not be negative")
    values, counts = np.unique(ids, return_counts=True)
    if (counts > 1).any():
        raise InputError(f"{where} holds {values[counts > 1][0]} more than once; give every object a different id")
    return ids
