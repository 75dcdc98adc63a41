"""Baselines: trees on colours and magnitudes, an arc feature, trees on all hand-made features."""

import numpy as np
import pandas as pd

HAND_MADE, COLOURS, ARC_FEATURE, TRUE_LIGHT = "hand_made", "colours", "arc_feature", "true_light"
REDDEST = 0.95  # share of the training lenses whose cores are red enough for the arc feature
TREES = {"max_iter": 200, "learning_rate": 0.05, "max_leaf_nodes": 16, "early_stopping": False, "random_state": 0}
ARC_COLUMNS = ("total_", "aperture", "ring", "core_", "pair_")  # beginnings of the names of hand-made features


def baseline_answers(train, tables, bands):
    """Scores and radii of the baselines.

    Parameters
    ----------
    train : DataFrame
        ``is_lens``, ``theta_E``, the deflector's light and the columns of ``measure_store``: the training data.
    tables : sequence of DataFrame
        Objects to predict for: the same columns and ``id``. Of their truth only the deflector's light and ``is_lens``
        are used, and only by ``true_light``.
    bands : sequence of str

    Returns
    -------
    list of dict of str to DataFrame
        For each of ``tables``, by method: ``id``; ``hand_made`` and ``colours`` have ``score`` and ``theta_E_pred``,
        arcsec; ``arc_feature`` has ``score``; ``true_light`` has ``theta_E_pred``, for lenses only. A single band has
        no arc features, and so only ``colours`` and ``true_light``. Scores are from 0 to 1.
    """
    lenses = train[train["is_lens"]]
    columns = {COLOURS: [name for name in train if name.startswith("total_")]}
    if "pair_snr" in train:
        columns[HAND_MADE] = [name for name in train if name.startswith(ARC_COLUMNS)]
    learned = {name: _learned(train, names, tables) for name, names in columns.items()}
    light = [*(f"lens_magnitude_{band}" for band in bands), "lens_R_sersic"]
    light = [name for name in light if lenses[name].notna().any()]  # real galaxies have no true size
    radii = _radii(lenses, light, tables)
    answers = []
    for k, table in enumerate(tables):
        by_method = {name: parts[k] for name, parts in learned.items()}
        by_method[TRUE_LIGHT] = pd.DataFrame({"theta_E_pred": np.where(table["is_lens"], radii[k], np.nan)})
        if HAND_MADE in learned:
            by_method[ARC_FEATURE] = pd.DataFrame({"score": arc_score(table, lenses["core_ratio"]).to_numpy()})
        for answer in by_method.values():
            answer.insert(0, "id", table["id"].to_numpy())
        answers.append(by_method)
    return answers


def arc_score(table, core_ratios):
    """The signal to noise of opposite excesses around a galaxy, as a score.

    Parameters
    ----------
    table : DataFrame [n]
        ``pair_snr``, ``core_ratio``.
    core_ratios : Series
        Of the training lenses: an object whose core is bluer than nearly all of theirs scores 0.

    Returns
    -------
    Series [n]
        (1 + s / (1 + |s|)) / 2 of the signal to noise s: it keeps the order of objects.
    """
    s = table["pair_snr"]
    red = table["core_ratio"] < core_ratios.quantile(REDDEST)
    return ((1 + s / (1 + s.abs())) / 2).where(red, 0.0)


def _learned(train, columns, tables):
    """Scores and radii by trees on some columns."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    classifier = HistGradientBoostingClassifier(**TREES).fit(train[columns], train["is_lens"])
    radii = _radii(train[train["is_lens"]], columns, tables)
    scores = [classifier.predict_proba(table[columns])[:, 1] for table in tables]
    return [pd.DataFrame({"score": s, "theta_E_pred": r}) for s, r in zip(scores, radii, strict=True)]


def _radii(lenses, columns, tables):
    """Radii by trees on some columns: a list of array [n], arcsec."""
    from sklearn.ensemble import HistGradientBoostingRegressor

    regressor = HistGradientBoostingRegressor(**TREES).fit(lenses[columns], lenses["theta_E"])
    return [regressor.predict(table[columns]) for table in tables]
