"""The numbers that a run is judged by, with their intervals and populations."""

import numpy as np

from lenspipe.diagnostics.einstein_radius import radius_summary, weighted_radius_summary
from lenspipe.diagnostics.roc import auroc, completeness_at, weighted_auroc
from lenspipe.stats.rates import binomial_interval, contamination
from lenspipe.stats.weights import WEIGHTED, effective_size, priors_of, priors_of_both, weighted_share

DISCOVERABLE = {"theta_E": 0.8, "arc_snr": 20.0}  # arcsec; what a search of such images can hope for


def populations_of(objects):
    """Lenses by name: all, and those that a search can hope for."""
    lenses = objects[objects["is_lens"]]
    named = {"all lenses": lenses}
    if "arc_snr" in objects and objects["arc_snr"].notna().any():
        bright = np.logical_and.reduce([lenses[name] > least for name, least in DISCOVERABLE.items()])
        if bright.any():
            said = f'theta_E > {DISCOVERABLE["theta_E"]:g}", arc S/N > {DISCOVERABLE["arc_snr"]:g}'
            named[f"discoverable ({said})"] = lenses[bright]
    return named


SURVEYS = f"lenses {WEIGHTED}"
RULERS = {  # column of radii beside the network's: what it is called
    "theta_E_colours": "colours and magnitudes alone",
    "theta_E_hand": "hand-made features",
    "theta_E_light": "the deflector's true light alone",
}


def methods_of(lenses):
    """The network's radii and those of the baselines that are there: name, radii, their sigmas or None."""
    yield "network", lenses["theta_E_pred"], lenses["theta_E_sigma"] if "theta_E_sigma" in lenses else None
    yield from ((method, lenses[column], None) for column, method in RULERS.items() if column in lenses)


def finding_summary(objects, populations, curves, thresholds, prevalence, confidence):
    """Rows of ``columns.SUMMARY`` about scores.

    Parameters
    ----------
    objects : DataFrame
    populations : dict of str to DataFrame
        From ``populations_of``.
    curves : DataFrame
        From ``roc_table``, of all populations.
    thresholds : dict of str to float
    prevalence, confidence : float

    Returns
    -------
    list of tuple
    """
    rows = []
    others = objects[~objects["is_lens"]]
    for name, lenses in populations.items():
        scores = lenses["score"].to_numpy()
        said = f"{name} against all non-lenses"
        rows.append(("auroc", *auroc(scores, others["score"], confidence), len(scores) + len(others), said))
        points = curves[(curves["population"] == name) & (curves["what"] != "curve")]
        rows += [(p.what, p.completeness, p.low, p.high, p.lenses, said) for p in points.itertuples()]
    for kind, group in others.groupby("kind"):
        lenses = populations["all lenses"]["score"]
        rows.append(("auroc", *auroc(lenses, group["score"], confidence), len(group), f"lenses against {kind}"))
    rows += _weighted_auroc(objects, confidence)
    for name, threshold in thresholds.items():
        for kind, group in [("all non-lenses", others), *others.groupby("kind")]:
            false, n = int((group["score"] > threshold).sum()), len(group)
            low, high = binomial_interval(false, n, confidence)
            rows.append((f"false_positive_rate at {name}", false / n, low[0], high[0], n, kind))
        for population, lenses in populations.items():
            values = completeness_at(lenses["score"], threshold, confidence)
            rows.append((f"completeness at {name}", *values, len(lenses), population))
        rows += _weighted(populations["all lenses"], name, threshold, confidence)
        rows += _purity(objects, name, threshold, prevalence, confidence)
    return rows


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
    said = f"{SURVEYS} against all non-lenses weighted likewise"
    return [("auroc", *weighted_auroc(*classes[0], classes[1], confidence), int(effective_size(weight)), said)]


def _weighted(lenses, name, threshold, confidence):
    """Completeness for the survey's own mix of lenses."""
    weight = _survey_weight(lenses)
    if weight is None:
        return []
    values = weighted_share(lenses["score"] > threshold, weight, confidence)
    return [(f"completeness at {name}", *values, int(effective_size(weight)), SURVEYS)]


def _purity(objects, name, threshold, prevalence, confidence):
    """Share of lenses among the selected at the prevalence: one minus the contamination, in one bin of everything."""
    selected, is_lens = objects["score"] > threshold, objects["is_lens"]
    rng = np.random.default_rng(0)  # the intervals of a summary do not hang on what was drawn before
    middle = np.full(len(objects), 0.5)
    found = contamination(
        selected, is_lens, middle, edges=[0.0, 1.0], prevalence=prevalence, confidence=confidence, rng=rng
    ).iloc[0]
    values = (1 - found["rate"], 1 - found["high"], 1 - found["low"])
    return [(f"purity at {name}", *values, int(found["trials"]), f"prevalence {prevalence:g}")]


def measuring_summary(populations, confidence, rng):
    """Rows of ``columns.SUMMARY`` about Einstein radii; arcsec, but for the shares ``outliers`` and ``coverage``."""
    rows = []
    for population, lenses in populations.items():
        for method, predicted, sigma in methods_of(lenses):
            found = radius_summary(lenses["theta_E"], predicted, sigma, confidence, rng)
            said = population if method == "network" else f"{population}; {method}"
            rows += [(f"theta_E {name}", *values, len(lenses), said) for name, values in found.items()]
    lenses = populations["all lenses"]
    weight = _survey_weight(lenses)
    if weight is None:
        return rows
    for method, predicted, sigma in methods_of(lenses):
        found = weighted_radius_summary(lenses["theta_E"], predicted, sigma, weight, confidence, rng)
        said = SURVEYS if method == "network" else f"{SURVEYS}; {method}"
        rows += [(f"theta_E {name}", *values, int(effective_size(weight)), said) for name, values in found.items()]
    return rows
