"""Simulated light on real cutouts: the cutout keeps its noise, and the painted light adds its Poisson noise."""

from dataclasses import dataclass

import numpy as np

from lenspipe import store
from lenspipe.rng import pixel_stream
from lenspipe.simulate.forecast import forecast_snr
from lenspipe.simulate.noise import Observed, coadds_of


@dataclass(frozen=True)
class Background:
    """A real cutout as it is stored.

    Attributes
    ----------
    image : array [band, y, x], counts
    sky_sigma : array [band], counts
    psf_fwhm : array [band], arcsec
    """

    image: np.ndarray
    sky_sigma: np.ndarray
    psf_fwhm: np.ndarray


def backgrounds_of(rows, path, bands, num_pix):
    """The real cutouts that rows of a catalogue are painted on.

    Parameters
    ----------
    rows : DataFrame [n]
    path : path
        Of their store; empty if there is none.
    bands : sequence of str
    num_pix : int

    Returns
    -------
    list [n] of Background or None
        None for a row without a real cutout.

    Raises
    ------
    ValueError
        If a row needs a cutout and no store is named.
    InputError
        If the store lacks one.
    """
    ids = rows["background_id"].to_numpy()
    real = np.flatnonzero(ids >= 0)
    cutouts = [None] * len(rows)
    if not len(real):
        return cutouts
    if not path:
        raise ValueError(f"{rows['id'].iloc[real[0]]} needs a real cutout, but population.backgrounds names no store")
    arrays = store.read_cutouts(path, ids[real], bands=bands, num_pix=num_pix)
    for k, place in enumerate(real):
        cutouts[place] = Background(**{name: values[k] for name, values in arrays.items()})
    return cutouts


def turned(image, turn):
    """One of the eight rotations and mirror images of D4.

    Parameters
    ----------
    image : array [..., y, x]
    turn : int
        ``turn % 4`` quarter turns, each taking (x, y) to (y, -x); from 4 on mirrored after that, x to -x.

    Returns
    -------
    array [..., y, x]
        A view.
    """
    image = np.rot90(image, turn % 4, axes=(-2, -1))
    return image[..., ::-1] if turn >= 4 else image


def paint(background, extra_light, source_light, row, bands, survey, seed):
    """Add light with its photon noise to a real cutout.

    Nothing is added to the cutout's own noise but the Poisson noise of the painted light, with the gain of as many
    exposures as the catalogue says.

    Parameters
    ----------
    background : Background
    extra_light, source_light : array [band, y, x], counts
        Expected light of what makes a non-lens look like a lens, and of the lensed source.
    row : mapping
        ``background_turn``, exposures, ``noise_id``.
    bands : sequence of str
    survey : Survey
    seed : int

    Returns
    -------
    Observed
        With the cutout's ``sky_sigma``; ``depth`` is that of the exposures, which have this noise; the variance in
        ``arc_snr`` is that of their sky, of the galaxy's photons, and of the painted light's.
    real : float32 array [band, y, x], counts
        The cutout, turned.
    """
    real = turned(background.image, row["background_turn"])
    streams = {purpose: pixel_stream(seed, row["noise_id"], purpose) for purpose in ("sky", "source")}
    image = np.empty(real.shape, np.float32)
    snr2 = 0.0
    coadds = coadds_of(row, bands, survey)
    for b, coadd in enumerate(coadds):
        extra, source = extra_light[b].clip(0), source_light[b].clip(0)  # a transform leaves -1e-12
        electrons = streams["sky"].poisson(extra * coadd.gain) + streams["source"].poisson(source * coadd.gain)
        image[b] = real[b] + electrons / coadd.gain
        snr2 += np.sum(source**2 / (coadd.variance() + (real[b].clip(0) + extra + source) / coadd.gain))
    depth = np.array([coadd.depth(survey) for coadd in coadds], np.float32)
    snr = forecast_snr(extra_light + real.clip(0), source_light, coadds)
    observed = Observed(image, background.sky_sigma, depth, float(np.sqrt(snr2)), snr)
    return observed, np.ascontiguousarray(real)
