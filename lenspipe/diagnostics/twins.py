"""What the arc alone does to the score: lenses against their counterfactual twins."""

import numpy as np
import pandas as pd
from scipy.special import logit

from lenspipe.columns import TWINS
from lenspipe.diagnostics.completeness_vs_arc_snr import ARC_SNR
from lenspipe.diagnostics.joining import join_objects
from lenspipe.diagnostics.roc import RATES
from lenspipe.diagnostics.summary import populations_of
from lenspipe.errors import InputError
from lenspipe.stats.medians import FEWEST, bins_of, median_and_spread
from lenspipe.stats.rates import binomial_interval, threshold_at

HIGHEST = 30.0  # logit at which scores are cut off: doubles cannot tell those closer to 1
ALL = "all"
DRAWS = 1000  # of the bootstrap


def join_twins(catalog_dir, predictions_dir, test):
    """Lenses that have twins, with their twins' scores.

    Parameters
    ----------
    catalog_dir, predictions_dir : path
        With twins.parquet.
    test : DataFrame
        The test split, from ``join_objects``.

    Returns
    -------
    DataFrame
        Rows of ``test``, with ``score_<kind>`` of each of ``columns.TWINS``.

    Raises
    ------
    InputError
        If a twin is of no lens of the test split.
    """
    twins = join_objects(catalog_dir, predictions_dir, "twins")
    scores = twins.pivot(index="noise_id", columns="kind", values="score")
    lenses = test[test["is_lens"]].set_index("id", drop=False)
    if count := len(scores.index.difference(lenses.index)):
        raise InputError(
            f"{catalog_dir / 'twins.parquet'}: {count} twins are of no lens of the test split; run population again"
        )
    return lenses.join(scores[list(TWINS)].add_prefix("score_"), how="inner").reset_index(drop=True)


def twin_table(lenses, thresholds, *, edges, confidence):
    """By how much lenses score higher than their twins, and how many are found as their twins too.

    Parameters
    ----------
    lenses : DataFrame
        From ``join_twins``: ``theta_E``, ``arc_snr``, ``score`` and the twins'.
    thresholds : dict of str to float
    edges : sequence, arcsec
        Of the bins of theta_E.
    confidence : float
        Of the intervals, 0 to 1.

    Returns
    -------
    DataFrame
        ``twin``; ``what``: ``score`` and ``logit``, the lens's minus the twin's (``value`` is the median, with its
        interval ``low``, ``high`` and the quantiles ``p16``, ``p84``; NaN below five lenses), or ``still``, the share
        of the lenses found at a threshold whose twin passes it too; ``threshold_name``, ``threshold``; ``against``
        (``theta_E``, ``arc S/N``, or ``all``), ``from``, ``to``; ``events`` (twins that pass), ``trials`` (lenses).
    """
    variables = {"theta_E": (lenses["theta_E"], edges), "arc S/N": (lenses["arc_snr"], ARC_SNR)}
    places = {against: (bins_of(x, ends), ends) for against, (x, ends) in variables.items()}
    places[ALL] = np.zeros(len(lenses), int), (0.0, np.inf)
    rows = []
    for twin in TWINS:
        scores = lenses["score"], lenses[f"score_{twin}"]
        losses = {"score": scores, "logit": [logit(score).clip(-HIGHEST, HIGHEST) for score in scores]}
        losses = {scale: (lens - its_twin).to_numpy() for scale, (lens, its_twin) in losses.items()}
        for against, (place, ends) in places.items():
            for k, inside in enumerate(place == k for k in range(len(ends) - 1)):
                labels = {"twin": twin, "against": against, "from": ends[k], "to": ends[k + 1]}
                rows += [labels | {"what": scale} | _loss(loss[inside], confidence) for scale, loss in losses.items()]
                for name, threshold in thresholds.items():
                    selected, still = (score[inside] > threshold for score in scores)
                    at_threshold = {"what": "still", "threshold_name": name, "threshold": threshold}
                    rows.append(labels | at_threshold | _share(selected, still, confidence))
    names = ["twin", "what", "threshold_name", "threshold", "against", "from", "to", "events", "trials", "value"]
    return pd.DataFrame(rows, columns=[*names, "low", "high", "p16", "p84"])


def twin_ranking(lenses, confidence):
    """How well lenses are told from their own twins, whose light differs in the arc alone.

    Parameters
    ----------
    lenses : DataFrame
        From ``join_twins``.
    confidence : float
        Of the intervals, 0 to 1.

    Returns
    -------
    list of tuple
        Rows of ``columns.SUMMARY`` but the method: completeness at false-positive rates that are those of the same
        lenses' twins. The interval is that of a bootstrap of lenses with their twins, since few twins set a threshold.
    """
    rows, rng = [], np.random.default_rng(0)  # the intervals of a summary do not hang on what was drawn before
    tail = (1 - confidence) / 2
    for population, chosen in populations_of(lenses).items():
        drawn = rng.integers(len(chosen), size=(DRAWS, len(chosen)))
        for twin in TWINS:
            score, its_twin = chosen["score"].to_numpy(), chosen[f"score_{twin}"].to_numpy()
            for rate in RATES:
                if rate * len(chosen) < 1:  # no twin may pass
                    continue
                thresholds = np.sort(its_twin[drawn], axis=1)[:, ::-1][:, int(rate * len(chosen) + 1e-9)]
                low, high = np.quantile((score[drawn] > thresholds[:, None]).mean(axis=1), [tail, 1 - tail])
                value = (score > threshold_at(its_twin, rate)).mean()
                against = f"{population} against their {twin}"
                rows.append((f"TPR at FPR {rate:g}", value, low, high, len(chosen), against))
    return rows


def _loss(loss, confidence):
    _, *numbers = median_and_spread(loss, np.ones(len(loss)), FEWEST, confidence)
    return {"trials": len(loss)} | dict(zip(("value", "low", "high", "p16", "p84"), numbers, strict=True))


def _share(selected, still, confidence):
    events, trials = int((selected & still).sum()), int(selected.sum())
    low, high = binomial_interval(events, trials, confidence)
    return {
        "events": events,
        "trials": trials,
        "value": events / trials if trials else np.nan,
        "low": low[0],
        "high": high[0],
    }


def twin_summary(table):
    """Rows of ``columns.SUMMARY`` but the method, a list of tuple: all lenses of ``table``, a DataFrame, together."""
    rows = []
    for row in table[table["against"] == ALL].itertuples():
        metric = f"still found at {row.threshold_name}" if row.what == "still" else f"median loss of {row.what}"
        lenses = "lenses found there, " if row.what == "still" else "lenses, "
        rows.append((metric, row.value, row.low, row.high, row.trials, f"{lenses}as {row.twin}"))
    return rows
