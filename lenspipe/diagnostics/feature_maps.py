"""Which objects the figure of feature maps shows."""

import pandas as pd

ALIKE = 0.2  # arcsec: radii of objects that are compared
THRESHOLD = 0.5  # score above which an object is called a lens


def near_false_positives(objects, threshold):
    """Objects of nearly the same radius: within 0.2 arcsec of the median of the false positives, or else of the lenses.

    Parameters
    ----------
    objects : DataFrame
        ``is_lens``, ``radius`` (arcsec), ``score``.
    threshold : float
        Score above which an object is called a lens.

    Returns
    -------
    DataFrame
        Rows of ``objects``.
    """
    false = objects[(objects["score"] > threshold) & ~objects["is_lens"]]
    around = false["radius"].median() if len(false) else objects.loc[objects["is_lens"], "radius"].median()
    return objects[(objects["radius"] - around).abs() < ALIKE]


def pick_feature_map_objects(objects, threshold=THRESHOLD):
    """A true positive, two false positives and a missed lens, of nearly the same radius.

    The radius is the median of the false positives'. Among objects within 0.2 arcsec of it: the lens and the non-lens
    with the highest scores, the false positive nearest the threshold, and of the missed lenses the one with the
    brightest arc.

    Parameters
    ----------
    objects : DataFrame
        ``is_lens``, ``radius``, ``score``, ``arc_snr``.
    threshold : float
        Score above which an object is called a lens.

    Returns
    -------
    DataFrame
        Up to four rows of ``objects`` with an additional column ``role``; a role that nothing fills is left out.
    """
    near = near_false_positives(objects, threshold)
    selected = near["score"] > threshold
    candidates = [
        ("true positive", near[selected & near["is_lens"]].nlargest(1, "score")),
        ("false positive, surest", near[selected & ~near["is_lens"]].nlargest(1, "score")),
        ("false positive, marginal", near[selected & ~near["is_lens"]].nsmallest(1, "score")),
        ("missed lens", near[~selected & near["is_lens"]].nlargest(1, "arc_snr")),
    ]
    picked = pd.concat([rows.assign(role=role) for role, rows in candidates])
    return picked[~picked.index.duplicated()]
