"""Pixels of objects: a pure function of a catalogue row, the survey, the seed, and the real cutout under the object."""

from contextlib import contextmanager

import numpy as np

from lenspipe.errors import InputError
from lenspipe.families import ENGINES
from lenspipe.simulate.noise import observe
from lenspipe.simulate.painting import backgrounds_of, paint
from lenspipe.simulate.row_checks import check_rows
from lenspipe.simulate.scene import PixelGrid, scene_of

DEFAULT_ENGINE = "numba"
PLANES = ("lens_light", "source_light")


@contextmanager
def naming_catalog(catalog):
    """Turn a ValueError about a row into an InputError that names the ``catalog`` (path)."""
    try:
        yield
    except ValueError as error:
        raise InputError(f"{catalog}: an object cannot be rendered ({error}); run population again") from None


def render_row(row, bands, num_pix, survey, *, engine=DEFAULT_ENGINE):
    """Noise-free light of one row of the catalogue.

    Parameters
    ----------
    row : mapping
    bands : sequence of str
    num_pix : int
    survey : Survey
    engine : str
        One of ``families.ENGINES``.

    Returns
    -------
    lens_light, source_light : array [band, y, x], counts per pixel
        All light that is not the source's, and the source.

    Raises
    ------
    ValueError
        For a row that lacks a column.
    """
    (light,) = ENGINES[engine]([scene_of(row, bands, survey)], PixelGrid(num_pix, survey.pixel_scale))
    return light


def observe_object(light, row, bands, survey, seed, *, background=None):
    """One object as the survey would image it.

    Parameters
    ----------
    light : (array [band, y, x], array [band, y, x]), counts per pixel
        ``lens_light`` and ``source_light`` of an engine.
    row : mapping
        One row of the catalogue.
    bands : sequence of str
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
        If a pixel is not finite.
    """
    lens_light, source_light = light
    if background is None:
        observed = observe(lens_light, source_light, row, bands, survey, seed)
    else:
        observed, real = paint(background, lens_light, source_light, row, bands, survey, seed)
        lens_light = lens_light + real
    if not np.isfinite(observed.image).all():
        raise ValueError(f"pixels of {row['id']} are not finite")
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


def simulate_objects(rows, bands, num_pix, survey, seed, *, keep_planes=False, backgrounds="", engine=DEFAULT_ENGINE):
    """Objects in the order of a catalogue's rows.

    Parameters
    ----------
    rows : DataFrame [n]
    bands : sequence of str
    num_pix : int
    survey : Survey
    seed : int
    keep_planes : bool
        Also return ``lens_light`` and ``source_light``.
    backgrounds : path
        Store of the real cutouts that rows with a ``background_id`` are painted on; empty if there are none.
    engine : str
        One of ``families.ENGINES``.

    Returns
    -------
    dict of str to array [n, ...]
        As of ``observe_object``.

    Raises
    ------
    ValueError
        If a row cannot be rendered: it names the object, and the column that is lacking or wrong.
    """
    check_rows(rows, bands)
    cutouts = backgrounds_of(rows, backgrounds, bands, num_pix)
    records = rows.to_dict("records")
    lights = ENGINES[engine]((scene_of(row, bands, survey) for row in records), PixelGrid(num_pix, survey.pixel_scale))
    objects = [
        observe_object(light, row, bands, survey, seed, background=background)
        for light, row, background in zip(lights, records, cutouts, strict=True)
    ]
    names = [name for name in objects[0] if keep_planes or name not in PLANES]
    return {name: np.stack([one[name] for one in objects]) for name in names}
