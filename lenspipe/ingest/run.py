"""Users' files in, an image store out, with the catalogue and the table of what was done beside it."""

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
from lenspipe.ingest.files import Shelf
from lenspipe.ingest.objects import read_object
from lenspipe.provenance import code_digest, digest_of, versions

LIBRARIES = ("numpy", "scipy", "astropy", "zarr")
TAKEN = "is there already; remove it or name another --output"


@dataclass(frozen=True)
class Ingested:
    """What became of the objects.

    Attributes
    ----------
    catalog : DataFrame
        Those taken: the user's columns and ours.
    planes : DataFrame
        ``columns.PLANES`` with ``sky_sigma`` and ``psf_fwhm``, a row an object and band.
    refused : DataFrame
        ``id`` and ``reason``.
    """

    catalog: pd.DataFrame
    planes: pd.DataFrame
    refused: pd.DataFrame


def ingest(catalog, recipe, output, progress=None):
    """Make a store; it gets its name when it is whole, and so do the tables beside it.

    Memory does not grow with the pixels: 256 objects at a time.

    Parameters
    ----------
    catalog : DataFrame
        From ``read_catalog``.
    recipe : Recipe
    output : path
        x.zarr. Beside it: the manifest x.json, ``x.catalog.parquet``, ``x.planes.parquet`` and, if any object is
        refused, ``x.refused.csv``.
    progress : callable, optional
        Called with objects done and objects in all.

    Returns
    -------
    Ingested

    Raises
    ------
    InputError
        If no object can be taken, or something lies under the names already.
    """
    output = Path(output)
    if output.suffix != ".zarr":
        raise InputError(f"--output {output}: name a store, {output.with_suffix('.zarr')}")
    for path in (output, store.manifest_path(output), *tables_beside(output).values()):
        if path.exists():
            raise InputError(f"{path}: {TAKEN}")
    draft = output.with_name(f"{output.stem}.draft.zarr")
    shutil.rmtree(draft, ignore_errors=True)
    try:
        return _ingest(catalog, recipe, output, draft, progress)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def tables_beside(path):
    """Tables that belong to an ingested store: dict of name to path."""
    endings = {"catalog": "parquet", "planes": "parquet", "refused": "csv"}
    return {name: Path(path).with_suffix(f".{name}.{ending}") for name, ending in endings.items()}


def _ingest(catalog, recipe, output, draft, progress):
    layout = {"bands": recipe.bands, "num_pix": recipe.num_pix, "planes": False}
    store.create(draft, len(catalog), **layout, attributes={})
    chunks, tables, refused = {}, [], []
    for taken in _batches(catalog, recipe, refused, progress):
        chunk = len(chunks)
        chunks[chunk] = store.write_chunk(draft, chunk, _arrays(taken))
        tables.append((_catalog_of(taken), _planes_of(taken)))
    ours, planes = (pd.concat(parts, ignore_index=True) for parts in zip(*tables, strict=True))
    made = Ingested(catalog.merge(ours, on="id", how="right"), planes, pd.DataFrame(refused, columns=["id", "reason"]))
    inputs = {
        "recipe": recipe.said(),
        "code": code_digest("lenspipe.ingest"),
        "versions": versions(*LIBRARIES),
        "pixels": digest_of(chunks),
    }
    store.create(draft, len(ours), **layout, attributes=_attributes(recipe, planes, inputs))  # the refused take no room
    store.finish(draft)
    _name(made, draft, output)
    shape = (len(ours), len(recipe.bands), recipe.num_pix, recipe.num_pix)
    store.write_manifest(output, digest_of(inputs), inputs, shape, chunks)
    return made


def _batches(catalog, recipe, refused, progress):
    """Objects taken, (id, Cutout) in lists of a chunk; those refused are appended to ``refused``.

    When none of the first chunk's can be taken, something is wrong with all of them: that is told at once.
    """
    taken, any_taken = [], False
    with Shelf() as shelf:
        for index, row in enumerate(catalog.itertuples(index=False, name=None)):
            row = dict(zip(catalog.columns, row, strict=True))
            try:
                taken.append((row["id"], read_object(shelf, recipe, row, index, len(catalog))))
                any_taken = True
            except CutoutError as reason:
                refused.append((row["id"], str(reason)))
            if not any_taken and len(refused) in (store.CHUNK, len(catalog)):
                more = f" (and so on: none of the first {len(refused)} objects can be taken)" * (len(refused) > 1)
                raise InputError(f"{refused[0][1]}{more}")
            if len(taken) == store.CHUNK:
                yield taken
                taken = []
            if progress:
                progress(index + 1, len(catalog))
    if taken:
        yield taken


def _arrays(taken):
    """One chunk of every array of the store."""
    ids, cutouts = zip(*taken, strict=True)
    arrays = {name: np.stack([getattr(c, name) for c in cutouts]) for name in ("image", "sky_sigma", "psf_fwhm")}
    unknown = {name: np.full_like(arrays["sky_sigma"], np.nan) for name in ("depth", "forecast_snr")}
    unknown["arc_snr"] = np.full(len(ids), np.nan, np.float32)
    return arrays | unknown | {"id": np.array(ids, "int64")}


def _catalog_of(taken):
    """Our columns beside the user's, ``columns.INGESTED``: a row an object."""
    rows = []
    for id, cutout in taken:
        num_pix = cutout.image.shape[-1]
        ra = dec = np.nan
        if cutout.wcs is not None:
            ra, dec = map(float, cutout.wcs.pixel_to_world_values((num_pix - 1) / 2, (num_pix - 1) / 2))
        text = "" if cutout.wcs is None else cutout.wcs.to_header_string(relax=True)
        share = float(np.mean([plane["missing"] for plane in cutout.planes]))
        rows.append({"id": id, "cutout_ra": ra, "cutout_dec": dec, "missing": share, "wcs": text})
    return pd.DataFrame(rows)


def _planes_of(taken):
    rows = [
        {"id": id} | plane | {"sky_sigma": cutout.sky_sigma[b], "psf_fwhm": cutout.psf_fwhm[b]}
        for id, cutout in taken
        for b, plane in enumerate(cutout.planes)
    ]
    return pd.DataFrame(rows)[[column.name for column in PLANES]]


def _attributes(recipe, planes, inputs):
    return {
        "pixel_scale": float(planes["pixel_scale"].median()),
        "magnitude_zero_point": recipe.survey.magnitude_zero_point,
        "unit": "counts",
        "survey": recipe.survey.name,
        "moffat_beta": recipe.survey.moffat_beta,
        "made_by": "lenspipe ingest",
        "versions": inputs["versions"],
        "digest": digest_of(inputs),
    }


def _name(made, draft, output):
    """Give store and tables their names."""
    beside = tables_beside(output)
    names = [name for name in beside if name != "refused" or len(made.refused)]
    store.write_tables([getattr(made, name) for name in names], [beside[name] for name in names])
    os.rename(draft, output)
