"""The sheet of real stamps next to simulated ones of the same brightness."""

import numpy as np

from lenspipe.validation.matching import matching_bands
from lenspipe.validation.realism_tables import MATCHED, REAL

COLUMNS = 8  # real stamps, each above its simulated matches
MATCHES = 2


def stamp_sheet(samples, measured, *, partners, bands, scores):
    """Choose the stamps of the sheet: real ones from bright to faint, each with the first of its simulated matches.

    Parameters
    ----------
    samples : dict of str to Stamps
        By sample, as in ``realism_tables``.
    measured : dict of str to tuple
        By sample, from ``measure_stamps``.
    partners : int array [m]
        Number of the real stamp that each simulated one is matched to.
    bands : sequence of str
    scores : dict of str to array [n]
        By sample.

    Returns
    -------
    dict of str to array [n, ...]
        ``image`` [n, band, y, x] in counts, ``id``, ``magnitude`` (AB mag), ``score``, ``column`` and ``row`` on the
        sheet (row 0: real); ``band`` [band]; ``red`` [1], the band of the magnitude.
    """
    red, _ = matching_bands(bands)
    pair = (REAL, MATCHED)
    magnitude = [measured[name][0][f"magnitude_{red}"].to_numpy() for name in pair]
    order = np.argsort(magnitude[0], kind="stable")
    real_stamps = order[np.unique(np.linspace(0, len(order) - 1, COLUMNS).round().astype(int))]
    cells = []  # column, row, number of the sample in the pair, number of the stamp in the sample
    for column, real in enumerate(real_stamps):
        matches = np.flatnonzero(partners == real)[:MATCHES]
        cells += [(column, 0, 0, real), *((column, row, 1, match) for row, match in enumerate(matches, start=1))]

    def values_of(values):
        return np.array([values[sample][stamp] for _, _, sample, stamp in cells])

    return {
        "image": values_of([samples[name].image for name in pair]),
        "id": values_of([samples[name].id for name in pair]),
        "magnitude": values_of(magnitude),
        "score": values_of([scores[name] for name in pair]),
        "column": np.array([cell[0] for cell in cells]),
        "row": np.array([cell[1] for cell in cells]),
        "band": np.array(bands),
        "red": np.array([red]),
    }
