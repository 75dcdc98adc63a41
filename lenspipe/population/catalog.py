"""A split's catalogue: which object is of which kind, and the kinds' draws put together."""

import numpy as np
import pandas as pd

from lenspipe.columns import IDS_PER_SPLIT, SPLITS, catalog_columns
from lenspipe.population.field import draw_field
from lenspipe.population.kinds import KINDS
from lenspipe.population.observing import draw_conditions
from lenspipe.rng import BATCH, catalog_stream

EMPTY = {"list[float64]": float, "list[str]": str}  # types of lists, and of what is in them


def draw_catalog(split, count, lens_fraction, non_lenses, seed, priors):
    """Draw one split.

    Parameters
    ----------
    split : str
    count : int
    lens_fraction : float
        Share of lenses.
    non_lenses : dict of str to float
        Share of each kind among the non-lenses, up to a factor.
    seed : int
    priors : Priors

    Returns
    -------
    DataFrame [count]
        The columns of ``columns.catalog_columns``. A larger count has the smaller catalogue as its beginning.
    """
    kinds = assign_kinds(count, lens_fraction, non_lenses)
    columns = catalog_columns(priors.bands)
    parts = []
    for kind in np.unique(kinds):
        index = np.flatnonzero(kinds == kind)
        rows = _draw_kind(kind, split, len(index), seed, priors)
        rows |= {
            "id": SPLITS.index(split) * IDS_PER_SPLIT + index,
            "split": np.full(len(index), split),
            "kind": np.full(len(index), kind),
            "is_lens": np.full(len(index), kind == "lens"),
        }
        rows["noise_id"] = rows["id"]
        parts.append(pd.DataFrame({c.name: rows[c.name] if c.name in rows else _empty(c, len(index)) for c in columns}))
    catalog = pd.concat(parts).sort_values("id", ignore_index=True)
    return catalog.astype({c.name: c.dtype for c in columns if c.dtype not in EMPTY})


def assign_kinds(count, lens_fraction, non_lenses):
    """Kind of each index, interleaved so that a larger count only appends and every share holds to within one.

    The j-th object of a kind with share s belongs at place (j + 1/2) / s; all kinds' places are sorted.

    Returns
    -------
    array of str [count]
    """
    total = sum(non_lenses.values())
    shares = {"lens": lens_fraction} if lens_fraction else {}
    shares |= {k: (1 - lens_fraction) * v / total for k, v in non_lenses.items() if v > 0}
    places = {kind: (np.arange(int(np.ceil(count * s)) + 2) + 0.5) / s for kind, s in shares.items()}
    names = np.concatenate([np.full(len(p), kind, dtype=object) for kind, p in places.items()])
    order = np.argsort(np.concatenate(list(places.values())), kind="stable")
    return names[order[:count]].astype(str)


def _draw_kind(kind, split, n, seed, priors):
    """The first n draws of a kind: whole batches, each from its own stream, cut to n."""
    batches = []
    for batch in range(-(-n // BATCH)):
        rng = catalog_stream(seed, split, kind, batch)
        conditions = draw_conditions(rng, BATCH, priors.survey, priors.bands)
        rows = conditions | KINDS[kind](rng, BATCH, priors)
        batches.append(rows | draw_field(catalog_stream(seed, split, kind, batch, "field"), rows, BATCH, priors))
    return {name: np.concatenate([b[name] for b in batches])[:n] for name in batches[0]}


def _empty(column, n):
    if column.dtype in EMPTY:
        return [np.empty(0, EMPTY[column.dtype])] * n
    return np.full(n, {"str": "", "bool": False}.get(column.dtype, np.nan))
