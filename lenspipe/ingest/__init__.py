"""Cutouts of a real survey: a user's FITS files in, an image store out."""

from lenspipe.ingest.catalog import bare_catalog, read_catalog
from lenspipe.ingest.file_patterns import by_band, read_places
from lenspipe.ingest.files import count_in
from lenspipe.ingest.options import Recipe
from lenspipe.ingest.run import ingest, tables_beside
from lenspipe.ingest.summary import tell

__all__ = [
    "Recipe",
    "bare_catalog",
    "by_band",
    "count_in",
    "ingest",
    "read_catalog",
    "read_places",
    "tables_beside",
    "tell",
]
