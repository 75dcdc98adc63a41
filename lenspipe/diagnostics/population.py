"""The catalogue's lenses and the published forecast: distributions and quantiles, for each prior."""

import itertools

import numpy as np
import pandas as pd

from lenspipe import store
from lenspipe.columns import DRAWN_SPLITS, catalog_columns
from lenspipe.stats.weights import (
    FEWEST_EFFECTIVE,
    effective_size,
    priors_of,
    quantiles_with_intervals,
    weighted_quantiles,
    weighted_share,
)
from lenspipe.validation.forecast import LENSES, MEDIANS, QUANTILES, SHARES, detectable

BINS = 24
ENDS = (0.002, 0.998)  # shares of the training prior's lenses between which bins lie; those beyond are in the outermost
LOGARITHMIC = ("lens_R_sersic", "source_R_sersic")
FORECAST = "forecast"
SURVEY = "survey prior, detectable"  # what the forecast is to be compared with


def read_lenses(catalog_dir, images_dir, bands):
    """The lenses of all splits that are drawn, which share one law.

    Parameters
    ----------
    catalog_dir, images_dir : path
        With <split>.parquet and <split>.zarr.
    bands : sequence of str

    Returns
    -------
    DataFrame
        Columns of the catalogue, and ``forecast_snr_<band>``.
    """
    parts = []
    for split in DRAWN_SPLITS:
        catalog = store.read_table(catalog_dir / f"{split}.parquet", catalog_columns(bands))
        images = store.open_images(images_dir / f"{split}.zarr")
        snr = pd.DataFrame(images["forecast_snr"].to_numpy(), columns=[f"forecast_snr_{band}" for band in bands])
        snr["id"] = images["id"].to_numpy()
        parts.append(catalog[catalog["is_lens"]].merge(snr, on="id"))
    return pd.concat(parts, ignore_index=True)


def population_table(lenses, confidence):
    """Histograms and quantiles of each quantity that the forecast knows.

    Parameters
    ----------
    lenses : DataFrame
        From ``read_lenses``.
    confidence : float

    Returns
    -------
    DataFrame
        ``quantity``; ``sample`` (``training prior``, ``survey prior``, ``survey prior, detectable``,
        ``forecast``); ``what`` (``bin``, ``quantile``); ``from``, ``to`` (of a bin; of a quantile both the share of
        lenses below); ``value`` (share in the bin; the quantile), ``low``, ``high`` (NaN for the forecast);
        ``lenses``, effective number. Weighted samples of fewer than a hundred effective lenses are left out.
    """
    samples = {name: (group, weight) for name, group, weight in _samples(lenses)}
    rows = []
    for quantity in [*QUANTILES, *MEDIANS]:
        values = _values(lenses, quantity)
        if values is None:
            continue
        edges = _edges(values, quantity in LOGARITHMIC)
        for name, (inside, weight) in samples.items():
            n = effective_size(weight)
            selected = values[inside].to_numpy()
            place = np.clip(np.digitize(selected, edges) - 1, 0, BINS - 1)
            for k, (a, b) in enumerate(itertools.pairwise(edges)):
                rows.append((quantity, name, "bin", a, b, *weighted_share(place == k, weight, confidence), n))
            quantiles = quantiles_with_intervals(selected, weight, SHARES, confidence=confidence)
            rows += [(quantity, name, "quantile", p, p, *q, n) for p, *q in zip(SHARES, *quantiles, strict=True)]
        published = (
            zip(SHARES, QUANTILES[quantity], strict=True) if quantity in QUANTILES else [(0.5, MEDIANS[quantity])]
        )
        rows += [(quantity, FORECAST, "quantile", p, p, q, np.nan, np.nan, LENSES) for p, q in published]
    names = ["quantity", "sample", "what", "from", "to", "value", "low", "high", "lenses"]
    return pd.DataFrame(rows, columns=names)


def _samples(lenses):
    """Name of a sample, which lenses are in it, and their weights."""
    inside = detectable(lenses)
    for prior, weight in priors_of(lenses):
        yield prior, np.ones(len(lenses), bool), weight
        if prior == "survey prior" and effective_size(weight[inside]) >= FEWEST_EFFECTIVE:
            yield SURVEY, inside.to_numpy(), weight[inside]


def _values(lenses, quantity):
    """A quantity of each lens; None if the catalogue, of other bands or of real galaxies, does not say it of all."""
    if quantity == "axis_ratio":
        e = np.hypot(lenses["e1"], lenses["e2"])
        return (1 - e) / (1 + e)
    return lenses[quantity] if quantity in lenses and lenses[quantity].notna().all() else None


def _edges(values, logarithmic):
    low, high = weighted_quantiles(values, np.ones(len(values)), ENDS)
    return np.geomspace(low, high, BINS + 1) if logarithmic else np.linspace(low, high, BINS + 1)


def population_summary(lenses, confidence):
    """Share of the survey's detectable lenses below the forecast's medians: 0.5 where both agree.

    Parameters
    ----------
    lenses : DataFrame
        As for ``population_table``.
    confidence : float
        Of the intervals, 0 to 1.

    Returns
    -------
    list of tuple
        Rows of ``columns.SUMMARY`` but the method.
    """
    rows = []
    for name, inside, weight in _samples(lenses):
        for quantity in [*QUANTILES, *MEDIANS] if name == SURVEY else []:
            values = _values(lenses, quantity)
            if values is not None:
                median = MEDIANS.get(quantity) or QUANTILES[quantity][SHARES.index(0.5)]
                share = weighted_share((values[inside] < median).to_numpy(), weight, confidence)
                rows.append(
                    (f"share below the forecast's median {quantity}", *share, int(effective_size(weight)), name)
                )
    return rows
