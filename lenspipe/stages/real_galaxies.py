"""Real cutouts that objects are painted on: is the store fit for the settings, and which galaxies are in it."""

from dataclasses import replace
from hashlib import sha256

import numpy as np
import pandas as pd

from lenspipe import store
from lenspipe.cli._session import say
from lenspipe.errors import InputError

KNOWN = ("z_lens", "sigma_v")  # columns of the store's catalogue that say more of a galaxy than its pixels


def check_backgrounds(path, bands, num_pix, priors, non_lenses):
    """Whether all objects can be painted on a store's cutouts.

    Raises
    ------
    InputError
        With the setting at fault.
    """
    from lenspipe.families import KINDS
    from lenspipe.population.catalog import check_paintable

    open_backgrounds(path, bands, priors.survey, num_pix)
    numbers = [f"{name}_{band}" for name in ("magnitude", "seeing", "sky_sigma") for band in bands]
    any_two = {name: np.full(2, 0.1) for name in (*numbers, "center_x", "center_y", "e1", "e2")}
    any_two |= {"id": np.arange(2)} | {name: np.full(2, np.nan) for name in KNOWN}
    for kind in [kind for kind, share in non_lenses.items() if share]:
        with np.errstate(all="ignore"):
            rows = KINDS[kind](np.random.default_rng(0), 2, replace(priors, real=any_two))
        try:
            check_paintable(kind, rows)
        except ValueError as error:
            raise InputError(f"population.non_lenses: with population.backgrounds, {error}") from None


def share_out(path, bands, priors, counts, seed):
    """The galaxies of a store that can be used, for each split.

    Returns
    -------
    dict of str to DataFrame

    Raises
    ------
    InputError
        If there are too few, a point-spread function is not known, or one galaxy is there twice.
    """
    from lenspipe.population.real_galaxies import can_lens, split_galaxies

    galaxies = _measured(path, bands, priors.survey).merge(_known(path), on="id", how="left")
    lensing = can_lens(galaxies, priors)
    if not lensing.all():
        say(f"population: {(~lensing).sum()} galaxies of {path} left out: z_lens and sigma_v allow no theta_E in range")
    try:
        shares = split_galaxies(galaxies[lensing].reset_index(drop=True), counts, seed)
    except ValueError as error:
        raise InputError(f"population.backgrounds: {path} {error}; ingest more") from None
    words = ", ".join(f"{split} {len(share)}" for split, share in shares.items())
    say(f"population: real galaxies of {path}: {words}; z_lens known of {galaxies['z_lens'].notna().sum()}")
    return shares


def open_backgrounds(path, bands, survey, num_pix=None):
    """The store, if it fits the settings: ``store.open_cutouts``."""
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


def _measured(path, bands, survey):
    """Galaxies without missing pixels, in the store's order, chunk by chunk."""
    from lenspipe.population.real_galaxies import measure_galaxies

    dataset, parts, seen, left_out = open_backgrounds(path, bands, survey), [], {}, 0
    for start in range(0, dataset.sizes["object"], store.CHUNK):
        chunk = dataset.isel(object=slice(start, start + store.CHUNK))
        images, sky_sigma, psf_fwhm, ids = (chunk[name].to_numpy() for name in ("image", "sky_sigma", "psf_fwhm", "id"))
        _check_galaxies(path, ids, images, psf_fwhm, bands, seen)
        whole = np.isfinite(images).all(axis=(1, 2, 3)) & (sky_sigma > 0).all(axis=1)
        left_out += (~whole).sum()
        measured = measure_galaxies(images[whole], sky_sigma[whole], psf_fwhm[whole], bands=bands, survey=survey)
        parts.append(measured.assign(id=ids[whole].astype("int64")).dropna())
        left_out += whole.sum() - len(parts[-1])
    if left_out:
        say(f"population: {left_out} galaxies of {path} left out: no light, missing pixels, or noise that is not known")
    return pd.concat(parts, ignore_index=True)


def _check_galaxies(path, ids, images, psf_fwhm, bands, seen):
    for id, image, widths in zip(ids.tolist(), images, psf_fwhm, strict=True):
        where = f"population.backgrounds: {path}: cutout {id}"
        if id < 0:
            raise InputError(f"{where} has a negative id; ingest it with another")
        if unknown := [band for band, width in zip(bands, widths, strict=True) if not width > 0]:
            raise InputError(f"{where} has no psf_fwhm in band {unknown[0]}; ingest it with --psf or --seeing")
        for key in (id, sha256(image).digest()):
            if key in seen:
                raise InputError(f"{where} is there twice, also as {seen[key]}: it would be in two splits; remove one")
            seen[key] = id


def _known(path):
    """z_lens and sigma_v by id, NaN where the catalogue beside the store does not say them, or says 0 or less."""
    beside = store.store_path(path).with_suffix(".catalog.parquet")
    table = store.read_table(beside) if beside.exists() else pd.DataFrame({"id": np.zeros(0, "int64")})
    said = {name: pd.to_numeric(table[name], errors="coerce") if name in table else np.nan for name in KNOWN}
    known = table[["id"]].assign(**said)
    return known.assign(**{name: known[name].where(known[name] > 0) for name in KNOWN})
