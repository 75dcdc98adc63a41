"""Objects of a store, picked by id, as arrays and as FITS files with WCS."""

from pathlib import Path

import numpy as np
from astropy.io import fits

from lenspipe import store
from lenspipe.errors import InputError
from lenspipe.store.fits import Plane, write_stamp


def read_stamps(path, ids):
    """Objects of a store.

    Parameters
    ----------
    path : path
        A store, ours or a user's own.
    ids : sequence of int

    Returns
    -------
    dict
        ``id`` [n], ``band`` (list of str), ``image`` [n, band, y, x] in counts, ``sky_sigma`` and ``psf_fwhm``
        [n, band], NaN where the store has none, and ``pixel_scale`` (arcsec), ``zero_point``: the store's two numbers.

    Raises
    ------
    InputError
        If an id is not there.
    """
    dataset = store.open_images(path)
    for name, there in (("pixel_scale", dataset.attrs), ("magnitude_zero_point", dataset.attrs), ("band", dataset)):
        if name not in there:
            raise InputError(f"{path}: does not say its {name}; add it to the store, as the README says")
    place = {int(id): row for row, id in enumerate(dataset["id"].to_numpy())}
    if strange := [id for id in ids if id not in place]:
        raise InputError(f"{path}: holds no object {strange[0]}; take ids from its catalogue or its array id")
    rows = np.array([place[id] for id in ids], int)
    unknown = np.full((len(ids), dataset.sizes["band"]), np.nan)
    return {
        "id": np.array(ids, int),
        "band": [str(band) for band in dataset["band"].to_numpy()],
        "image": np.stack([dataset["image"][row].to_numpy() for row in rows]),
        **{name: dataset[name].to_numpy()[rows] if name in dataset else unknown for name in ("sky_sigma", "psf_fwhm")},
        "pixel_scale": float(dataset.attrs["pixel_scale"]),
        "zero_point": float(dataset.attrs["magnitude_zero_point"]),
    }


def known_of(path, ids):
    """Rows of the catalogue beside an ingested store as dicts, by id; {} for a store without one."""
    beside = store.store_path(path).with_suffix(".catalog.parquet")
    if not beside.exists():
        return {}
    table = store.read_table(beside)
    return {row["id"]: row for row in table[table["id"].isin(ids)].to_dict("records")}


def write_fits(stamps, known, folder):
    """A file ``<id>.fits`` for each object: an extension per band with its WCS, what is known in the primary header.

    Parameters
    ----------
    stamps : dict
        From ``read_stamps``.
    known : dict of int to dict
        By id; ``wcs`` in it is the text of header cards.
    folder : path

    Returns
    -------
    list of path
    """
    paths = []
    for k, id in enumerate(stamps["id"].tolist()):
        said = {"id": id} | known.get(id, {})
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
        world = fits.Header.fromstring(said.pop("wcs", "") or "")
        world["PIXSCALE"] = (stamps["pixel_scale"], "arcsec")
        write_stamp(paths[-1], said, planes, world)
    return paths
