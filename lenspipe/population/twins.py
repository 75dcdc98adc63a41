"""Counterfactual twins of lenses: identical to the lens, but the source is removed or not lensed."""

import numpy as np
import pandas as pd

from lenspipe.columns import IDS_PER_SPLIT, SPLITS, TWINS, catalog_columns, group_columns
from lenspipe.population.clumps import RAYS
from lenspipe.population.components import split_into_cells

MASS = ("theta_E_halo", "e1", "e2", "gamma", "gamma1", "gamma2", "center_x", "center_y")
SHAPE = ("R_sersic", "n_sersic", "e1", "e2", "center_x", "center_y")


def make_twins(lenses, bands):
    """Make two twins of each lens.

    ``noise_id`` is the lens's. It identifies the lens of a twin and gives the twin the lens's noise, except that of the
    source. The unlensed source keeps its position behind the galaxy: what the sky would show if the deflector bent no
    light. In every band it is brightened by the magnification of the lens, so that flux alone does not distinguish it.
    Each part of a clumpy source is brightened by its own magnification, and so is the disc.

    Parameters
    ----------
    lenses : DataFrame [n]
        Rows of the test split's catalogue.
    bands : sequence of str

    Returns
    -------
    DataFrame [2 n]
        The columns of ``columns.catalog_columns``; more lenses only append rows. ``radius`` is the lens's ``theta_E``.
    """
    pairs = lenses.loc[lenses.index.repeat(len(TWINS))].reset_index(drop=True)
    index = np.arange(len(pairs))
    without_source = index % len(TWINS) == TWINS.index("twin_without_source")
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
    magnified = magnified_magnitudes(lenses, bands)
    twins = twins.assign(**{name: np.repeat(values, len(TWINS)) for name, values in magnified.items()})
    for column in catalog_columns(bands):
        if column.name.startswith("source_") and column.dtype == "float64":
            twins.loc[without_source, column.name] = np.nan
    for column in group_columns("part", bands):
        cells = zip(without_source, twins[column.name], strict=True)
        remaining = [np.empty(0) if removed else cell for removed, cell in cells]
        twins[column.name] = pd.Series(remaining, dtype=object)
    return twins


def magnified_magnitudes(lenses, bands):
    """Magnitudes of the sources of lenses, and of their parts, with the flux that lensing gives them.

    Parameters
    ----------
    lenses : DataFrame [n]
        Rows of the catalogue.
    bands : sequence of str

    Returns
    -------
    dict of str to array [n], mag
        The columns ``source_magnitude_<band>`` and ``part_magnitude_<band>``.
    """
    from lenspipe.population.magnification import magnification  # compiled by numba, which is slow to import

    counts = lenses["part_R_sersic"].map(len).to_numpy(int)
    owner, clumpy = np.repeat(np.arange(len(lenses)), counts), counts > 0
    of_parts = [column.name for column in group_columns("part", bands)]
    parts = {name.removeprefix("part_"): np.concatenate([[], *lenses[name]]) for name in of_parts}
    disc = {name: lenses[f"source_{name}"].to_numpy()[clumpy] for name in SHAPE}
    mass = {name: lenses[name].to_numpy() for name in MASS}
    mu_disc, mu = lenses["magnification"].to_numpy(copy=True), np.ones(len(owner))
    if len(owner):
        mu_disc[clumpy] = magnification({name: values[clumpy] for name, values in mass.items()}, disc)
        mu = magnification({name: values[owner] for name, values in mass.items()}, parts, RAYS)
    columns = {}
    for band in bands:
        magnitude, total = parts[f"magnitude_{band}"], 10 ** (-0.4 * lenses[f"source_magnitude_{band}"].to_numpy())
        flux = 10 ** (-0.4 * magnitude)
        lensed, unlensed = (np.bincount(owner, values, len(lenses)) for values in (flux * mu, flux))
        columns[f"source_magnitude_{band}"] = -2.5 * np.log10((total - unlensed) * mu_disc + lensed)
        columns[f"part_magnitude_{band}"] = split_into_cells(magnitude - 2.5 * np.log10(mu), counts)
    return columns
