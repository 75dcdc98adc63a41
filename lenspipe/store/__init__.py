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
from lenspipe.store.json_files import read_json
from lenspipe.store.lock import locked
from lenspipe.store.manifest import has_manifest, manifest_path, missing_files, read_manifest, verify, write_manifest
from lenspipe.store.reading import is_store, open_images
from lenspipe.store.table_formats import check_output, whole_ids
from lenspipe.store.tables import (
    carry_columns,
    check_columns,
    check_distinct,
    count_rows,
    read_ids,
    read_rows,
    read_table,
    read_user_table,
    write_table,
    write_tables,
)

__all__ = [
    "CHUNK",
    "Journal",
    "carry_columns",
    "check_columns",
    "check_distinct",
    "check_output",
    "count_rows",
    "create",
    "finish",
    "has_manifest",
    "is_store",
    "locked",
    "manifest_path",
    "missing_files",
    "open_cutouts",
    "open_images",
    "read_cutouts",
    "read_ids",
    "read_json",
    "read_manifest",
    "read_rows",
    "read_table",
    "read_user_table",
    "remove_chunks",
    "size_on_disk",
    "store_path",
    "verify",
    "whole_ids",
    "write_chunk",
    "write_manifest",
    "write_table",
    "write_tables",
]
