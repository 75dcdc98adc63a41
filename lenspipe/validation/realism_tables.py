"""Tables of the stage realism that follow from other tables: shares above thresholds, and rows of the summary."""

import numpy as np
import pandas as pd

from lenspipe.stats.rates import binomial_interval

REAL, MATCHED, ALL = "real stamps", "matched deflectors", "all deflectors"  # samples


def score_shares(scores, thresholds, confidence):
    """Share of each sample that the finder calls lenses, at each threshold.

    Parameters
    ----------
    scores : dict of str to array [n]
        By sample.
    thresholds : dict of str to float
        By name.
    confidence : float
        Confidence of the intervals.

    Returns
    -------
    DataFrame
        ``name`` (of the threshold), ``threshold``, ``sample``, ``share``, ``low``, ``high`` (binomial), ``n``.
    """
    rows = []
    for name, threshold in thresholds.items():
        for sample, values in scores.items():
            events, n = int((values > threshold).sum()), len(values)
            low, high = binomial_interval(events, n, confidence)
            rows.append((name, threshold, sample, events / n, low[0], high[0], n))
    return pd.DataFrame(rows, columns=["name", "threshold", "sample", "share", "low", "high", "n"])


def sky_ratios(measured, sky_sigma, *, bands, draws, rng, confidence):
    """Sky noise measured in the pixels over that given by the store, by band: median with a bootstrap interval.

    Parameters
    ----------
    measured : DataFrame [n]
        From ``measure_stamps``.
    sky_sigma : array [n, band], counts
        From the store; NaN where unknown.
    bands : sequence of str
    draws : int
        Bootstrap samples.
    rng : numpy.random.Generator
    confidence : float
        Confidence of the intervals.

    Returns
    -------
    list of (band, value, low, high, n)
        Bands in which the store gives none are left out.
    """
    rows, tail = [], (1 - confidence) / 2
    for b, band in enumerate(bands):
        ratio = measured[f"sky_sigma_{band}"].to_numpy() / sky_sigma[:, b]
        ratio = ratio[np.isfinite(ratio)]
        if len(ratio):
            medians = np.median(ratio[rng.integers(len(ratio), size=(draws, len(ratio)))], axis=1)
            rows.append((band, float(np.median(ratio)), *np.quantile(medians, [tail, 1 - tail]), len(ratio)))
    return rows


def realism_summary(c2st, features, shares, skies):
    """Rows of the summary, as in ``columns.SUMMARY``.

    Parameters
    ----------
    c2st, features : DataFrame
        From ``sample_comparison.compare_samples``.
    shares : DataFrame
        From ``score_shares``.
    skies : dict of str to list
        By sample, from ``sky_ratios``.

    Returns
    -------
    list of tuple
    """
    rows = [
        (
            f"auroc of real against simulated: {t.classifier}, {t.input}",
            t.auc,
            t.low,
            t.high,
            t.n_real + t.n_simulated,
            t.sample,
        )
        for t in c2st.itertuples()
    ]
    rows += [(f"share called a lens at {s.name}", s.share, s.low, s.high, s.n, s.sample) for s in shares.itertuples()]
    for sample, ratios in skies.items():
        rows += [(f"sky sigma, measured over the store's, {band}", *values, sample) for band, *values in ratios]
    matched = features[(features["sample"] == MATCHED) & features["auc"].notna()]
    rows += [
        (f"real minus simulated, {f.feature}", f.difference, f.low, f.high, f.n_real + f.n_simulated, f.sample)
        for f in matched.itertuples()
    ]
    return [(*row[:-2], int(row[-2]), row[-1]) for row in rows]
