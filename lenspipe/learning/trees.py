"""What a network must beat: trees on colours and magnitudes, an arc feature, trees on all that is measured by hand."""

import numpy as np
import pandas as pd

from lenspipe.diagnostics.roc import roc_table
from lenspipe.diagnostics.summary import finding_summary, populations_of
from lenspipe.stats.rates import threshold_at

COLOURS, ARC, HAND = "colours and magnitudes alone", "arc feature alone", "hand-made features"
FINDERS = {"score_colours": COLOURS, "score_arc": ARC, "score_hand": HAND}  # column: what it is called
REDDEST = 0.95  # share of the training lenses whose cores are red enough for the arc feature
TREES = {"max_iter": 200, "learning_rate": 0.05, "max_leaf_nodes": 16, "early_stopping": False, "random_state": 0}
LARGER = ("auroc", "TPR at", "completeness at")  # metrics that are better if larger
SMALLER = ("theta_E sigma68", "theta_E nmad", "theta_E rmse", "theta_E outliers")


def baseline_answers(train, others, bands):
    """Scores and radii of the baselines.

    Parameters
    ----------
    train : DataFrame
        ``is_lens``, ``theta_E``, the deflector's light and the columns of ``measure_store``: all that is learned from.
    others : sequence of DataFrame
        To be answered about: the same columns, of which the truth is used by the deflector's true light alone.
    bands : sequence of str

    Returns
    -------
    list of DataFrame
        For each of ``others``: ``score_colours`` and ``score_hand`` (0 to 1), ``score_arc`` (signal to noise; -inf if
        the core is bluer than nearly all lenses'), ``theta_E_colours``, ``theta_E_hand`` and ``theta_E_light``, arcsec,
        the last for lenses alone. Without arc features, of a single band, only those of colours and light.
    """
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    lenses = train[train["is_lens"]]
    seen = {"colours": [name for name in train if name.startswith("total_")]}
    if "pair_snr" in train:
        arcs = ("total_", "aperture", "ring", "core_", "pair_")
        seen["hand"] = [name for name in train if name.startswith(arcs)]
    light = [*(f"lens_magnitude_{band}" for band in bands), "lens_R_sersic"]
    light = [name for name in light if lenses[name].notna().any()]  # nobody knows the size of real galaxies
    answers = [pd.DataFrame(index=table.index) for table in others]
    for name, columns in seen.items():
        finder = HistGradientBoostingClassifier(**TREES).fit(train[columns], train["is_lens"])
        ruler = HistGradientBoostingRegressor(**TREES).fit(lenses[columns], lenses["theta_E"])
        for answer, table in zip(answers, others, strict=True):
            answer[f"score_{name}"] = finder.predict_proba(table[columns])[:, 1]
            answer[f"theta_E_{name}"] = ruler.predict(table[columns])
    ruler = HistGradientBoostingRegressor(**TREES).fit(lenses[light], lenses["theta_E"])
    for answer, table in zip(answers, others, strict=True):
        answer["theta_E_light"] = np.where(table["is_lens"], ruler.predict(table[light]), np.nan)
        if "hand" in seen:
            red = table["core_ratio"] < lenses["core_ratio"].quantile(REDDEST)
            answer["score_arc"] = table["pair_snr"].where(red, -np.inf)
    return answers


def baselines_of(val, test, rates):
    """The finders among the baselines, as the network is given to ``finding_summary``.

    Parameters
    ----------
    val, test : DataFrame
        Objects with columns of ``FINDERS``.
    rates : sequence of float
        False-positive rates on validation.

    Yields
    ------
    method : str
    objects : DataFrame
        ``test`` with the baseline's ``score``.
    thresholds : dict of str to float
    """
    for column, method in FINDERS.items():
        if column in test:
            others = val.loc[~val["is_lens"], column].to_numpy()
            named = {f"FPR {rate:g} on validation": threshold_at(others, rate) for rate in rates}
            yield method, test.assign(score=test[column]), named


def baseline_summary(baselines, prevalence, confidence):
    """Curves and rows of ``columns.SUMMARY`` of each baseline's scores; its name stands behind the population's.

    Parameters
    ----------
    baselines : iterable
        Of ``baselines_of``.
    prevalence, confidence : float

    Returns
    -------
    curves : list of DataFrame
        ``roc_table`` with ``method``.
    rows : list of tuple
        Those of ``finding_summary`` but the false-positive rates at thresholds, which were set to be the same.
    """
    curves, rows = [], []
    for method, objects, thresholds in baselines:
        populations, others = populations_of(objects), objects.loc[~objects["is_lens"], "score"].to_numpy()
        parts = [roc_table(p["score"].to_numpy(), others, name, confidence) for name, p in populations.items()]
        curves.append(pd.concat(parts).assign(method=method))
        found = finding_summary(objects, populations, curves[-1], thresholds, prevalence, confidence)
        rows += [(*row[:-1], f"{row[-1]}; {method}") for row in found if not row[0].startswith("false_positive_rate")]
    return curves, rows


def gains(rows):
    """How far the network is ahead of each baseline, in each metric that both have.

    Parameters
    ----------
    rows : list of tuple
        Of ``columns.SUMMARY``: the network's and the baselines'.

    Returns
    -------
    list of tuple
        ``gain in <metric>``: network minus baseline, baseline minus network where less is better. ``low`` is what
        remains between the ends of the two intervals that face each other: above 0, the network's whole interval is
        better than the baseline's.
    """
    network = {(row[0], row[-1]): row for row in rows if "; " not in row[-1]}
    found = []
    for metric, value, low, high, n, said in rows:
        population, _, method = said.partition("; ")
        if method and metric.startswith(LARGER + SMALLER):
            _, own, own_low, own_high, *_ = network[metric, population]
            gain = (own - value, own_low - high, own_high - low)
            if metric.startswith(SMALLER):
                gain = (value - own, low - own_high, high - own_low)
            found.append((f"gain in {metric}", *gain, n, f"{population}; over {method}"))
    return found
