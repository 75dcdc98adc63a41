"""The field of simulated stamps against that of real ones: numbers of sources, their light, where they lie."""

import itertools
from dataclasses import asdict

import numpy as np
import pandas as pd
from scipy.stats import ks_2samp

from lenspipe.measure.detection import aperture_magnitudes, counts_per_stamp, detect
from lenspipe.measure.photometry import aperture_fluxes, aperture_masks
from lenspipe.validation.checks import Check, within

TOTAL = 3.0  # arcsec, radius of the central galaxy's magnitude
STANDARD_ERRORS = 2.0  # by which mean numbers of sources may differ
LEAST_P = 0.01  # of K-S tests
COLOUR_LIMIT = 22.5  # mag, in the colour band, of sources whose colours are compared


def alike(images, rows, bands, pixel_scale, zero_point, rounds):
    """Simulated galaxies whose catalogue has them as bright and red as the galaxies of real stamps.

    Parameters
    ----------
    images : array [n, band, y, x], counts
        Real stamps.
    rows : DataFrame
        Catalogue of one kind, bands as those of the images; g and i among them.
    rounds : int
        How many for each stamp; none is taken twice.

    Returns
    -------
    int array [rounds * n]
        Places in ``rows``.
    """
    mask = aperture_masks(images.shape[-1], np.array([TOTAL]), pixel_scale)
    seen = dict(zip(bands, zero_point - 2.5 * np.log10(aperture_fluxes(images, mask)[..., 0]).T, strict=True))
    has = {band: rows[f"lens_magnitude_{band}"].to_numpy() for band in ("g", "i")}
    wanted = np.stack([seen["i"], seen["g"] - seen["i"]], axis=1)
    offered = np.stack([has["i"], has["g"] - has["i"]], axis=1)
    distance = np.hypot(*np.moveaxis(wanted[:, None] - offered, -1, 0))
    places = []
    for stamp in list(range(len(images))) * rounds:
        places.append(int(np.argmin(distance[stamp])))
        distance[:, places[-1]] = np.inf
    return np.array(places)


def check_field(real, simulated, bands, pixel_scale, zero_point):
    """Whether the sources of simulated stamps are those of real ones.

    Numbers of sources per stamp agree if their means differ by less than two standard errors: of the scatter from stamp
    to stamp, which holds counting error and clustering, of both samples. Magnitudes, sizes, concentrations, colours and
    distances from the central galaxy agree if a K-S test gives p > 0.01; ``ours`` and ``reference`` are medians.

    Parameters
    ----------
    real, simulated : array [n, band, y, x], counts
        Stamps of one size, around galaxies of one kind.

    Returns
    -------
    DataFrame
        Fields of ``Check``; ``low`` and ``high`` are ours less and plus a standard error, or percentiles 16 and 84.
    """
    samples = (simulated, real)
    found = [detect(images, bands, pixel_scale=pixel_scale, zero_point=zero_point) for images in samples]
    numbers = [counts_per_stamp(table, len(images), bands) for table, images in zip(found, samples, strict=True)]
    lines = []
    for b, band in enumerate(bands):
        lines.append(_number_line(band, *(number[:, b] for number in numbers)))
        for name in ("magnitude", "radius", "concentration", "distance"):
            values = [table.loc[table["band"] == band, name].dropna() for table in found]
            lines.append(_law_line(f"{name} of sources, {band}", *values))
    main = "i" if "i" in bands else bands[-1]
    magnitudes = [
        aperture_magnitudes(images, table[table["band"] == main], bands, pixel_scale=pixel_scale, zero_point=zero_point)
        for images, table in zip(samples, found, strict=True)
    ]
    bright = [m[m[main] < COLOUR_LIMIT] for m in magnitudes]
    lines += [_law_line(f"{a}-{b} of sources", *(m[a] - m[b] for m in bright)) for a, b in itertools.pairwise(bands)]
    return pd.DataFrame(map(asdict, lines))


def _number_line(band, ours, reference):
    errors = [np.std(n, ddof=1) / np.sqrt(len(n)) for n in (ours, reference)]
    mean, expected = ours.mean(), reference.mean()
    ends = expected + STANDARD_ERRORS * np.hypot(*errors) * np.array([-1, 1])
    ours = (mean, mean - errors[0], mean + errors[0])
    return within(f"sources per stamp, {band}", ours, expected, *ends, f"{STANDARD_ERRORS:g} standard errors")


def _law_line(quantity, ours, reference):
    p = ks_2samp(ours, reference).pvalue
    low, median, high = np.percentile(ours, [16, 50, 84])
    verdict = "met" if p > LEAST_P else "missed"
    told = f"K-S p > {LEAST_P:g}: {p:.2g}"
    return Check(quantity, median, low, high, float(np.median(reference)), np.nan, np.nan, told, verdict)
