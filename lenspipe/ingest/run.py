"""The whole of ``lenspipe ingest``: users' files become an image store, its catalogue and a table of what was done."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from lenspipe import store
from lenspipe.columns import PLANES
from lenspipe.errors import InputError
from lenspipe.ingest.errors import CutoutError
from lenspipe.ingest.files import OpenFiles
from lenspipe.ingest.objects import read_object
from lenspipe.ingest.positions import position_columns, position_in, sky_position
from lenspipe.provenance import code_digest, digest_of, versions
from lenspipe.store import atomic

LIBRARIES = ("numpy", "scipy", "astropy", "zarr")


@dataclass(frozen=True)
class IngestResult:
    """The objects that were ingested, and those that were refused.

    Attributes
    ----------
    catalog : DataFrame
        Ingested objects: the user's columns and those of ``columns.INGESTED``.
    planes : DataFrame
        ``columns.PLANES``, a row an object and band.
    refused : DataFrame
        ``id`` and ``reason`` of the refused objects.
    """

    catalog: pd.DataFrame
    planes: pd.DataFrame
    refused: pd.DataFrame


def ingest(catalog, options, output, *, progress=None):
    """Write an image store from users' files; the store and its tables get their names when they are complete.

    At most 256 objects are in memory at a time.

    Parameters
    ----------
    catalog : UserCatalog
    options : IngestOptions
    output : path
        The store, ``x.zarr``. Next to it: the manifest ``x.json``, ``x.catalog.parquet``, ``x.planes.parquet`` and, if
        any object is refused, ``x.refused.csv``.
    progress : callable, optional
        Called with the number of objects done and the number of all objects.

    Returns
    -------
    IngestResult

    Raises
    ------
    InputError
        If no object can be ingested, or one of the output files exists.
    """
    output = Path(output)
    if output.suffix != ".zarr":
        raise InputError(f"--output {output}: name a store, {output.with_suffix('.zarr')}")
    with store.locked(output):
        atomic.remove_leftovers(output)
        _remove_half_named(output)
        for path in _names(output):
            if path.exists():
                raise InputError(f"{path}: already exists; remove it or name another --output")
        draft = atomic.draft_of(output)
        try:
            return _ingest(catalog, options, output, draft, progress)
        finally:
            shutil.rmtree(draft, ignore_errors=True)


def _names(output):
    return [output, store.manifest_path(output), *table_paths(output).values()]


def _mark(output):
    """A file that exists while the names are given: what has one of them without the manifest is of a killed ingest."""
    return output.with_name(f".{output.name}.naming")


def _remove_half_named(output):
    if _mark(output).exists():
        if not store.manifest_path(output).exists():
            for path in _names(output):
                shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
        _mark(output).unlink()


def table_paths(store_path):
    """Paths of the tables of the ingested store ``store_path`` (path): dict of name to path."""
    endings = {"catalog": "parquet", "planes": "parquet", "refused": "csv"}
    return {name: Path(store_path).with_suffix(f".{name}.{ending}") for name, ending in endings.items()}


def _ingest(catalog, options, output, draft, progress):
    layout = {"bands": options.bands, "num_pix": options.num_pix, "planes": False}
    store.create(draft, len(catalog.table), **layout, attributes={})
    chunks, tables, refused = {}, [], []
    for batch in _batches(catalog, options, refused, progress):
        chunk = len(chunks)
        chunks[chunk] = store.write_chunk(draft, chunk, _arrays(batch))
        tables.append((_catalog_of(batch), _planes_of(batch)))
    ingested, planes = (pd.concat(parts, ignore_index=True) for parts in zip(*tables, strict=True))
    refused = pd.DataFrame(refused, columns=["id", "reason"])
    result = IngestResult(catalog.table.merge(ingested, on="id", how="right"), planes, refused)
    inputs = {
        "recipe": options.to_dict(),
        "code": code_digest("lenspipe.ingest"),
        "versions": versions(*LIBRARIES),
        "pixels": digest_of(chunks),
    }
    # The final metadata: refused objects have no rows.
    store.create(draft, len(ingested), **layout, attributes=_attributes(options, planes, inputs))
    store.finish(draft)
    atomic.write(_mark(output), "")
    _rename(result, draft, output)
    shape = (len(ingested), len(options.bands), options.num_pix, options.num_pix)
    store.write_manifest(output, digest=digest_of(inputs), inputs=inputs, shape=shape, chunks=chunks)
    _mark(output).unlink()
    return result


def _batches(catalog, options, refused, progress):
    """Lists of (id, Cutout), a chunk each; refused objects are appended to ``refused``.

    If none of the first 256 objects can be ingested, the others are likely to fail too: the first error is raised.
    """
    batch, any_ingested, ids = [], False, catalog.table["id"].tolist()
    columns = position_columns(catalog.names)
    with OpenFiles() as files:
        for index, (id, names) in enumerate(zip(ids, catalog.names.to_dict("records"), strict=True)):
            try:
                where = {"position": position_in(names, columns), "index": index, "count": len(ids)}
                batch.append((id, read_object(files, options, names, **where)))
                any_ingested = True
            except CutoutError as reason:
                refused.append((id, str(reason)))
            if not any_ingested and len(refused) in (store.CHUNK, len(ids)):
                more = f" (none of the first {len(refused)} objects can be ingested)" * (len(refused) > 1)
                raise InputError(f"{refused[0][1]}{more}")
            if len(batch) == store.CHUNK:
                yield batch
                batch = []
            if progress:
                progress(index + 1, len(ids))
    if batch:
        yield batch


def _arrays(batch):
    """One chunk of every array of the store."""
    ids, cutouts = zip(*batch, strict=True)
    arrays = {name: np.stack([getattr(c, name) for c in cutouts]) for name in ("image", "sky_sigma", "psf_fwhm")}
    unknown = {name: np.full_like(arrays["sky_sigma"], np.nan) for name in ("depth", "forecast_snr")}
    unknown["arc_snr"] = np.full(len(ids), np.nan, np.float32)
    return arrays | unknown | {"id": np.array(ids, "int64")}


def _catalog_of(batch):
    """The columns ``columns.INGESTED``, a row an object."""
    rows = []
    for id, cutout in batch:
        num_pix = cutout.image.shape[-1]
        ra = dec = np.nan
        if cutout.wcs is not None:
            ra, dec = sky_position(cutout.wcs, (num_pix - 1) / 2, (num_pix - 1) / 2)
        text = "" if cutout.wcs is None else cutout.wcs.to_header_string(relax=True)
        missing = float(np.mean([plane["missing"] for plane in cutout.planes]))
        rows.append({"id": id, "cutout_ra": ra, "cutout_dec": dec, "missing": missing, "wcs": text})
    return pd.DataFrame(rows)


def _planes_of(batch):
    rows = [
        {"id": id} | plane | {"sky_sigma": cutout.sky_sigma[b], "psf_fwhm": cutout.psf_fwhm[b]}
        for id, cutout in batch
        for b, plane in enumerate(cutout.planes)
    ]
    return pd.DataFrame(rows)[[column.name for column in PLANES]]


def _attributes(options, planes, inputs):
    return {
        "pixel_scale": float(planes["pixel_scale"].median()),
        "magnitude_zero_point": options.survey.magnitude_zero_point,
        "unit": "counts",
        "survey": options.survey.name,
        "moffat_beta": options.survey.moffat_beta,
        "made_by": "lenspipe ingest",
        "versions": inputs["versions"],
        "digest": digest_of(inputs),
    }


def _rename(result, draft, output):
    """Write the tables and give the store its final name."""
    paths = table_paths(output)
    names = [name for name in paths if name != "refused" or len(result.refused)]
    store.write_tables([getattr(result, name) for name in names], [paths[name] for name in names])
    os.rename(draft, output)
    atomic.flush(output.parent)
