"""Simulated stamps that are like the real ones in the brightness, colour and size of their galaxies."""

import numpy as np
from scipy.spatial.distance import cdist

RED = ("i", "r", "z")  # the band in which brightness and size are matched, in order of preference
MATCHED_IN = "magnitude, colour and half-light radius of the central galaxy"


def matching_columns(bands):
    """Names of the features that are matched: of a red band, and its colour."""
    red = next((band for band in RED if band in bands[1:]), bands[-1])
    colour = [] if len(bands) < 2 else [bands[0]]
    return red, colour


def match(real, simulated, bands, count):
    """Places of the simulated objects nearest to the real ones, an equal number for each.

    Nearest in magnitude, colour and the logarithm of the radius, each over its standard deviation among the real ones.
    In each round every real object, in an order that starts with the one hardest to match, takes the nearest that is
    left; none is taken twice.

    Parameters
    ----------
    real, simulated : DataFrame
        From ``measure_stamps``.
    bands : sequence of str
    count : int
        How many are wanted; rounded to whole rounds, of which there is one at least.

    Returns
    -------
    places : int array [m]
        Rows of ``simulated``.
    partners : int array [m]
        The row of ``real`` that took each.
    """
    own, others = (_coordinates(table, bands) for table in (real, simulated))
    spread = np.where((sd := np.nanstd(own, axis=0)) > 0, sd, 1.0)
    distance = cdist(np.nan_to_num(own / spread), np.nan_to_num(others / spread, nan=1e6))
    distance[:, ~np.isfinite(others).all(axis=1)] = np.inf
    rounds = max(1, min(count, len(simulated)) // len(real))
    hardest = np.argsort(-np.sort(distance, axis=1)[:, :rounds].mean(axis=1), kind="stable")
    places, partners = [], []
    for _ in range(rounds):
        for k in hardest:
            nearest = int(np.argmin(distance[k]))
            if np.isfinite(distance[k, nearest]):
                places.append(nearest)
                partners.append(int(k))
                distance[:, nearest] = np.inf
    return np.array(places, int), np.array(partners, int)


def _coordinates(table, bands):
    """Magnitude, colour, log radius [n, 3]; without the colour of a single band."""
    red, blue = matching_columns(bands)
    parts = [table[f"magnitude_{red}"], np.log10(table[f"radius_{red}"])]
    parts += [table[f"magnitude_{band}"] - table[f"magnitude_{red}"] for band in blue]
    return np.stack(parts, axis=1).astype(float)
