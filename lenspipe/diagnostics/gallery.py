"""The worst failures as stamps."""

import pandas as pd

from lenspipe.diagnostics.stamps import stamps

COUNT = 16  # stamps of each sort of failure that are shown


def gallery(objects, path):
    """The stamps that the figure shows.

    Parameters
    ----------
    objects : DataFrame
        ``id``, ``kind``, ``is_lens``, ``radius``, ``score``, ``arc_snr``.
    path : path
        Of the image store.

    Returns
    -------
    dict of str to array
        As from ``stamps``.
    """
    rows = pick_gallery(objects, COUNT)
    return stamps(path, rows, texts=("kind", "role"), numbers=("id", "radius", "score", "arc_snr"))


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
        Rows of ``objects``, worst first, with an additional column ``role``.
    """
    false = objects[~objects["is_lens"]].nlargest(count, "score").assign(role="non-lenses with the highest scores")
    missed = objects[objects["is_lens"]].nsmallest(count, "score").assign(role="lenses with the lowest scores")
    return pd.concat([false, missed])
