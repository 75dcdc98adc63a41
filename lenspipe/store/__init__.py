"""Files between the stages: image stores (zarr), their journals and manifests, tables (parquet)."""

from lenspipe.store.cutouts import open_cutouts, read_cutouts
from lenspipe.store.images import (
    CHUNK,
    create,
    finish,
    remove_chunks,
    size_on_disk,
    store_path,
    write_chunk,
)
from lenspipe.store.journal import Journal
from lenspipe.store.manifest import manifest_path, missing_files, read_manifest, verify, write_manifest
from lenspipe.store.reading import open_images
from lenspipe.store.tables import check_columns, count_rows, read_rows, read_table, write_table, write_tables

__all__ = [
    "CHUNK",
    "Journal",
    "check_columns",
    "count_rows",
    "create",
    "finish",
    "manifest_path",
    "missing_files",
    "open_cutouts",
    "open_images",
    "read_cutouts",
    "read_manifest",
    "read_rows",
    "read_table",
    "remove_chunks",
    "size_on_disk",
    "store_path",
    "verify",
    "write_chunk",
    "write_manifest",
    "write_table",
    "write_tables",
]
