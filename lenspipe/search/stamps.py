"""Stamps of selected objects: read from a store by id, written as FITS files with WCS."""

from pathlib import Path

import numpy as np
from astropy.io import fits

from lenspipe import store
from lenspipe.errors import InputError
from lenspipe.store.fits import Plane, write_stamp


def read_stamps(path, ids):
    """Read stamps from a store.

    Parameters
    ----------
    path : path
        A store, written by lenspipe or by a user.
    ids : sequence of int

    Returns
    -------
    dict
        ``id`` [n], ``band`` (list of str), ``image`` [n, band, y, x] in counts, ``sky_sigma`` and ``psf_fwhm``
        [n, band] in counts and arcsec, NaN if the store has none, ``pixel_scale`` (arcsec) and ``zero_point`` (AB mag).

    Raises
    ------
    InputError
        If an id is not in the store, or the store lacks an attribute.
    """
    dataset = store.open_images(path)
    for name in ("pixel_scale", "magnitude_zero_point", "band"):
        if name not in (dataset if name == "band" else dataset.attrs):
            raise InputError(f"{path}: has no {name}; add it to the store, as the README says")
    row_of_id = {int(id): row for row, id in enumerate(dataset["id"].to_numpy())}
    if unknown := [id for id in ids if id not in row_of_id]:
        raise InputError(f"{path}: holds no object {unknown[0]}; take ids from its catalogue or its array id")
    rows = np.array([row_of_id[id] for id in ids], int)
    nan = np.full((len(ids), dataset.sizes["band"]), np.nan)
    return {
        "id": np.array(ids, int),
        "band": [str(band) for band in dataset["band"].to_numpy()],
        "image": np.stack([dataset["image"][row].to_numpy() for row in rows]),
        **{name: dataset[name].to_numpy()[rows] if name in dataset else nan for name in ("sky_sigma", "psf_fwhm")},
        "pixel_scale": float(dataset.attrs["pixel_scale"]),
        "zero_point": float(dataset.attrs["magnitude_zero_point"]),
    }


def read_catalog_rows(path, ids):
    """Catalogue rows of the objects ``ids`` (sequence of int) of the ingested store ``path``: dict of int to dict.

    Empty for a store without a catalogue.
    """
    catalog = store.store_path(path).with_suffix(".catalog.parquet")
    if not catalog.exists():
        return {}
    table = store.read_table(catalog)
    return {row["id"]: row for row in table[table["id"].isin(ids)].to_dict("records")}


def write_fits(stamps, rows, folder):
    """Write ``<id>.fits`` for each object: an extension per band with its WCS, the table row in the primary header.

    Parameters
    ----------
    stamps : dict
        From ``read_stamps``.
    rows : dict of int to dict
        Table rows by id; their ``wcs`` holds the text of header cards.
    folder : path
        Where the files are written.

    Returns
    -------
    list of path
        The files.
    """
    paths = []
    for k, id in enumerate(stamps["id"].tolist()):
        header = {"id": id} | rows.get(id, {})
        planes = [
            Plane(
                name=f"image_{band}",
                pixels=stamps["image"][k, b],
                zero_point=stamps["zero_point"],
                sky_sigma=float(stamps["sky_sigma"][k, b]),
                seeing=float(stamps["psf_fwhm"][k, b]),
            )
            for b, band in enumerate(stamps["band"])
        ]
        paths.append(Path(folder) / f"{id}.fits")
        wcs = fits.Header.fromstring(header.pop("wcs", "") or "")
        wcs["PIXSCALE"] = (stamps["pixel_scale"], "arcsec")
        write_stamp(paths[-1], header=header, planes=planes, wcs=wcs)
    return paths
