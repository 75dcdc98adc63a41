"""Objects of each kind, evenly over their radii, as stamps."""

import numpy as np
import pandas as pd

from lenspipe.diagnostics.stamps import stamps

PER_KIND = 8  # stamps of each kind that are shown


def examples(objects, path):
    """The stamps that the figure shows.

    Parameters
    ----------
    objects : DataFrame
        ``id``, ``kind``, ``radius``, ``score``.
    path : path
        Of the image store.

    Returns
    -------
    dict of str to array
        As from ``stamps``.
    """
    return stamps(path, pick_examples(objects, PER_KIND), texts=("kind",), numbers=("id", "radius", "score"))


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
