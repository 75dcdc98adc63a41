"""Tables as people keep them: CSV and other text, parquet and FITS, compressed or not, recognised by their content."""

import csv
import gzip
import io
import re
import warnings
from contextlib import suppress
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from lenspipe.errors import InputError

TEXT, PARQUET, FITS = (".csv", ".tsv", ".txt", ".dat", ".ecsv"), (".parquet", ".pq"), (".fits", ".fit")
WRITTEN = (".csv", ".tsv", ".parquet", ".fits")  # endings of tables that can be written
LARGEST = 2 << 30  # bytes that a compressed table may unpack to: a small file can hold any number of zeros
EXACT = 2**53  # whole numbers above this are rounded in a float64
LARGEST_ID = 2**63 - 1
INDEX = re.compile(r"__index_level_\d+__|Unnamed: \d+|")  # names that pandas gives to an index without a name


def ending_of(path):
    """Ending of ``path``, str in lower case without ``.gz``; InputError if no table that can be read has it."""
    name = Path(path).name.lower()
    ending = Path(name.removesuffix(".gz")).suffix
    if ending not in TEXT + PARQUET + FITS:
        known = ", ".join(TEXT + PARQUET + FITS)
        raise InputError(f"{path}: {ending or 'no ending'!r} is not the ending of a table; rename it to one of {known}")
    return ending


def check_output(path):
    """Raise InputError if ``path`` does not have the ending of a table that can be written."""
    if Path(path).suffix.lower() not in WRITTEN:
        raise InputError(f"{path}: cannot write a table of this ending; choose one of {', '.join(WRITTEN)}")


def read(path, as_written=()):
    """Read a table of any of the formats.

    A named index of pandas is a column, any other is left out, and so are columns of a FITS file that hold arrays.

    Parameters
    ----------
    path : path
    as_written : sequence of str
        Columns whose values stay the characters that are in a text file: ``0001``.

    Returns
    -------
    DataFrame
        Blanks around names are stripped. Whole numbers with gaps are float64, or Int64 where that would round them.
    left_out : list of str
        Names of the columns of a FITS file that hold arrays.

    Raises
    ------
    InputError
        If the ending is unknown, or a name occurs twice.
    OSError, ValueError, pyarrow.ArrowException
        If the file cannot be read.
    """
    path = Path(path)
    ending, left_out = ending_of(path), []
    with open(path, "rb") as file:
        start = file.read(6)
    source = path
    if start.startswith(b"\x1f\x8b"):
        source = io.BytesIO(_unpacked(path))
        start = source.getvalue()[:6]
    if start.startswith(b"PAR1") or ending in PARQUET:
        frame = _from_arrow(pq.ParquetFile(source, page_checksum_verification=True).read())
    elif start.startswith(b"SIMPLE") or ending in FITS:
        frame, left_out = _read_fits(source, path)
    else:
        data = source.read_bytes() if source is path else source.getvalue()
        frame = _read_text(data, ending, as_written, path)
    frame.columns = [str(name).strip() for name in frame.columns]
    frame = frame.loc[:, [not INDEX.fullmatch(name) for name in frame.columns]]
    if twice := frame.columns[frame.columns.duplicated()].tolist():
        raise InputError(f"{path}: has the column {twice[0]!r} twice; rename one of them")
    return frame, left_out


def write(frame, ending, path):
    """Write ``frame`` (DataFrame) to the file ``path`` in the format of ``ending``, one of ``WRITTEN``."""
    if ending in (".csv", ".tsv"):
        frame.to_csv(path, index=False, sep="\t" if ending == ".tsv" else ",")
    else:
        from astropy.table import Table  # slow to import

        file = io.BytesIO()  # astropy's own message about a full disk has no error number
        Table.from_pandas(frame).write(file, format="fits")
        path.write_bytes(file.getbuffer())


def _unpacked(path):
    with gzip.open(path) as file:
        data = file.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise InputError(f"{path}: unpacks to more than {LARGEST >> 30} GiB; split it or write it as parquet")
    return data


def _from_arrow(table):
    frame = table.to_pandas(ignore_metadata=True)
    for place, column in enumerate(table.columns):
        if pa.types.is_integer(column.type) and column.null_count and _rounded(pc.max(column).as_py()):
            frame.isetitem(place, column.to_pandas(types_mapper={column.type: pd.Int64Dtype()}.get))
    return frame


def _rounded(largest):
    return largest is not None and largest > EXACT


def _read_fits(source, path):
    from astropy.io.registry import IORegistryError
    from astropy.table import Table

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about units and keywords that do not matter here
            table = Table.read(source, format="fits")
    except (KeyError, TypeError, AttributeError, IORegistryError) as error:
        raise ValueError(f"no table in it: {error}") from None
    arrays = [name for name in table.colnames if table[name].ndim > 1]
    table.remove_columns(arrays)
    table.convert_bytestring_to_unicode()
    frame = table.to_pandas()  # whole numbers with gaps become Int64
    for name in frame:
        whole = pd.api.types.is_extension_array_dtype(frame[name].dtype) and frame[name].dtype.kind in "iu"
        if whole and not _rounded(frame[name].max()):
            frame[name] = frame[name].astype(float)
        elif frame[name].dtype == object:
            frame[name] = [value.strip() if isinstance(value, str) else value for value in frame[name]]
    return frame, arrays


def _read_text(data, ending, as_written, path):
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError(f"{path}: is not text in UTF-8; save it as UTF-8, or as FITS or parquet") from None
    if "\0" in text[:4096] or not text.strip():
        raise ValueError("no table")
    first, header = _header(text)
    separator = _separator(header, ending)
    names = _split(header, separator)
    if twice := [name for name in names if names.count(name) > 1 and name]:
        raise InputError(f"{path}: has the column {twice[0]!r} twice; rename one of them")
    options = {"sep": separator, "skiprows": first, "header": None, "names": range(len(names)), "index_col": False}

    def values(**more):
        return pd.read_csv(io.StringIO(text), skipinitialspace=True, low_memory=False, **options, **more)

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)
            frame = values()
    except pd.errors.ParserWarning:
        raise InputError(f"{path}: has rows with more values than the {len(names)} names above; fix them") from None
    except pd.errors.EmptyDataError:
        frame = pd.DataFrame(columns=range(len(names)))
    rounded = [n for n in frame if frame[n].dtype == float and _rounded(frame[n].abs().max())]
    if rounded:
        exact = values(usecols=rounded, dtype="string")
        for n in rounded:
            if exact[n].dropna().str.fullmatch(r" *[+-]?\d+ *").all():
                with suppress(ValueError, OverflowError, TypeError):  # beyond int64: as rounded as it is
                    frame[n] = exact[n].str.strip().astype("Int64")
    if kept := [n for n, name in enumerate(names) if name in as_written]:
        frame[kept] = values(usecols=kept, dtype=str, keep_default_na=False).apply(lambda column: column.str.strip())
    frame.columns = names
    return frame


def _header(text):
    """Number of lines before the first row, and the line of names.

    Text tables of astropy and TOPCAT begin with lines that start with ``#``. In the former (ECSV) they are comments; in
    the latter the last one holds the names.
    """
    lines = []
    for line in io.StringIO(text):
        lines.append(line.rstrip("\r\n"))
        if line.strip() and not line.startswith("#"):
            break
    comments = [number for number, line in enumerate(lines) if line.startswith("#")]
    if not comments or lines[comments[0]].startswith("# %ECSV"):
        return len(lines), lines[-1]
    return comments[-1] + 1, lines[comments[-1]].lstrip("#").strip()


def _separator(header, ending):
    if ending == ".tsv":
        return "\t"
    for separator in (",", "\t", ";") if ending == ".csv" else ("\t", ",", ";"):
        if separator in header:
            return separator
    return "," if ending == ".csv" else r"\s+"


def _split(header, separator):
    if separator == r"\s+":
        return header.split()
    return [name.strip() for name in next(csv.reader([header], delimiter=separator, skipinitialspace=True), [])]


def whole_ids(column, where, remedy="write whole numbers"):
    """Ids as exact whole numbers.

    Parameters
    ----------
    column : Series [n]
        Whole numbers, or their text.
    where : str
        Names the column in messages.
    remedy : str
        What to do about ids that are not whole numbers.

    Returns
    -------
    int64 array [n]

    Raises
    ------
    InputError
        If one is empty, not a whole number, beyond int64, or a float above 2^53, which may have been rounded.
    """
    values = column.to_numpy()
    exact = {
        "i": lambda: True,
        "u": lambda: not values.size or values.max() <= LARGEST_ID,
        "f": lambda: bool(np.all(np.abs(values) <= EXACT) and not np.any(values % 1)),
    }
    if exact.get(values.dtype.kind, lambda: False)():
        return values.astype("int64")
    return np.array([_whole(value, where, remedy) for value in column.tolist()], "int64")


def _whole(value, where, remedy):
    if isinstance(value, float) and EXACT < abs(value) < np.inf:
        raise InputError(f"{where} holds {value!r}, a float above 2^53, which is rounded; write whole numbers")
    text = "" if pd.isna(value) else str(value).strip()
    if not re.fullmatch(r"[+-]?\d+(\.0*)?", text):
        raise InputError(f"{where} holds {text!r}; ids must be whole numbers; {remedy}")
    digits = text.partition(".")[0]
    if len(digits.lstrip("+-0")) > 19 or not -LARGEST_ID <= int(digits) <= LARGEST_ID:
        raise InputError(f"{where} holds {text[:40]}, beyond 2^63 - 1; give the objects smaller ids")
    return int(digits)
