"""Counterfactual twins of lenses: all is the same but the source, which is gone or is not lensed."""

import numpy as np
import pandas as pd

from lenspipe.columns import IDS_PER_SPLIT, SPLITS, TWINS, catalog_columns, group_columns


def make_twins(lenses, bands):
    """Two twins of each lens.

    ``noise_id`` is the lens's, which says whose twin it is and gives it the lens's noise, but for that of the source.
    The unlensed source lies where it is, behind the galaxy: what the sky would show if the deflector bent no light. It
    is as much brighter, in every band, as lensing makes it, so that its light alone tells it from no lens.

    Parameters
    ----------
    lenses : DataFrame [n]
        Rows of the test split's catalogue.
    bands : sequence of str

    Returns
    -------
    DataFrame [2 n]
        The columns of ``columns.catalog_columns``; further lenses only append. ``radius`` is their lens's ``theta_E``.
    """
    pairs = lenses.loc[lenses.index.repeat(len(TWINS))].reset_index(drop=True)
    index = np.arange(len(pairs))
    bare = index % len(TWINS) == TWINS.index("twin_without_source")
    twins = pairs.assign(
        id=SPLITS.index("twins") * IDS_PER_SPLIT + index,
        split="twins",
        kind=np.resize(TWINS, len(pairs)),
        is_lens=False,
        source_is_lensed=False,
        theta_E=np.nan,
        magnification=np.nan,
        weight=np.nan,
    )
    brighter = -2.5 * np.log10(pairs["magnification"])
    for band in bands:
        twins[f"source_magnitude_{band}"] += brighter
        part = f"part_magnitude_{band}"
        twins[part] = pd.Series([m + d for m, d in zip(twins[part], brighter, strict=True)], dtype=object)
    for column in catalog_columns(bands):
        if column.name.startswith("source_") and column.dtype == "float64":
            twins.loc[bare, column.name] = np.nan
    for column in group_columns("part", bands):
        kept = [np.empty(0) if none else cell for none, cell in zip(bare, twins[column.name], strict=True)]
        twins[column.name] = pd.Series(kept, dtype=object)
    return twins
