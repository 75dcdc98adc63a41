"""Tables on disk: parquet or CSV, and arrays for pictures (npz); written whole or not at all."""

import io
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from lenspipe.errors import InputError
from lenspipe.store.atomic import drafts_of, naming

ROW_GROUP = 256  # rows that can be read alone: a chunk of the image store
# numpy's letters of the types that will do; a list is an object
KINDS = {"int64": "iu", "float64": "fiu", "bool": "b", "str": "OUT", "list[float64]": "O", "list[str]": "O"}


def write_table(frame, path):
    """Write a frame as parquet, or as CSV if its name says so."""
    write_tables([frame], [path])


def write_tables(tables, paths):
    """Write tables that belong together: all of them get their names when the last is complete, or none does.

    Parameters
    ----------
    tables : iterable of DataFrame or of dict of str to array
        Taken one after the other; frames go to parquet or CSV, dicts to npz.
    paths : sequence of path
    """
    with drafts_of(*paths) as drafts:
        for table, path, draft in zip(tables, paths, drafts, strict=True):
            with naming(path):
                _write(table, Path(path).suffix, draft)


def _write(table, suffix, path):
    if isinstance(table, dict):
        file = io.BytesIO()  # zip files on a full disk complain a second time, when they are closed
        np.savez_compressed(file, **table)
        path.write_bytes(file.getbuffer())
    elif suffix == ".csv":
        table.to_csv(path, index=False)
    else:
        pq.write_table(
            pa.Table.from_pandas(table, preserve_index=False), path, row_group_size=ROW_GROUP, write_page_checksum=True
        )


def read_table(path, columns=None):
    """A parquet or CSV file as a frame.

    Parameters
    ----------
    path : path
    columns : sequence of columns.Column, optional
        Those that are wanted; all that there are if not given.

    Raises
    ------
    InputError
        If the file cannot be read, or lacks a column, or has another type in it; naming both.
    """
    path = Path(path)
    with _readable(path):
        frame = pd.read_csv(path) if path.suffix == ".csv" else _open(path).read().to_pandas()
    if columns is None:
        return frame
    _check(frame, columns, path)
    return frame[[column.name for column in columns]]


def check_columns(path, columns):
    """InputError if a parquet file lacks one of the columns or has another type in it; only its footer is read."""
    _check(_open(path).schema_arrow.empty_table().to_pandas(), columns, path)


def _check(frame, columns, path):
    for column in columns:
        if column.name not in frame:
            has = ", ".join(map(str, frame.columns[:8]))
            raise InputError(f"{path}: has no column {column.name!r}; it has {has}, ...; make it again")
        found = frame[column.name].dtype
        if found.kind not in KINDS[column.dtype]:
            raise InputError(f"{path}: column {column.name!r} is {found}, should be {column.dtype}; make it again")


def count_rows(path):
    """Number of rows of a parquet file, from its footer."""
    return _open(path).metadata.num_rows


def read_rows(path, start, stop):
    """Rows start to stop of a parquet file, reading only the row groups that hold them."""
    file = _open(path)
    groups, skipped, seen = [], 0, 0
    for group in range(file.num_row_groups):
        rows = file.metadata.row_group(group).num_rows
        if seen + rows <= start:
            skipped += rows
        elif seen < stop:
            groups.append(group)
        seen += rows
    with _readable(path):
        frame = file.read_row_groups(groups).to_pandas()
    return frame.iloc[start - skipped : stop - skipped].reset_index(drop=True)


def _open(path):
    with _readable(path):
        return pq.ParquetFile(path, page_checksum_verification=True)


@contextmanager
def _readable(path):
    """InputError with the file's name for all that can be wrong with its bytes."""
    try:
        yield
    except FileNotFoundError:
        raise InputError(f"{path}: no such file; run the stage before, or check the path") from None
    except (pa.ArrowException, OSError, ValueError) as error:
        kind = "complete parquet file" if Path(path).suffix == ".parquet" else "readable table"
        raise InputError(f"{path}: is no {kind} ({type(error).__name__}); make it again") from None
