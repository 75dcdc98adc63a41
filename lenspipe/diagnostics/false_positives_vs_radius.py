"""False positives, completeness and contamination against radius, and the four objects that stand for them."""

import numpy as np
import pandas as pd

from lenspipe import store
from lenspipe.diagnostics.feature_maps import near_false_positives
from lenspipe.diagnostics.stamps import stamps
from lenspipe.stats.rates import contamination, rates_in_bins


def false_positives_vs_radius(objects, thresholds, *, prevalence, edges, confidence, rng):
    """The headline's three forms, for each threshold.

    Parameters
    ----------
    objects : DataFrame
        ``kind``, ``is_lens``, ``radius``, ``theta_E``, ``score``; the third form needs ``theta_E_pred`` and both
        lenses and non-lenses, the first a ``radius`` of non-lenses.
    thresholds : dict of str to float
    prevalence : float
        Lenses per candidate.
    edges : sequence, arcsec
        Of the bins of radius.
    confidence : float
        Of the intervals, 0 to 1.
    rng : numpy.random.Generator
        Of the draws behind the third form's intervals.

    Returns
    -------
    DataFrame
        ``form``: ``false_positive_rate`` (against radius, per kind and ``pooled``), ``completeness`` (against theta_E),
        ``contamination`` (share of false ones among the selected, against theta_E_pred); ``threshold_name``,
        ``threshold``, ``kind``, ``share`` of the kind among the non-lenses, ``prevalence``, and the columns of
        ``rates_in_bins``.
    """
    lenses = objects[objects["is_lens"]]
    non_lenses = objects[~objects["is_lens"] & objects["radius"].notna()]
    shares = non_lenses["kind"].value_counts(normalize=True).sort_index()
    parts = []

    def rates(rows, selected, column):
        return rates_in_bins(selected[rows.index], rows[column], edges, confidence=confidence)

    for name, threshold in thresholds.items():
        selected = objects["score"] > threshold
        forms = []
        if len(non_lenses):
            forms.append(("false_positive_rate", "pooled", rates(non_lenses, selected, "radius")))
        for kind in shares.index if len(shares) > 1 else []:
            group = non_lenses[non_lenses["kind"] == kind]
            forms.append(("false_positive_rate", kind, rates(group, selected, "radius")))
        if len(lenses) or not forms:
            forms.append(("completeness", "lens", rates(lenses, selected, "theta_E")))
        if "theta_E_pred" in objects and objects["is_lens"].nunique() == 2:
            false_share = contamination(
                selected,
                objects["is_lens"],
                objects["theta_E_pred"],
                edges=edges,
                prevalence=prevalence,
                confidence=confidence,
                rng=rng,
            )
            forms.append(("contamination", "all", false_share))
        for form, kind, table in forms:
            labels = {"form": form, "threshold_name": name, "threshold": threshold, "kind": kind}
            labels |= {"share": shares.get(kind, 1.0), "prevalence": prevalence}
            parts.append(pd.DataFrame(labels, index=table.index).join(table))
    return pd.concat(parts, ignore_index=True)


def pick_headline_objects(objects, threshold):
    """One object for each way in which a finder is right or wrong at a threshold, of nearly the same radius.

    The radius is the median of the false positives', as for the figure of feature maps. A role that no object near it
    fills is taken from objects of all radii.

    Parameters
    ----------
    objects : DataFrame
        ``kind``, ``is_lens``, ``radius`` (arcsec), ``score``, ``arc_snr``.
    threshold : float
        Score above which an object is called a lens.

    Returns
    -------
    DataFrame
        Rows of ``objects`` with the additional column ``role``, those that exist, in this order: ``found lens``, the
        lens with the highest score; ``false positive``, the non-lens with the highest score that is no ring;
        ``missed lens``, of the lenses not selected the one with the highest arc S/N; ``impostor``, the ring with the
        highest score, selected or not, or, without rings, the best non-lens of another kind than the false positive's.
    """
    near = near_false_positives(objects, threshold).index
    selected, is_lens, is_ring = objects["score"] > threshold, objects["is_lens"], objects["kind"] == "ring"

    def best(rows, column):
        nearby = rows[rows.index.isin(near)]
        return (nearby if len(nearby) else rows).nlargest(1, column)

    false = best(objects[selected & ~is_lens & ~is_ring], "score")
    impostors = is_ring if is_ring.any() else ~is_lens & ~objects["kind"].isin(false["kind"])
    parts = {
        "found lens": best(objects[is_lens & selected], "score"),
        "false positive": false,
        "missed lens": best(objects[is_lens & ~selected], "arc_snr"),
        "impostor": best(objects[impostors], "score"),
    }
    return pd.concat([rows.assign(role=role) for role, rows in parts.items()])


def headline_stamps(objects, threshold, path):
    """The stamps that the figure shows.

    Parameters
    ----------
    objects : DataFrame
        ``id``, ``radius``, and the columns of ``pick_headline_objects``.
    threshold : float
    path : path
        Of the image store.

    Returns
    -------
    dict of str to array
        As from ``stamps``, and ``pixel_scale``, arcsec.
    """
    rows = pick_headline_objects(objects, threshold)
    shown = stamps(path, rows, texts=("kind", "role"), numbers=("id", "radius", "score", "arc_snr"))
    return shown | {"pixel_scale": np.array(store.open_images(path).attrs["pixel_scale"])}
