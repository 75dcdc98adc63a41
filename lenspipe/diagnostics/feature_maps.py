"""Which objects are shown as pictures."""

import numpy as np
import pandas as pd

ALIKE = 0.2  # arcsec: radii of objects that are compared


def pick_examples(objects, per_kind):
    """Objects of each kind, evenly over their radii.

    Parameters
    ----------
    objects : DataFrame
        ``kind``, ``radius``.
    per_kind : int

    Returns
    -------
    DataFrame
        Rows of ``objects``, by kind (lenses first) and radius.
    """
    parts = []
    for kind in sorted(objects["kind"].unique(), key=lambda kind: (kind != "lens", kind)):
        group = objects[objects["kind"] == kind].sort_values("radius")
        places = np.linspace(0, len(group) - 1, min(per_kind, len(group))).round().astype(int)
        parts.append(group.iloc[places])
    return pd.concat(parts)


def pick_feature_map_objects(objects, threshold):
    """A true positive, two false positives and a missed lens, of nearly the same radius.

    The radius is the median of the false positives'. Among objects within 0.2 arcsec of it: the lens and the non-lens
    with the highest scores, the false positive nearest the threshold, and of the missed lenses the one with the
    brightest arc.

    Parameters
    ----------
    objects : DataFrame
        ``is_lens``, ``radius``, ``score``, ``arc_snr``.
    threshold : float

    Returns
    -------
    DataFrame
        Up to four rows of ``objects`` with a further column ``role``; a role that nothing fills is left out.
    """
    selected = objects["score"] > threshold
    false = objects[selected & ~objects["is_lens"]]
    around = false["radius"].median() if len(false) else objects.loc[objects["is_lens"], "radius"].median()
    near = objects[(objects["radius"] - around).abs() < ALIKE]
    selected = near["score"] > threshold
    candidates = [
        ("true positive", near[selected & near["is_lens"]].nlargest(1, "score")),
        ("false positive, surest", near[selected & ~near["is_lens"]].nlargest(1, "score")),
        ("false positive, marginal", near[selected & ~near["is_lens"]].nsmallest(1, "score")),
        ("missed lens", near[~selected & near["is_lens"]].nlargest(1, "arc_snr")),
    ]
    picked = pd.concat([rows.assign(role=role) for role, rows in candidates])
    return picked[~picked.index.duplicated()]


def pick_gallery(objects, count):
    """The worst failures: the non-lenses with the highest scores and the lenses with the lowest.

    Parameters
    ----------
    objects : DataFrame
        ``is_lens``, ``score``.
    count : int
        Of each sort.

    Returns
    -------
    DataFrame
        Rows of ``objects``, worst first, with a further column ``role``.
    """
    false = objects[~objects["is_lens"]].nlargest(count, "score").assign(role="non-lenses with the highest scores")
    missed = objects[objects["is_lens"]].nsmallest(count, "score").assign(role="lenses with the lowest scores")
    return pd.concat([false, missed])
