"""Tables on disk: parquet or CSV, and arrays for pictures (npz); written whole or not at all."""

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from lenspipe.errors import InputError

ROW_GROUP = 256  # rows that can be read alone: a chunk of the image store


def write_table(frame, path):
    """Write a frame as parquet, or as CSV if its name says so, under its final name only when it is complete."""
    path, draft = _draft(path)
    if path.suffix == ".csv":
        frame.to_csv(draft, index=False)
    else:
        pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), draft, row_group_size=ROW_GROUP)
    os.replace(draft, path)


def write_arrays(path, **arrays):
    """Write named arrays as npz, under its final name only when it is complete."""
    path, draft = _draft(path)
    with open(draft, "wb") as file:
        np.savez_compressed(file, **arrays)
    os.replace(draft, path)


def _draft(path):
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    return path, path.with_name(path.name + ".draft")


def read_table(path, columns=None):
    """A parquet or CSV file as a frame; InputError that names it if it cannot be read or lacks a column."""
    path = Path(path)
    try:
        frame = pd.read_csv(path) if path.suffix == ".csv" else _open(path).read().to_pandas()
    except (pa.ArrowInvalid, pa.ArrowIOError, ValueError) as error:
        raise InputError(f"{path}: is no readable table ({type(error).__name__}); make it again") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror or error}); check the path") from None
    for column in columns or ():
        if column not in frame:
            raise InputError(f"{path}: has no column {column!r}; it has {', '.join(map(str, frame.columns[:8]))}, ...")
    return frame if columns is None else frame[list(columns)]


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
    frame = file.read_row_groups(groups).to_pandas()
    return frame.iloc[start - skipped : stop - skipped].reset_index(drop=True)


def _open(path):
    try:
        return pq.ParquetFile(path)
    except (pa.ArrowInvalid, pa.ArrowIOError) as error:
        if isinstance(error, FileNotFoundError):
            raise InputError(f"{path}: no such file; run the stage before, or check the path") from None
        raise InputError(f"{path}: is no complete parquet file; make it again") from None
