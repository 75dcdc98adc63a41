"""False identifications against radius, in three forms."""

import pandas as pd

from lenspipe.stats.rates import contamination, rates_in_bins


def false_positives_vs_radius(objects, thresholds, prevalence, edges, confidence, rng):
    """The headline's three forms, for each threshold.

    Parameters
    ----------
    objects : DataFrame
        ``kind``, ``is_lens``, ``radius``, ``theta_E``, ``score``; the third form needs ``theta_E_pred``, the first a
        ``radius`` of non-lenses.
    thresholds : dict of str to float
    prevalence : float
        Lenses per candidate.
    edges : sequence, arcsec
    confidence : float
    rng : numpy.random.Generator

    Returns
    -------
    DataFrame
        ``form``: ``false_positive_rate`` (against radius, per kind and ``pooled``), ``completeness`` (against theta_E),
        ``contamination`` (share of false ones among the selected, against theta_E_pred); ``threshold_name``,
        ``threshold``, ``kind``, ``share`` of the kind among the non-lenses, ``prevalence``, and the columns of
        ``rates_in_bins``.
    """
    lenses = objects[objects["is_lens"]]
    others = objects[~objects["is_lens"] & objects["radius"].notna()]
    shares = others["kind"].value_counts(normalize=True).sort_index()
    parts = []
    for name, threshold in thresholds.items():
        selected = objects["score"] > threshold
        forms = []
        if len(others):
            forms.append(("false_positive_rate", "pooled", _rates(others, selected, "radius", edges, confidence)))
        for kind in shares.index if len(shares) > 1 else []:
            group = others[others["kind"] == kind]
            forms.append(("false_positive_rate", kind, _rates(group, selected, "radius", edges, confidence)))
        forms.append(("completeness", "lens", _rates(lenses, selected, "theta_E", edges, confidence)))
        if "theta_E_pred" in objects:
            contaminated = contamination(
                selected,
                objects["is_lens"],
                objects["theta_E_pred"],
                edges=edges,
                prevalence=prevalence,
                confidence=confidence,
                rng=rng,
            )
            forms.append(("contamination", "all", contaminated))
        for form, kind, table in forms:
            said = {"form": form, "threshold_name": name, "threshold": threshold, "kind": kind}
            said |= {"share": shares.get(kind, 1.0), "prevalence": prevalence}
            parts.append(pd.DataFrame(said, index=table.index).join(table))
    return pd.concat(parts, ignore_index=True)


def _rates(rows, selected, column, edges, confidence):
    return rates_in_bins(selected[rows.index], rows[column], edges, confidence)
