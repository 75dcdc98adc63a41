"""Whether a file is complete, as far as its format shows."""

import json
import struct
import zipfile
import zlib
from pathlib import Path

from lenspipe.errors import InputError
from lenspipe.store import count_rows, read_json, read_table

PNG = b"\x89PNG\r\n\x1a\n"


def is_complete(path, every_byte=False):
    """Whether the file at ``path`` (path) is complete: bool.

    Parquet has a footer; with ``every_byte`` (bool) all of its pages are read. PNG and npz have checksums of their
    parts. Safetensors holds its length. CSV, PDF and HTML have a known end.
    """
    path = Path(path)
    try:
        if path.suffix == ".parquet" and every_byte:
            read_table(path)
        return CHECKS[path.suffix](path)
    except (OSError, ValueError, struct.error, KeyError, TypeError, zlib.error, zipfile.BadZipFile, InputError):
        return False


def _parquet(path):
    return count_rows(path) >= 0


def _csv(path):
    return path.read_bytes().endswith(b"\n") and len(read_table(path).columns) > 0


def _json(path):
    return isinstance(read_json(path), dict)


def _npz(path):
    with zipfile.ZipFile(path) as file:
        return file.testzip() is None


def _png(path):
    data, at, kind = path.read_bytes(), len(PNG), None
    while at < len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        if struct.unpack_from(">I", data, at + 8 + length)[0] != zlib.crc32(data[at + 4 : at + 8 + length]):
            return False
        at += 12 + length
    return data.startswith(PNG) and kind == b"IEND"


def _safetensors(path):
    data = path.read_bytes()
    begin = 8 + struct.unpack_from("<Q", data)[0]
    tensors = json.loads(data[8:begin])
    return begin + max(tensor["data_offsets"][1] for tensor in tensors.values() if "data_offsets" in tensor) == len(
        data
    )


def _ending(suffix):
    return lambda path: path.read_bytes().rstrip().endswith(suffix)


CHECKS = {
    ".parquet": _parquet,
    ".csv": _csv,
    ".json": _json,
    ".npz": _npz,
    ".png": _png,
    ".safetensors": _safetensors,
    ".pdf": _ending(b"%%EOF"),
    ".html": _ending(b"</html>"),
}
