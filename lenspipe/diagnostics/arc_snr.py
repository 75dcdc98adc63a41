"""Completeness against the arc's signal-to-noise ratio."""

import numpy as np
import pandas as pd

from lenspipe.diagnostics.rates import binomial_interval

ARC_SNR = (1.0, 2.0, 3.0, 5.0, 8.0, 12.0, 20.0, 30.0, 50.0, 80.0, 120.0, 200.0, 500.0)  # edges of bins


def completeness_vs_arc_snr(objects, thresholds, edges, confidence):
    """Share of the lenses found in bins of arc S/N, and at the strictest threshold in cells of theta_E and arc S/N.

    Parameters
    ----------
    objects : DataFrame
        ``is_lens``, ``theta_E``, ``score``, ``arc_snr``; ``seeing_best`` (arcsec, of an object's best band) if known.
    thresholds : dict of str to float
    edges : sequence, arcsec
        Of the bins of theta_E.
    confidence : float

    Returns
    -------
    DataFrame
        ``panel`` (``curve`` or ``map``), ``threshold_name``, ``threshold``, ``radius_low``, ``radius_high`` (arcsec; of
        a curve 0 and infinity), ``arc_snr_low``, ``arc_snr_high``, ``events`` (lenses found), ``trials``, ``rate``,
        ``low``, ``high``, ``seeing_best`` (arcsec, median; NaN if not known).
    """
    lenses = objects[objects["is_lens"]]
    parts = [
        _cells(lenses, threshold, (0.0, np.inf), confidence).assign(panel="curve", threshold_name=name)
        for name, threshold in thresholds.items()
    ]
    strictest = max(thresholds, key=thresholds.get)
    cells = _cells(lenses, thresholds[strictest], edges, confidence)
    parts.append(cells.assign(panel="map", threshold_name=strictest))
    table = pd.concat(parts, ignore_index=True)
    table["seeing_best"] = lenses["seeing_best"].median() if "seeing_best" in lenses else np.nan
    return table[["panel", "threshold_name", *table.columns.drop(["panel", "threshold_name"])]]


def _cells(lenses, threshold, radius_edges, confidence):
    edges = [np.asarray(radius_edges), np.asarray(ARC_SNR)]
    where = lenses[["theta_E", "arc_snr"]].to_numpy()
    trials = np.histogramdd(where, edges)[0].ravel().astype(int)
    events = np.histogramdd(where[lenses["score"] > threshold], edges)[0].ravel().astype(int)
    low, high = binomial_interval(events, trials, confidence)
    ends = [
        grid.ravel() for k in (0, 1) for grid in np.meshgrid(*(e[k : len(e) - 1 + k] for e in edges), indexing="ij")
    ]
    names = ("radius_low", "arc_snr_low", "radius_high", "arc_snr_high")
    rate = np.divide(events, trials, out=np.full(len(trials), np.nan), where=trials > 0)
    said = {"threshold": threshold, **dict(zip(names, ends, strict=True)), "events": events, "trials": trials}
    return pd.DataFrame(said | {"rate": rate, "low": low, "high": high})
