"""The sources around simulated galaxies against those around real ones: number, light, size, distance."""

import itertools
from dataclasses import asdict

import numpy as np
import pandas as pd
from scipy.stats import ks_2samp

from lenspipe.measure.detection import aperture_magnitudes, counts_per_stamp, detect
from lenspipe.measure.photometry import aperture_fluxes, aperture_masks
from lenspipe.validation.checks import Check, check_range

TOTAL_RADIUS = 3.0  # arcsec, aperture of the central galaxy's magnitude
STANDARD_ERRORS = 2.0  # by which mean numbers of sources may differ
MIN_P = 0.01  # of K-S tests
COLOUR_LIMIT = 22.5  # mag, in the main band, of sources whose colours are compared


def match_galaxies(images, catalog, bands, *, pixel_scale, zero_point, matches):
    """Simulated galaxies whose catalogue magnitude and colour are nearest to those of the galaxies of real stamps.

    Parameters
    ----------
    images : array [n, band, y, x], counts
        Real stamps.
    catalog : DataFrame
        Simulated objects of one kind, with ``lens_magnitude_g`` and ``lens_magnitude_i`` (AB mag).
    bands : sequence of str
        Bands of the images, g and i among them.
    pixel_scale : float, arcsec
    zero_point : float, AB mag
    matches : int
        Simulated galaxies for each stamp; none is taken twice.

    Returns
    -------
    int array [matches * n]
        Row numbers of ``catalog``.
    """
    mask = aperture_masks(images.shape[-1], np.array([TOTAL_RADIUS]), pixel_scale)
    measured = dict(zip(bands, zero_point - 2.5 * np.log10(aperture_fluxes(images, mask)[..., 0]).T, strict=True))
    drawn = {band: catalog[f"lens_magnitude_{band}"].to_numpy() for band in ("g", "i")}
    real = np.stack([measured["i"], measured["g"] - measured["i"]], axis=1)
    simulated = np.stack([drawn["i"], drawn["g"] - drawn["i"]], axis=1)
    distance = np.hypot(*np.moveaxis(real[:, None] - simulated, -1, 0))
    rows = []
    for stamp in list(range(len(images))) * matches:
        rows.append(int(np.argmin(distance[stamp])))
        distance[:, rows[-1]] = np.inf
    return np.array(rows)


def check_field(real, simulated, bands, *, pixel_scale, zero_point):
    """Compare the sources in simulated stamps with those in real stamps.

    Numbers of sources per stamp agree if their means differ by less than two standard errors. The standard error comes
    from the scatter between stamps, in both samples, so it includes counting error and clustering. Magnitudes, sizes,
    concentrations, colours and distances from the central galaxy agree if a K-S test gives p > 0.01; ``ours`` and
    ``reference`` are then medians.

    Parameters
    ----------
    real, simulated : array [n, band, y, x], counts
        Stamps of one size, around galaxies of one kind.
    bands : sequence of str
    pixel_scale : float, arcsec
    zero_point : float, AB mag

    Returns
    -------
    DataFrame
        Columns as in ``checks.Check``; ``low`` and ``high`` are ours minus and plus a standard error, or percentiles 16
        and 84.
    """
    samples = (simulated, real)
    sources = [detect(images, bands, pixel_scale=pixel_scale, zero_point=zero_point) for images in samples]
    counts = [counts_per_stamp(table, len(images), bands) for table, images in zip(sources, samples, strict=True)]
    checks = []
    for b, band in enumerate(bands):
        checks.append(_check_counts(band, *(count[:, b] for count in counts)))
        for name in ("magnitude", "radius", "concentration", "distance"):
            values = [table.loc[table["band"] == band, name].dropna() for table in sources]
            checks.append(_check_distribution(f"{name} of sources, {band}", *values))
    main = "i" if "i" in bands else bands[-1]
    magnitudes = [
        aperture_magnitudes(images, table[table["band"] == main], bands, pixel_scale=pixel_scale, zero_point=zero_point)
        for images, table in zip(samples, sources, strict=True)
    ]
    bright = [m[m[main] < COLOUR_LIMIT] for m in magnitudes]
    for a, b in itertools.pairwise(bands):
        checks.append(_check_distribution(f"{a}-{b} of sources", *(m[a] - m[b] for m in bright)))
    return pd.DataFrame(map(asdict, checks))


def _check_counts(band, ours, reference):
    """Check of the mean number of sources per stamp."""
    errors = [np.std(n, ddof=1) / np.sqrt(len(n)) for n in (ours, reference)]
    mean, expected = ours.mean(), reference.mean()
    least, most = expected + STANDARD_ERRORS * np.hypot(*errors) * np.array([-1, 1])
    ours, allowed = (mean, mean - errors[0], mean + errors[0]), f"{STANDARD_ERRORS:g} standard errors"
    return check_range(f"sources per stamp, {band}", ours, expected, least=least, most=most, allowed=allowed)


def _check_distribution(quantity, ours, reference):
    """Check of a whole distribution by a K-S test."""
    p = ks_2samp(ours, reference).pvalue
    low, median, high = np.percentile(ours, [16, 50, 84])
    verdict = "met" if p > MIN_P else "missed"
    allowed = f"K-S p > {MIN_P:g}: {p:.2g}"
    return Check(quantity, median, low, high, float(np.median(reference)), np.nan, np.nan, allowed, verdict)
