"""Matching of simulated stamps to real ones in brightness, colour and size of their galaxies."""

import numpy as np
from scipy.spatial.distance import cdist

RED = ("i", "r", "z")  # the band in which brightness and size are matched, in order of preference


def matching_bands(bands):
    """Bands in which galaxies are matched.

    Parameters
    ----------
    bands : sequence of str
        From blue to red.

    Returns
    -------
    red : str
        Band of the magnitude and the radius.
    blue : list of str
        Bands of the colour with ``red``: the first band, or none if there is only one.
    """
    red = next((band for band in RED if band in bands[1:]), bands[-1])
    blue = [] if len(bands) < 2 else [bands[0]]
    return red, blue


def match(real, simulated, bands, *, count):
    """Find the simulated objects nearest to the real ones, an equal number for each.

    Distance is in magnitude, colour and the logarithm of the radius, each over its standard deviation among the real
    objects. In each round every real object takes the nearest simulated one that is left, starting with the real object
    that is hardest to match. None is taken twice.

    Parameters
    ----------
    real, simulated : DataFrame [n], DataFrame [m]
        From ``measure_stamps``.
    bands : sequence of str
    count : int
        Number of matches; rounded down to whole rounds, at least one.

    Returns
    -------
    rows : int array [matches]
        Row numbers of ``simulated``.
    partners : int array [matches]
        Row number of ``real`` that each is matched to.
    """
    targets, candidates = (_coordinates(table, bands) for table in (real, simulated))
    spread = np.where((sd := np.nanstd(targets, axis=0)) > 0, sd, 1.0)
    distance = cdist(np.nan_to_num(targets / spread), np.nan_to_num(candidates / spread, nan=1e6))
    distance[:, ~np.isfinite(candidates).all(axis=1)] = np.inf
    rounds = max(1, min(count, len(simulated)) // len(real))
    hardest = np.argsort(-np.sort(distance, axis=1)[:, :rounds].mean(axis=1), kind="stable")
    rows, partners = [], []
    for _ in range(rounds):
        for k in hardest:
            nearest = int(np.argmin(distance[k]))
            if np.isfinite(distance[k, nearest]):
                rows.append(nearest)
                partners.append(int(k))
                distance[:, nearest] = np.inf
    return np.array(rows, int), np.array(partners, int)


def _coordinates(table, bands):
    """Magnitude, log radius and colour [n, 3]; no colour if there is a single band."""
    red, blue = matching_bands(bands)
    parts = [table[f"magnitude_{red}"], np.log10(table[f"radius_{red}"])]
    parts += [table[f"magnitude_{band}"] - table[f"magnitude_{red}"] for band in blue]
    return np.stack(parts, axis=1).astype(float)
