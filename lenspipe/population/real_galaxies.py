"""Real galaxies that objects are painted on: their measurement and their assignment to splits and objects."""

import numpy as np
import pandas as pd

from lenspipe.measure.moments import adaptive_moments, ellipticity_before_blurring, moffat_sigma
from lenspipe.population.cosmology import distance_ratio, theta_E_sis
from lenspipe.rng import background_stream

APERTURE = 2.0  # arcsec, radius of the photometry
CHUNK = 256  # galaxies of a chunk of the store, which are read together


def measure_galaxies(images, sky_sigma, psf_fwhm, *, bands, survey):
    """Positions, shapes and magnitudes of real galaxies.

    Parameters
    ----------
    images : array [n, band, y, x], counts
    sky_sigma : array [n, band], counts
    psf_fwhm : array [n, band], arcsec
    bands : sequence of str
    survey : Survey

    Returns
    -------
    DataFrame [n]
        ``center_x``, ``center_y`` (arcsec), ``e1``, ``e2`` (of the light before the point-spread function),
        ``magnitude_<band>`` in an aperture of radius 2 arcsec about the centre, ``seeing_<band>`` (arcsec),
        ``sky_sigma_<band>`` (counts).
    """
    stacked = (images / sky_sigma[..., None, None]).sum(axis=1)
    center, moments = adaptive_moments(stacked)
    sigma = moffat_sigma(survey.moffat_beta) * np.sqrt((psf_fwhm**2).mean(axis=1)) / survey.pixel_scale
    e1, e2 = ellipticity_before_blurring(moments, sigma)
    axis = np.arange(images.shape[-1]) - (images.shape[-1] - 1) / 2
    square = (axis - center[:, :1])[:, None, :] ** 2 + (axis - center[:, 1:])[:, :, None] ** 2
    flux = np.einsum("nbyx,nyx->nb", images, square < (APERTURE / survey.pixel_scale) ** 2)
    magnitude = survey.magnitude_zero_point - 2.5 * np.log10(np.where(flux > 0, flux, np.nan))
    x, y = center.T * survey.pixel_scale
    measured = {"center_x": x, "center_y": y, "e1": e1, "e2": e2}
    for b, band in enumerate(bands):
        measured |= {f"magnitude_{band}": magnitude[:, b]}
        measured |= {f"seeing_{band}": psf_fwhm[:, b], f"sky_sigma_{band}": sky_sigma[:, b]}
    return pd.DataFrame(measured).astype(float)


def can_lens(galaxies, priors):
    """Galaxies that can have an Einstein radius in the range, given what is known of z_lens and sigma_v.

    Parameters
    ----------
    galaxies : DataFrame [n]
        ``z_lens`` and ``sigma_v`` (km/s), NaN where unknown.
    priors : Priors

    Returns
    -------
    bool array [n]
    """
    z_lens, sigma_v = galaxies["z_lens"].to_numpy(), galaxies["sigma_v"].to_numpy()
    return ~((z_lens >= priors.z_source_max) | (largest_theta_E(z_lens, sigma_v, priors) <= priors.theta_E_min))


def largest_theta_E(z_lens, sigma_v, priors):
    """Largest Einstein radius, for a source at the highest redshift.

    Parameters
    ----------
    z_lens : array [n]
    sigma_v : float or array [n], km/s
        NaN where unknown: then the largest in the range.
    priors : Priors

    Returns
    -------
    array [n], arcsec
        NaN where z_lens is unknown.
    """
    sigma_v = np.where(np.isfinite(sigma_v), sigma_v, priors.sigma_v_max)
    return theta_E_sis(sigma_v, distance_ratio(z_lens, priors.z_source_max))


def split_galaxies(galaxies, counts, seed):
    """Divide galaxies among the splits: each belongs to one, in proportion to the counts of objects.

    Parameters
    ----------
    galaxies : DataFrame
        In the order of their store.
    counts : dict of str to int
        Objects of each split.
    seed : int

    Returns
    -------
    dict of str to DataFrame
        Galaxies of one chunk of the store follow each other, since they are read together.

    Raises
    ------
    ValueError
        If there are fewer galaxies than splits.
    """
    if len(galaxies) < len(counts):
        raise ValueError(
            f"holds {len(galaxies)} usable galaxies; at least {len(counts)} are needed, one for each split"
        )
    order = background_stream(seed).permutation(len(galaxies))
    # Each split gets one galaxy; the rest are divided by the counts.
    ends = np.cumsum(list(counts.values())) / sum(counts.values())
    ends = 1 + np.arange(len(counts)) + np.rint(ends * (len(galaxies) - len(counts))).astype(int)
    return {
        split: galaxies.iloc[_by_chunk(part)].reset_index(drop=True)
        for split, part in zip(counts, np.split(order, ends[:-1]), strict=True)
    }


def _by_chunk(places):
    """Positions in a store, reordered so that those of one chunk follow each other; chunks keep their order."""
    _, first, inverse = np.unique(places // CHUNK, return_index=True, return_inverse=True)
    return places[np.argsort(first[inverse], kind="stable")]


def assign_galaxies(index, count, number):
    """Galaxy of each object of a kind; all galaxies are used equally often, to within one.

    Parameters
    ----------
    index : int array [n]
        Number of the object among those of its kind.
    count : int
        Number of objects of the kind.
    number : int
        Number of galaxies.

    Returns
    -------
    int array [n]
        Objects go through the galaxies in order, pass after pass; those of the last, incomplete pass are spread evenly.
    """
    left = count % number
    return np.where(index < count - left, index % number, (index - count + left) * number // max(left, 1) % number)
