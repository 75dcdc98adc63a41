"""How a finder's rates change where images are not quite those of training."""

import numpy as np
import pandas as pd

from lenspipe.diagnostics.summary import populations_of
from lenspipe.stats.rates import binomial_interval
from lenspipe.stats.strictest import strictest_threshold

LENSES, NON_LENSES, OF_OBJECTS = 400, 600, 30_000  # so many of so many test objects are changed, and no more
FEWEST = 50  # of each that are changed, in a small test split
FEWEST_PASSING = 100  # non-lenses


def pick_changed(objects, rng):
    """The objects whose images are changed.

    Parameters
    ----------
    objects : DataFrame
        The test split, with ``is_lens``, ``theta_E``, ``arc_snr``.
    rng : numpy.random.Generator

    Returns
    -------
    dict of str to DataFrame
        Discoverable lenses (all, if none is discoverable), and non-lenses: as many for each test object as in the
        default experiment, so that a small one does not spend its time here.
    """
    population, lenses = list(populations_of(objects).items())[-1]
    groups = {population: (lenses, LENSES), "all non-lenses": (objects[~objects["is_lens"]], NON_LENSES)}
    share = min(1.0, len(objects) / OF_OBJECTS)
    return {
        name: _some(rows, max(FEWEST, round(most * share)), rng) for name, (rows, most) in groups.items() if len(rows)
    }


def _some(rows, most, rng):
    return rows.iloc[np.sort(rng.permutation(len(rows))[:most])]


def usable_threshold(objects, thresholds):
    """The strictest threshold that enough non-lenses exceed for a change of their rate to be seen.

    Parameters
    ----------
    objects : DataFrame
        The test split, with ``is_lens`` and ``score``.
    thresholds : dict of str to float

    Returns
    -------
    str
        Its name; of the strictest, if none is exceeded by ``FEWEST_PASSING``.
    """
    scores = objects.loc[~objects["is_lens"], "score"]
    usable = [name for name, value in thresholds.items() if (scores > value).sum() >= FEWEST_PASSING]
    return strictest_threshold(usable or thresholds)


def robustness_table(scores, threshold, *, confidence):
    """Shares of objects above a threshold, for each change.

    Parameters
    ----------
    scores : list of (dict, array [n])
        Labels and scores of a group of objects after a change.
    threshold : float
    confidence : float
        Of the binomial intervals, 0 to 1.

    Returns
    -------
    DataFrame
        The labels; ``events``, ``trials``, ``rate``, ``low``, ``high``.
    """
    table = pd.DataFrame([labels for labels, _ in scores])
    events = np.array([(values > threshold).sum() for _, values in scores])
    trials = np.array([len(values) for _, values in scores])
    low, high = binomial_interval(events, trials, confidence)
    return table.assign(events=events, trials=trials, rate=events / trials, low=low, high=high)
