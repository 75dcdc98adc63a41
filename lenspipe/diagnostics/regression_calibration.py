"""Whether the regressor's uncertainties are right."""

import itertools

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri

from lenspipe.diagnostics.completeness_vs_arc_snr import ARC_SNR
from lenspipe.diagnostics.joining import posterior_of
from lenspipe.stats.medians import bins_of
from lenspipe.stats.weights import effective_size, priors_of, weighted_share

PIT = np.linspace(0, 1, 21)
LEVELS = np.linspace(0.05, 0.95, 19)
Z = np.linspace(-4, 4, 33)  # standardised residuals; those beyond are in the outermost bins


def table(objects, *, thresholds, edges, confidence):
    """regression_calibration.csv: a DataFrame, of ``regression_calibration``.

    ``objects`` is a DataFrame; ``thresholds`` a dict of str to float; ``edges`` a sequence, arcsec; ``confidence`` a
    float, 0 to 1: see ``diagnostics.optional_tables``.
    """
    return regression_calibration(objects[objects["is_lens"]], confidence, edges=edges)


def regression_calibration(lenses, confidence, *, edges):
    """Probability integral transform, coverage and standardised residuals of the regressor's laws, whatever made them.

    The transform is the law's distribution function at the true value: the rank of the truth among draws of the
    posterior, flat if that is right (Gneiting, Balabdaoui & Raftery 2007; simulation-based calibration, Talts et al.
    2018, arXiv 1804.06788). z = -Phi^-1 of it; of a normal law, (theta_E_pred - theta_E) / theta_E_sigma.

    A posterior that is right has its nominal coverage whatever the answer, so in bins of the answer and of what the
    image shows. In bins of the truth none has: the smallest radii are, if anything, measured too large.

    Parameters
    ----------
    lenses : DataFrame
        ``theta_E``, ``theta_E_pred``, ``theta_E_sigma``, ``columns.QUANTILES`` of laws that are not normal; ``kind``;
        ``arc_snr`` and ``weight`` where there are any.
    confidence : float
        Of the intervals, 0 to 1.
    edges : sequence, arcsec
        Of the bins of theta_E.

    Returns
    -------
    DataFrame
        ``prior``, ``what`` (``pit``, ``coverage``, ``z``; ``theta_E_pred``, ``theta_E`` and ``arc S/N``: coverage of
        the central 68.27 % in bins of these), ``from``, ``to`` (of a bin; of coverage both the nominal level),
        ``share`` of the lenses, its ``low`` and ``high``, ``expected`` share, ``lenses`` (effective number).
    """
    lenses = lenses[lenses["theta_E_sigma"] > 0]
    z = -posterior_of(lenses).standard(lenses["theta_E"]) if len(lenses) else np.zeros(0)
    places = {name: (bins_of(lenses[name], edges), edges) for name in ("theta_E_pred", "theta_E")}
    if "arc_snr" in lenses:
        places["arc S/N"] = bins_of(lenses["arc_snr"], ARC_SNR), ARC_SNR
    ends = np.r_[-np.inf, Z[1:-1], np.inf]
    bins = [("pit", a, b, 1 - b, 1 - a) for a, b in itertools.pairwise(PIT)]
    masks = [(panel, a, b, ndtri(low), ndtri(high)) for panel, a, b, low, high in bins]
    masks += [("coverage", p, p, ndtri(0.5 - p / 2), ndtri(0.5 + p / 2)) for p in LEVELS]
    masks += [("z", a, b, *limits) for a, b, *limits in zip(Z[:-1], Z[1:], ends[:-1], ends[1:], strict=True)]
    rows = []
    within, one_sigma = np.abs(z) <= 1, ndtr(1) - ndtr(-1)
    for prior, weight in priors_of(lenses):
        for against, (place, ends_of) in places.items():
            for k in np.unique(place[(place >= 0) & (place < len(ends_of) - 1)]):
                inside = place == k
                share = weighted_share(within[inside], weight[inside], confidence)
                bin_of = (prior, against, ends_of[k], ends_of[k + 1])
                rows.append((*bin_of, *share, one_sigma, effective_size(weight[inside])))
        for panel, a, b, low, high in masks:
            share = weighted_share((z > low) & (z <= high), weight, confidence)
            rows.append((prior, panel, a, b, *share, ndtr(high) - ndtr(low), effective_size(weight)))
    names = ["prior", "what", "from", "to", "share", "low", "high", "expected", "lenses"]
    return pd.DataFrame(rows, columns=names)
