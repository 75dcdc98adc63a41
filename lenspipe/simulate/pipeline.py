"""Pixels of objects: a pure function of a catalogue row, the survey and the seed, and of the real cutout under it."""

from contextlib import contextmanager

import numpy as np

from lenspipe.errors import InputError
from lenspipe.simulate.engines.numba.render import render
from lenspipe.simulate.noise import observe
from lenspipe.simulate.painting import backgrounds_of, paint


@contextmanager
def naming_catalog(catalog):
    """What is wrong with a row's numbers is told with the catalogue's name."""
    try:
        yield
    except ValueError as error:
        raise InputError(f"{catalog}: holds an object that makes no picture ({error}); make it again") from None


def simulate_object(row, bands, num_pix, survey, seed, background=None):
    """One object as the survey would image it.

    Parameters
    ----------
    row : mapping
        One row of the catalogue.
    bands : sequence of str
    num_pix : int
    survey : Survey
    seed : int
    background : Background, optional
        The real cutout of a row with a ``background_id``: light of its deflector, and noise of all but the paint.

    Returns
    -------
    dict of str to array
        The entries of the image store, for this object: ``image``, ``lens_light``, ``source_light`` [band, y, x] in
        counts; ``sky_sigma`` [band] in counts; ``psf_fwhm`` [band] in arcsec; ``depth`` [band], AB mag; ``id``;
        ``arc_snr``; ``forecast_snr`` [band].

    Raises
    ------
    ValueError
        For a row whose numbers make no picture.
    """
    lens_light, source_light = render(row, bands, num_pix, survey)
    if background is None:
        observed = observe(lens_light, source_light, row, bands, survey, seed)
    else:
        observed, real = paint(background, lens_light, source_light, row, bands, survey, seed)
        lens_light = lens_light + real
    if not np.isfinite(observed.image).all():
        raise ValueError(f"pixels of {row['id']} are no numbers")
    return {
        "image": observed.image,
        "sky_sigma": observed.sky_sigma,
        "psf_fwhm": np.array([row[f"seeing_{band}"] for band in bands], np.float32),
        "depth": observed.depth,
        "id": np.int64(row["id"]),
        "arc_snr": np.float32(observed.arc_snr),
        "forecast_snr": observed.forecast_snr,
        "lens_light": lens_light.astype(np.float32),
        "source_light": source_light.astype(np.float32),
    }


def simulate_objects(rows, bands, num_pix, survey, seed, keep_planes=False, backgrounds=""):
    """Objects in the order of a catalogue's rows.

    Parameters
    ----------
    rows : DataFrame [n]
    keep_planes : bool
        Also return ``lens_light`` and ``source_light``.
    backgrounds : path
        Store of the real cutouts that rows with a ``background_id`` lie on.

    Returns
    -------
    dict of str to array [n, ...]
    """
    pixels = (bands, num_pix, survey, seed)
    cutouts = backgrounds_of(rows, backgrounds, bands, num_pix)
    objects = [simulate_object(row, *pixels, b) for row, b in zip(rows.to_dict("records"), cutouts, strict=True)]
    names = [name for name in objects[0] if keep_planes or name not in ("lens_light", "source_light")]
    return {name: np.stack([one[name] for one in objects]) for name in names}
