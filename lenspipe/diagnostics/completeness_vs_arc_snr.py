"""Completeness against the arc's signal-to-noise ratio."""

import numpy as np
import pandas as pd

from lenspipe.stats.strictest import strictest_threshold
from lenspipe.stats.weights import priors_of, weighted_shares

ARC_SNR = (1.0, 2.0, 3.0, 5.0, 8.0, 12.0, 20.0, 30.0, 50.0, 80.0, 120.0, 200.0, 500.0)  # edges of bins


def table(objects, *, thresholds, edges, confidence):
    """completeness_vs_arc_snr.csv: a DataFrame, of ``completeness_vs_arc_snr``.

    ``objects`` is a DataFrame; ``thresholds`` a dict of str to float; ``edges`` a sequence, arcsec; ``confidence`` a
    float, 0 to 1: see ``diagnostics.optional_tables``.
    """
    return completeness_vs_arc_snr(objects, thresholds, edges=edges, confidence=confidence)


def completeness_vs_arc_snr(objects, thresholds, *, edges, confidence):
    """Share of the lenses found in bins of arc S/N, and at the strictest threshold in cells of theta_E and arc S/N.

    Parameters
    ----------
    objects : DataFrame
        ``is_lens``, ``theta_E``, ``score``, ``arc_snr``; ``weight`` and ``seeing_best`` (arcsec, of an object's best
        band) where there are any.
    thresholds : dict of str to float
    edges : sequence, arcsec
        Of the bins of theta_E.
    confidence : float
        Of the intervals, 0 to 1.

    Returns
    -------
    DataFrame
        ``panel`` (``curve`` or ``map``), ``prior``, ``threshold_name``, ``threshold``, ``radius_low``, ``radius_high``
        (arcsec; of a curve 0 and infinity), ``arc_snr_low``, ``arc_snr_high``, ``events`` (lenses found) and ``trials``
        (effective numbers), ``rate``, ``low``, ``high``, ``seeing_best`` (arcsec, median; NaN if not known).
    """
    lenses = objects[objects["is_lens"]]
    inside = lenses["arc_snr"].between(ARC_SNR[0], ARC_SNR[-1])
    strictest = strictest_threshold(thresholds)
    parts = []
    for prior, weight in priors_of(lenses):
        for name, threshold in thresholds.items():
            passed = lenses["score"] > threshold
            curve = _cells(
                lenses[inside], passed[inside], weight[inside], radius_edges=(0.0, np.inf), confidence=confidence
            )
            parts.append(curve.assign(panel="curve", prior=prior, threshold_name=name, threshold=threshold))
            if name == strictest:
                kept = inside & lenses["theta_E"].between(edges[0], edges[-1])
                cells = _cells(lenses[kept], passed[kept], weight[kept], radius_edges=edges, confidence=confidence)
                parts.append(cells.assign(panel="map", prior=prior, threshold_name=name, threshold=threshold))
    table = pd.concat(parts, ignore_index=True)
    table["seeing_best"] = lenses["seeing_best"].median() if "seeing_best" in lenses else np.nan
    first = ["panel", "prior", "threshold_name", "threshold"]
    return table[[*first, *table.columns.drop(first)]]


def _cells(lenses, passed, weight, *, radius_edges, confidence):
    edges = [np.asarray(radius_edges, float), np.asarray(ARC_SNR)]
    shape = tuple(len(e) - 1 for e in edges)
    values = (lenses["theta_E"], lenses["arc_snr"])
    places = [
        np.minimum(np.searchsorted(e, v, side="right") - 1, len(e) - 2) for e, v in zip(edges, values, strict=True)
    ]
    place = np.ravel_multi_index(places, shape)
    ends = [
        grid.ravel() for k in (0, 1) for grid in np.meshgrid(*(e[k : len(e) - 1 + k] for e in edges), indexing="ij")
    ]
    names = ("radius_low", "arc_snr_low", "radius_high", "arc_snr_high")
    shares = weighted_shares(passed, weight, place, count=np.prod(shape), confidence=confidence)
    return pd.DataFrame(dict(zip(names, ends, strict=True)) | shares)
