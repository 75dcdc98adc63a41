"""What the residuals of the Einstein radius depend on."""

import pandas as pd

from lenspipe.diagnostics.completeness_vs_arc_snr import ARC_SNR
from lenspipe.stats.medians import FEWEST, bins_of, median_and_spread
from lenspipe.stats.weights import FEWEST_EFFECTIVE, priors_of

SEEINGS = (0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 1.75, 2.0, 2.5, 3.0, 4.0)  # theta_E over the seeing of the best band


def table(objects, *, thresholds, edges, confidence):
    """regression_residuals.csv: a DataFrame, of ``regression_residuals``.

    ``objects`` is a DataFrame; ``thresholds`` a dict of str to float; ``edges`` a sequence, arcsec; ``confidence`` a
    float, 0 to 1: see ``diagnostics.optional_tables``.
    """
    return regression_residuals(objects[objects["is_lens"]], edges=edges, confidence=confidence)


def regression_residuals(lenses, edges, confidence):
    """Median and 16-84 % of theta_E_pred - theta_E in bins of what it may depend on.

    Parameters
    ----------
    lenses : DataFrame
        ``theta_E``, ``theta_E_pred``, ``kind``; ``seeing_best`` (arcsec), ``arc_snr``, ``weight`` where there are any.
    edges : sequence, arcsec
        Of the bins of theta_E.
    confidence : float
        Of the intervals, 0 to 1.

    Returns
    -------
    DataFrame
        ``prior``, ``against`` (``theta_E``, ``theta_E / seeing``, ``arc S/N``), ``from``, ``to``, ``lenses``,
        ``effective`` number, ``median``, its interval ``low``, ``high``, ``p16``, ``p84``, arcsec; NaN below
        five lenses, for the survey prior below a hundred effective ones.
    """
    residual = (lenses["theta_E_pred"] - lenses["theta_E"]).to_numpy()
    variables = {"theta_E": (lenses["theta_E"], edges)}
    if "seeing_best" in lenses:
        variables["theta_E / seeing"] = (lenses["theta_E"] / lenses["seeing_best"], SEEINGS)
    if "arc_snr" in lenses and lenses["arc_snr"].notna().any():
        variables["arc S/N"] = (lenses["arc_snr"], ARC_SNR)
    rows = []
    for prior, weight in priors_of(lenses):
        fewest = FEWEST if prior == "training prior" else FEWEST_EFFECTIVE
        for against, (x, ends) in variables.items():
            place = bins_of(x, ends)
            for k in range(len(ends) - 1):
                inside = place == k
                numbers = median_and_spread(residual[inside], weight[inside], fewest, confidence)
                rows.append((prior, against, ends[k], ends[k + 1], int(inside.sum()), *numbers))
    names = ["prior", "against", "from", "to", "lenses", "effective", "median", "low", "high", "p16", "p84"]
    return pd.DataFrame(rows, columns=names)
