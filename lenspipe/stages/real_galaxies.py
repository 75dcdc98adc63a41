"""Real galaxies that objects are painted on: read from a store of cutouts, measured, distributed over the splits."""

from hashlib import sha256

import numpy as np
import pandas as pd

from lenspipe import store
from lenspipe.errors import InputError
from lenspipe.population.real_galaxies import can_lens, measure_galaxies, split_galaxies

FROM_CATALOG = ("z_lens", "sigma_v")  # properties of a galaxy that its pixels do not show


def share_galaxies(path, *, bands, priors, counts, seed, notify=None):
    """Select the galaxies of a store that can be used, and distribute them over the splits.

    Parameters
    ----------
    path : path
        Image store of real cutouts.
    bands : sequence of str
    priors : Priors
    counts : dict of str to int
        Number of objects of each split.
    seed : int
    notify : callable, optional
        Called with a line of text about the galaxies that are used or left out.

    Returns
    -------
    dict of str to DataFrame [m]
        For each split, the columns of ``population.real_galaxies.measure_galaxies``, ``id``, ``z_lens``, ``sigma_v``.

    Raises
    ------
    InputError
        If there are too few galaxies, a point-spread function is missing, or one galaxy occurs twice.
    """
    notify = notify or (lambda line: None)
    galaxies = _measure(path, bands, priors.survey, notify).merge(_read_catalog(path), on="id", how="left")
    lensing = can_lens(galaxies, priors)
    if not lensing.all():
        notify(f"{(~lensing).sum()} galaxies of {path} left out: z_lens and sigma_v allow no theta_E in range")
    try:
        shares = split_galaxies(galaxies[lensing].reset_index(drop=True), counts, seed)
    except ValueError as error:
        raise InputError(f"population.backgrounds: {path} {error}; ingest more") from None
    numbers = ", ".join(f"{split} {len(share)}" for split, share in shares.items())
    notify(f"real galaxies of {path}: {numbers}; z_lens is known for {galaxies['z_lens'].notna().sum()}")
    return shares


def open_backgrounds(path, bands, survey, num_pix=None):
    """Open the store of real cutouts that objects are painted on.

    Parameters
    ----------
    path : path
    bands : sequence of str
    survey : Survey
    num_pix : int, optional
        Side of a stamp, which a cutout must not fall below; any size if not given.

    Returns
    -------
    xarray.Dataset
        As of ``store.open_cutouts``.

    Raises
    ------
    InputError
        If the store cannot be read or does not fit the settings.
    """
    try:
        return store.open_cutouts(
            path,
            bands,
            pixel_scale=survey.pixel_scale,
            zero_point=survey.magnitude_zero_point,
            num_pix=num_pix,
        )
    except InputError as error:
        raise InputError(f"population.backgrounds: {error}") from None
    except OSError as error:
        raise InputError(
            f"population.backgrounds: {path}: cannot be read ({error.strerror}); correct the path"
        ) from None


def _measure(path, bands, survey, notify):
    """Galaxies without missing pixels, in the order of the store, chunk by chunk."""
    dataset, parts, seen, left_out = open_backgrounds(path, bands, survey), [], {}, 0
    for start in range(0, dataset.sizes["object"], store.CHUNK):
        chunk = dataset.isel(object=slice(start, start + store.CHUNK))
        images, sky_sigma, psf_fwhm, ids = (chunk[name].to_numpy() for name in ("image", "sky_sigma", "psf_fwhm", "id"))
        _check_galaxies(path, ids, images, psf_fwhm, bands, seen)
        complete = np.isfinite(images).all(axis=(1, 2, 3)) & (sky_sigma > 0).all(axis=1)
        left_out += (~complete).sum()
        widths = psf_fwhm[complete]
        measured = measure_galaxies(images[complete], sky_sigma[complete], widths, bands=bands, survey=survey)
        parts.append(measured.assign(id=ids[complete].astype("int64")).dropna())
        left_out += complete.sum() - len(parts[-1])
    if left_out:
        notify(f"{left_out} galaxies of {path} left out: no light, missing pixels, or unknown noise")
    return pd.concat(parts, ignore_index=True)


def _check_galaxies(path, ids, images, psf_fwhm, bands, seen):
    for id, image, widths in zip(ids.tolist(), images, psf_fwhm, strict=True):
        cutout = f"population.backgrounds: {path}: cutout {id}"
        if id < 0:
            raise InputError(f"{cutout} has a negative id; ingest it with another")
        if unknown := [band for band, width in zip(bands, widths, strict=True) if not width > 0]:
            raise InputError(f"{cutout} has no psf_fwhm in band {unknown[0]}; ingest it with --psf or --seeing")
        for key in (id, sha256(image).digest()):
            if key in seen:
                raise InputError(
                    f"{cutout} occurs twice, also as {seen[key]}: it would be in two splits; remove one of them"
                )
            seen[key] = id


def _read_catalog(path):
    """z_lens and sigma_v by id; NaN where the catalogue next to the store lacks them, or has 0 or less."""
    catalog = store.store_path(path).with_suffix(".catalog.parquet")
    table = store.read_table(catalog) if catalog.exists() else pd.DataFrame({"id": np.zeros(0, "int64")})
    values = {name: pd.to_numeric(table[name], errors="coerce") if name in table else np.nan for name in FROM_CATALOG}
    numbers = table[["id"]].assign(**values)
    return numbers.assign(**{name: numbers[name].where(numbers[name] > 0) for name in FROM_CATALOG})
