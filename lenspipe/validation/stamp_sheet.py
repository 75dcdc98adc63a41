"""Real stamps beside simulated ones of the same brightness."""

import numpy as np

from lenspipe.validation.matching import matching_columns
from lenspipe.validation.realism_tables import MATCHED, REAL

SHOWN = 8  # real stamps, each over two simulated ones
TWINS = 2


def side_by_side(samples, measured, partners, bands, scores):
    """What the sheet of stamps is drawn from: real ones from bright to faint, each with those first matched to it.

    Parameters
    ----------
    samples : dict of str to Stamps
    measured : dict of str to tuple
        From ``measure_stamps``.
    partners : int array [m]
        The real stamp of each matched one.
    bands : sequence of str
    scores : dict of str to array

    Returns
    -------
    dict of str to array [n, ...]
        ``image`` [n, band, y, x], ``id``, ``magnitude``, ``score``, ``column`` and ``row`` on the sheet (row 0: real);
        ``band`` [band]; ``red`` [1], the band of the magnitude.
    """
    red, _ = matching_columns(bands)
    pair = (REAL, MATCHED)
    brightness = [measured[name][0][f"magnitude_{red}"].to_numpy() for name in pair]
    order = np.argsort(brightness[0], kind="stable")
    shown = order[np.unique(np.linspace(0, len(order) - 1, SHOWN).round().astype(int))]
    picked = []  # column, row, which of the pair, place in it
    for column, place in enumerate(shown):
        twins = np.flatnonzero(partners == place)[:TWINS]
        picked += [(column, 0, 0, place), *((column, row, 1, twin) for row, twin in enumerate(twins, start=1))]

    def of(values):
        return np.array([values[which][place] for _, _, which, place in picked])

    return {
        "image": of([samples[name].image for name in pair]),
        "id": of([samples[name].id for name in pair]),
        "magnitude": of(brightness),
        "score": of([scores[name] for name in pair]),
        "column": np.array([p[0] for p in picked]),
        "row": np.array([p[1] for p in picked]),
        "band": np.array(bands),
        "red": np.array([red]),
    }
