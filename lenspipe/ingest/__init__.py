"""Cutouts of a real survey: a user's FITS files become an image store."""

from lenspipe.ingest.catalog import UserCatalog, numbered_catalog, read_catalog
from lenspipe.ingest.file_patterns import columns_in, numbers_by_band, read_file_patterns
from lenspipe.ingest.files import count_objects
from lenspipe.ingest.options import IngestOptions
from lenspipe.ingest.run import ingest, table_paths
from lenspipe.ingest.summary import summarise

__all__ = [
    "IngestOptions",
    "UserCatalog",
    "columns_in",
    "count_objects",
    "ingest",
    "numbered_catalog",
    "numbers_by_band",
    "read_catalog",
    "read_file_patterns",
    "summarise",
    "table_paths",
]
