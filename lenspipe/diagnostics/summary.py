"""The numbers that a run is judged by, with their intervals and populations."""

import numpy as np
import pandas as pd

from lenspipe.columns import SUMMARY
from lenspipe.diagnostics.roc import completeness_at
from lenspipe.stats.auroc import auroc, weighted_auroc
from lenspipe.stats.rates import binomial_interval, contamination
from lenspipe.stats.scatter import radius_summary, weighted_radius_summary
from lenspipe.stats.weights import WEIGHTED, effective_size, priors_of, priors_of_both, weighted_share

DISCOVERABLE = {"theta_E": 0.8, "arc_snr": 20.0}  # arcsec; what a search of such images can hope for


def populations_of(objects):
    """Lenses by name: all, and those that a search can hope for.

    Parameters
    ----------
    objects : DataFrame
        ``is_lens``; ``theta_E``, arcsec, and ``arc_snr`` where there are any.

    Returns
    -------
    dict of str to DataFrame
        Rows of ``objects``.
    """
    lenses = objects[objects["is_lens"]]
    named = {"all lenses": lenses}
    if "arc_snr" in objects and objects["arc_snr"].notna().any():
        bright = np.logical_and.reduce([lenses[name] > least for name, least in DISCOVERABLE.items()])
        if bright.any():
            cuts = f'theta_E > {DISCOVERABLE["theta_E"]:g}", arc S/N > {DISCOVERABLE["arc_snr"]:g}'
            named[f"discoverable ({cuts})"] = lenses[bright]
    return named


SURVEYS = f"lenses {WEIGHTED}"


def summary_table(rows):
    """``rows`` of ``columns.SUMMARY``, a list of tuple, as a DataFrame."""
    return pd.DataFrame(rows, columns=[column.name for column in SUMMARY])


def of_method(rows, method):
    """Rows of ``columns.SUMMARY`` from ``rows`` (list of tuple) without their last column, the ``method`` (str)."""
    return [(*row, method) for row in rows]


def finding_summary(objects, populations, curves, *, thresholds, prevalence, confidence):
    """Rows of ``columns.SUMMARY`` but the method, about scores.

    Parameters
    ----------
    objects : DataFrame
        ``kind``, ``is_lens``, ``score``; ``weight`` where there is one.
    populations : dict of str to DataFrame
        From ``populations_of``.
    curves : DataFrame
        From ``roc``, of all populations; empty if there are only lenses or only non-lenses.
    thresholds : dict of str to float
    prevalence : float
        Lenses per candidate.
    confidence : float
        Of the intervals, 0 to 1.

    Returns
    -------
    list of tuple
    """
    non_lenses = objects[~objects["is_lens"]]
    rows = _ranking(objects, populations, curves, confidence) if len(curves) else []
    for name, threshold in thresholds.items():
        for kind, group in [("all non-lenses", non_lenses), *non_lenses.groupby("kind")] if len(non_lenses) else []:
            false, n = int((group["score"] > threshold).sum()), len(group)
            low, high = binomial_interval(false, n, confidence)
            rows.append((f"false_positive_rate at {name}", false / n, low[0], high[0], n, kind))
        if populations["all lenses"].empty:
            continue
        for population, lenses in populations.items():
            values = completeness_at(lenses["score"], threshold, confidence)
            rows.append((f"completeness at {name}", *values, len(lenses), population))
        rows += _weighted(populations["all lenses"], name, threshold, confidence)
        if len(non_lenses):
            rows += _purity(objects, name, threshold, prevalence=prevalence, confidence=confidence)
    return rows


def _ranking(objects, populations, curves, confidence):
    """AUROC and the quoted points of the curves."""
    rows = []
    non_lenses = objects[~objects["is_lens"]]
    for name, lenses in populations.items():
        scores = lenses["score"].to_numpy()
        against = f"{name} against all non-lenses"
        area = auroc(scores, non_lenses["score"], confidence)
        rows.append(("auroc", *area, len(scores) + len(non_lenses), against))
        points = curves[(curves["population"] == name) & (curves["what"] != "curve")]
        rows += [(p.what, p.completeness, p.low, p.high, p.lenses, against) for p in points.itertuples()]
    for kind, group in non_lenses.groupby("kind"):
        lenses = populations["all lenses"]["score"]
        rows.append(("auroc", *auroc(lenses, group["score"], confidence), len(group), f"lenses against {kind}"))
    return rows + _weighted_auroc(objects, confidence)


def _survey_weight(lenses):
    """Weights of the survey's own mix of lenses; None if too few effective ones carry it."""
    return dict(priors_of(lenses)).get("survey prior")


def _weighted_auroc(objects, confidence):
    """AUROC for the survey's own mix of lenses and of deflectors that are none."""
    weight = dict(priors_of_both(objects)).get("survey prior")
    if weight is None:
        return []
    is_lens, scores = objects["is_lens"].to_numpy(bool), objects["score"].to_numpy()
    classes = [scores[is_lens], scores[~is_lens]], [weight[is_lens], weight[~is_lens]]
    population = f"{SURVEYS} against all non-lenses with the same weights"
    return [("auroc", *weighted_auroc(*classes[0], classes[1], confidence), int(effective_size(weight)), population)]


def _weighted(lenses, name, threshold, confidence):
    """Completeness for the survey's own mix of lenses."""
    weight = _survey_weight(lenses)
    if weight is None:
        return []
    values = weighted_share(lenses["score"] > threshold, weight, confidence)
    return [(f"completeness at {name}", *values, int(effective_size(weight)), SURVEYS)]


def _purity(objects, name, threshold, *, prevalence, confidence):
    """Share of lenses among the selected at the prevalence: one minus the contamination, in one bin of everything."""
    selected, is_lens = objects["score"] > threshold, objects["is_lens"]
    rng = np.random.default_rng(0)  # the intervals of a summary do not hang on what was drawn before
    middle = np.full(len(objects), 0.5)
    options = {"edges": [0.0, 1.0], "prevalence": prevalence, "confidence": confidence, "rng": rng}
    false = contamination(selected, is_lens, middle, **options).iloc[0]
    values = (1 - false["rate"], 1 - false["high"], 1 - false["low"])
    return [(f"purity at {name}", *values, int(false["trials"]), f"prevalence {prevalence:g}")]


def measuring_summary(populations, *, confidence, rng):
    """Rows of ``columns.SUMMARY`` but the method, about Einstein radii.

    Parameters
    ----------
    populations : dict of str to DataFrame
        From ``populations_of``: ``theta_E``, ``theta_E_pred``, arcsec; ``theta_E_sigma``, ``weight`` if measured.
    confidence : float
        Of the intervals, 0 to 1.
    rng : numpy.random.Generator
        Of the bootstrap.

    Returns
    -------
    list of tuple
        In arcsec, but for the shares ``outliers`` and ``coverage``.
    """
    rows = []
    for population, lenses in populations.items():
        summary = radius_summary(*_radii(lenses), confidence=confidence, rng=rng)
        rows += [(f"theta_E {name}", *values, len(lenses), population) for name, values in summary.items()]
    lenses = populations["all lenses"]
    weight = _survey_weight(lenses)
    if weight is None:
        return rows
    summary = weighted_radius_summary(*_radii(lenses), weight, confidence=confidence, rng=rng)
    n = int(effective_size(weight))
    return rows + [(f"theta_E {name}", *values, n, SURVEYS) for name, values in summary.items()]


def _radii(lenses):
    """True and predicted radii, and the method's standard deviations or None."""
    sigma = lenses["theta_E_sigma"] if "theta_E_sigma" in lenses else None
    return lenses["theta_E"], lenses["theta_E_pred"], sigma
