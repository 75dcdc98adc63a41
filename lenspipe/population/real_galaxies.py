"""Real galaxies that objects are painted on: what is measured of each, which split has it, which object."""

import numpy as np
import pandas as pd

from lenspipe.measure.moments import adaptive_moments, ellipticity_before_blurring, moffat_sigma
from lenspipe.population.cosmology import distance_ratio, theta_E_sis
from lenspipe.rng import background_stream

APERTURE = 2.0  # arcsec, radius
TOGETHER = 256  # galaxies of a chunk of the store, which are read together


def measure_galaxies(images, sky_sigma, psf_fwhm, *, bands, survey):
    """Place, shape and magnitudes of real galaxies.

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
        ``magnitude_<band>`` in an aperture of 2 arcsec about the centre, ``seeing_<band>``, ``sky_sigma_<band>``.
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
    """Which galaxies can have an Einstein radius in the range, as far as z_lens and sigma_v are known.

    Parameters
    ----------
    galaxies : DataFrame [n]
        ``z_lens`` and ``sigma_v`` (km/s), NaN where not known.

    Returns
    -------
    bool array [n]
    """
    z_lens, sigma_v = galaxies["z_lens"].to_numpy(), galaxies["sigma_v"].to_numpy()
    return ~((z_lens >= priors.z_source_max) | (largest_theta_E(z_lens, sigma_v, priors) <= priors.theta_E_min))


def largest_theta_E(z_lens, sigma_v, priors):
    """Largest Einstein radius, arcsec, with a source at the highest redshift; NaN where z_lens is not known."""
    sigma_v = np.where(np.isfinite(sigma_v), sigma_v, priors.sigma_v_max)
    return theta_E_sis(sigma_v, distance_ratio(z_lens, priors.z_source_max))


def split_galaxies(galaxies, counts, seed):
    """Share galaxies out among the splits: each to one, in proportion to the counts of objects.

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
        Those that the store keeps together are kept together: they will be read together.

    Raises
    ------
    ValueError
        If there are fewer than splits.
    """
    if len(galaxies) < len(counts):
        raise ValueError(
            f"holds {len(galaxies)} galaxies that can be used; {len(counts)} are needed at least, one for each split"
        )
    order = background_stream(seed).permutation(len(galaxies))
    # One each, the others by the counts: the k-th of a split with share s stands at (k + 1/2) / s.
    ends = np.cumsum(list(counts.values())) / sum(counts.values())
    ends = 1 + np.arange(len(counts)) + np.rint(ends * (len(galaxies) - len(counts))).astype(int)
    return {
        split: galaxies.iloc[_by_chunk(part)].reset_index(drop=True)
        for split, part in zip(counts, np.split(order, ends[:-1]), strict=True)
    }


def _by_chunk(places):
    """Places in a store, reordered so that those of a chunk follow each other; chunks in the order of their first."""
    _, first, inverse = np.unique(places // TOGETHER, return_index=True, return_inverse=True)
    return places[np.argsort(first[inverse], kind="stable")]


def assign_galaxies(index, count, number):
    """Which galaxy each object of a kind has: all of them as often as any other, to within one.

    Parameters
    ----------
    index : int array [n]
        Of the objects, among those of their kind.
    count, number : int
        Of the objects of the kind, and of galaxies.

    Returns
    -------
    int array [n]
        Objects go through the galaxies in order, pass after pass; those left for the last pass are spread over all.
    """
    left = count % number
    return np.where(index < count - left, index % number, (index - count + left) * number // max(left, 1) % number)
