"""Catalogue of a split: assigns a kind to each object and joins the draws of all kinds."""

import functools
from dataclasses import replace

import numpy as np
import pandas as pd

from lenspipe.columns import IDS_PER_SPLIT, SPLITS, catalog_columns
from lenspipe.families import KINDS
from lenspipe.population.conditions import draw_conditions
from lenspipe.population.field import draw_field
from lenspipe.population.painting import with_cutout_properties
from lenspipe.population.real_galaxies import assign_galaxies
from lenspipe.rng import BATCH, catalog_stream

EMPTY = {"list[float64]": float, "list[str]": str}  # list types, and the types of their values


def one_by_one(function, arguments):
    """Yield (index, result) of ``function`` (callable) for each tuple of ``arguments`` (sequence), in this process."""
    yield from ((k, function(*given)) for k, given in enumerate(arguments))


def draw_catalog(split, count, *, lens_fraction, non_lenses, seed, priors, galaxies=None, run=one_by_one):
    """Draw the catalogue of one split.

    Parameters
    ----------
    split : str
    count : int
        Number of objects.
    lens_fraction : float
        Share of lenses.
    non_lenses : dict of str to float
        Share of each kind among the non-lenses, up to a factor.
    seed : int
    priors : Priors
    galaxies : DataFrame [m], optional
        The split's real galaxies, from ``real_galaxies.split_galaxies``; all objects are painted on them.
    run : callable, optional
        Does tasks, as ``one_by_one``, in any order or in other processes; the catalogue does not depend on it.

    Returns
    -------
    DataFrame [count]
        The columns of ``columns.catalog_columns``. Without real galaxies, a larger catalogue starts with the rows of
        the smaller one.

    Raises
    ------
    ValueError
        For a kind that cannot be painted on a real galaxy.
    """
    kinds = assign_kinds(count, lens_fraction, non_lenses)
    columns = catalog_columns(priors.bands)
    places = {kind: np.flatnonzero(kinds == kind) for kind in np.unique(kinds)}
    batches = batches_of({kind: len(index) for kind, index in places.items()})
    draw = functools.partial(draw_batch, split=split, seed=seed, priors=priors, galaxies=galaxies)
    drawn = dict(run(draw, batches))
    parts = []
    for kind, index in places.items():
        of_kind = [drawn.pop(k) for k, (name, *_) in enumerate(batches) if name == kind]
        rows = {name: np.concatenate([batch[name] for batch in of_kind]) for name in of_kind[0]}
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
    """Kind of each object, interleaved so that a larger count only appends and each share is exact to within one.

    The j-th object of a kind with share s has position (j + 1/2) / s; the positions of all kinds are sorted.

    Parameters
    ----------
    count : int
        Number of objects.
    lens_fraction : float
        Share of lenses.
    non_lenses : dict of str to float
        Share of each kind among the non-lenses, up to a factor.

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


def batches_of(counts):
    """The draws of each kind: list of (kind, number of the batch, number of objects of the kind).

    ``counts`` (dict of str to int) is the number of objects by kind.
    """
    return [(kind, batch, n) for kind, n in counts.items() for batch in range(-(-n // BATCH))]


def draw_batch(kind, batch, n, *, split, seed, priors, galaxies):
    """One batch of draws of a kind, from its own stream, without what is beyond the first n of the kind.

    Parameters
    ----------
    kind : str
    batch, n : int
    split, seed, priors, galaxies
        As of ``draw_catalog``.

    Returns
    -------
    dict of str to array
    """
    rng = catalog_stream(seed, split, kind, batch)
    conditions = draw_conditions(rng, BATCH, priors.survey, priors.bands)
    if galaxies is None:
        rows = conditions | KINDS[kind](rng, BATCH, priors)
        rows |= draw_field(catalog_stream(seed, split, kind, batch, "field"), rows, BATCH, priors)
    else:
        places = assign_galaxies(batch * BATCH + np.arange(BATCH), n, len(galaxies))
        real = {name: values.to_numpy() for name, values in galaxies.iloc[places].items()}
        with np.errstate(all="ignore"):  # survey weights are undefined for real galaxies
            rows = conditions | KINDS[kind](rng, BATCH, replace(priors, real=real))
        check_paintable(kind, rows)
        rows = with_cutout_properties(rows, real, priors.survey, priors.bands)
    return _first(rows, n - batch * BATCH)


def _first(rows, n):
    """The first n rows, or all; cells are copied if some are left out, because they are parts of one array for all."""
    if n >= BATCH:
        return rows
    first = {name: values[:n] for name, values in rows.items()}
    for name, values in first.items():
        if values.dtype == object:
            first[name] = np.empty(n, object)
            first[name][:] = [cell.copy() if isinstance(cell, np.ndarray) else cell for cell in values]
    return first


def check_paintable(kind, rows):
    """Check that a kind can be painted on real galaxies.

    Parameters
    ----------
    kind : str
    rows : dict of str to array [n]
        Its columns, drawn with real galaxies.

    Raises
    ------
    ValueError
        If the rows have no ``background_id``.
    """
    if "background_id" not in rows:
        raise ValueError(f"'{kind}' has no deflector that could be a real galaxy; give it share 0")


def _empty(column, n):
    if column.dtype in EMPTY:
        return [np.empty(0, EMPTY[column.dtype])] * n
    return np.full(n, {"str": "", "bool": False, "int64": -1}.get(column.dtype, np.nan))
