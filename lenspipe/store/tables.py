"""Tables on disk, and arrays for figures (npz); written completely or not at all."""

import io
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from lenspipe.columns import Column
from lenspipe.errors import InputError
from lenspipe.store import table_formats
from lenspipe.store.atomic import atomic_files, name_in_errors

ROW_GROUP = 256  # rows that can be read alone: as many as a chunk of the image store has
# Kinds of numpy's dtypes that are accepted for each column type; a list is an object.
KINDS = {"int64": "iu", "float64": "fiu", "bool": "b", "str": "OUT", "list[float64]": "O", "list[str]": "O"}


def write_table(frame, path):
    """Write ``frame`` (DataFrame) to ``path``, in the format of its ending: parquet, CSV, TSV or FITS."""
    write_tables([frame], [path])


def write_tables(tables, paths):
    """Write tables that belong together: all of them appear when the last is complete, or none does.

    Parameters
    ----------
    tables : iterable of DataFrame or of dict of str to array
        Consumed one after the other. DataFrames are written in the format of the path's ending, dicts as npz.
    paths : sequence of path
        One for each table.

    Raises
    ------
    InputError
        If an ending is not one of ``table_formats.WRITTEN``, before the first table is asked for.
    """
    for path in paths:
        if Path(path).suffix != ".npz":
            table_formats.check_output(path)
    with atomic_files(*paths) as drafts:
        for table, path, draft in zip(tables, paths, drafts, strict=True):
            with name_in_errors(path):
                _write(table, Path(path).suffix.lower(), draft)


def _write(table, ending, path):
    if isinstance(table, dict):
        file = io.BytesIO()  # on a full disk a zip file raises a second error when it is closed
        np.savez_compressed(file, **table)
        path.write_bytes(file.getbuffer())
    elif ending == ".parquet":
        pq.write_table(
            pa.Table.from_pandas(table, preserve_index=False), path, row_group_size=ROW_GROUP, write_page_checksum=True
        )
    else:
        table_formats.write(table, ending, path)


def read_table(path, columns=None):
    """Read a table: CSV and other text, parquet or FITS, as ``table_formats.read`` does.

    Parameters
    ----------
    path : path
    columns : sequence of columns.Column, optional
        Columns to read and check; all columns, unchecked, if not given.

    Returns
    -------
    DataFrame

    Raises
    ------
    InputError
        If the file cannot be read, or a column is missing or has another type.
    """
    with _readable(path):
        frame, _ = table_formats.read(path)
    if columns is None:
        return frame
    _check(frame, columns, path)
    return frame[[column.name for column in columns]]


def check_columns(path, columns):
    """Check that a parquet file has columns of the right types; only its footer is read.

    Parameters
    ----------
    path : path
    columns : sequence of columns.Column

    Raises
    ------
    InputError
        If the file cannot be read, or a column is missing or has another type.
    """
    _check(_open(path).schema_arrow.empty_table().to_pandas(), columns, path)


def _check(frame, columns, path):
    for column in columns:
        if column.name not in frame:
            present = ", ".join(map(str, frame.columns[:8]))
            raise InputError(f"{path}: has no column {column.name!r}, only {present}, ...; recreate the table")
        dtype = frame[column.name].dtype
        if dtype.kind not in KINDS[column.dtype]:
            raise InputError(f"{path}: column {column.name!r} is {dtype}, should be {column.dtype}; recreate the table")


def check_distinct(ids, path):
    """Check that no id occurs twice.

    Parameters
    ----------
    ids : array [n]
    path : path
        The file that they are from: named in the message.

    Raises
    ------
    InputError
        With the first id that occurs twice.
    """
    values, counts = np.unique(np.asarray(ids), return_counts=True)
    if (counts > 1).any():
        raise InputError(f"{path}: holds id {values[counts > 1][0]} more than once; give every object its own")


def read_ids(path):
    """The ids, int64 array [n], of the parquet file ``path``; other columns are not read, and no id may occur twice."""
    check_columns(path, [Column("id", "int64", "", "of the object")])
    with _readable(path):
        ids = pq.ParquetFile(path, page_checksum_verification=True).read(["id"])["id"].to_numpy()
    check_distinct(ids, path)
    return ids


def count_rows(path):
    """Number of rows (int) of the parquet file ``path``, from its footer."""
    return _open(path).metadata.num_rows


def read_rows(path, start, stop):
    """DataFrame of the rows ``start`` to ``stop`` (int) of the parquet file ``path``; other row groups are not read."""
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


def read_user_table(path, as_written=()):
    """Read somebody's table.

    Parameters
    ----------
    path : path
    as_written : sequence of str
        Columns whose values stay the characters that are in a text file: ``0001``.

    Returns
    -------
    DataFrame
    notes : list of str
        What was left out.

    Raises
    ------
    InputError
        If it cannot be read or has no rows.
    """
    with _readable(path):
        frame, left_out = table_formats.read(path, as_written)
    if frame.empty:
        raise InputError(f"{path}: has no rows; give a row for each object")
    return frame, [f"column {name!r} of {path} holds arrays and is left out" for name in left_out]


def carry_columns(frame, reserved, path):
    """Rename the columns of a user's table that have our names to ``<name>_catalog``.

    Parameters
    ----------
    frame : DataFrame
        From the file ``path``.
    reserved : collection of str
        Our names.
    path : path

    Returns
    -------
    DataFrame
    notes : list of str
        What was renamed.
    """
    renamed = {}
    for name in frame.columns:
        if name in reserved:
            candidates = (f"{name}_catalog{number}" for number in ("", *range(2, len(frame.columns) + 3)))
            renamed[name] = next(new for new in candidates if new not in frame)
    notes = [f"column {old!r} of {path} is renamed {new!r}" for old, new in renamed.items()]
    return frame.rename(columns=renamed), notes


@contextmanager
def _readable(path):
    """Turn every error of reading a file into an InputError that names it."""
    try:
        yield
    except FileNotFoundError:
        raise InputError(f"{path}: no such file; run the stage that writes it, or check the path") from None
    except (pa.ArrowException, EOFError, OSError, ValueError) as error:
        if isinstance(error, OSError) and error.errno:  # the machine's, not the file's
            error.filename = str(path)
            raise
        kinds = dict.fromkeys(table_formats.PARQUET, "complete parquet file") | dict.fromkeys(
            table_formats.FITS, "readable FITS table"
        )
        kind = kinds.get(Path(path).suffix.lower(), "readable table")
        reason = str(error).partition("\n")[0].removesuffix(".") or type(error).__name__
        raise InputError(f"{path}: is not a {kind} ({reason}); recreate it") from None
