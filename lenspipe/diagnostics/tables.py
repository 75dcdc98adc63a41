"""The tables that the answers of methods allow, and the summary."""

import logging

import numpy as np
import pandas as pd

from lenspipe.diagnostics.confusion import confusion_summary
from lenspipe.diagnostics.einstein_radius import radii_of_lenses, radius_bins
from lenspipe.diagnostics.false_positives_by_kind import false_positives_by_kind, kinds_summary
from lenspipe.diagnostics.false_positives_vs_radius import false_positives_vs_radius
from lenspipe.diagnostics.gains import gains
from lenspipe.diagnostics.optional_tables import has_group, is_measured, optional_tables
from lenspipe.diagnostics.reliability import calibration_summary
from lenspipe.diagnostics.roc import roc
from lenspipe.diagnostics.scores_by_kind import scores_by_kind
from lenspipe.diagnostics.summary import (
    finding_summary,
    measuring_summary,
    of_method,
    populations_of,
    summary_table,
)
from lenspipe.diagnostics.thresholds import headline_thresholds, thresholds_at
from lenspipe.figures import BOTH, LENSES

log = logging.getLogger("lenspipe")
NAMED = 5  # comparisons that the log names where the headline is not ahead


def method_tables(
    truth, methods, *, rates, completeness, prevalence, edges, confidence, seed, seeing=None, where="validation"
):
    """All tables that truth and answers allow.

    Every table and every method starts a generator from the seed, so that a method that is added changes nothing of the
    others.

    Parameters
    ----------
    truth : dict of str to DataFrame
        By split, ``val`` (on which thresholds are set) and ``test``: ``kind``, ``is_lens``, ``theta_E``, ``radius``;
        ``id``, ``weight``, ``arc_snr``, ``seeing_best`` where there are any.
    methods : dict of str to dict of str to DataFrame
        By method, the headline first, and split, of which ``val`` may be missing: ``score``, ``theta_E_pred``,
        ``theta_E_sigma``, as far as it has them; rows as in the truth. The headline has scores of both splits.
    rates : sequence of float
        False-positive rates on ``val`` at which thresholds lie, for the headline with score 0.5 as another.
    completeness : sequence of float
        Shares of the lenses of ``val`` that are kept where kinds of non-lens are compared.
    prevalence : float
        Lenses per candidate.
    edges : sequence, arcsec
        Of the bins of radius.
    confidence : float
        Of every interval, 0 to 1.
    seed : int
    seeing : array [band], arcsec, optional
        Medians, that figures mark.
    where : str
        What ``val`` is called.

    Returns
    -------
    dict of str to DataFrame
        By the files' names.
    """
    headline = next(iter(methods))
    joined = {name: _joined(truth, answers) for name, answers in methods.items()}
    objects = joined[headline]["test"]
    thresholds = headline_thresholds(joined[headline]["val"], rates, where)
    bins = {"edges": edges, "confidence": confidence}
    table = false_positives_vs_radius(
        objects, thresholds, prevalence=prevalence, rng=np.random.default_rng(seed), **bins
    )
    table["seeing_best"], table["seeing_worst"] = (np.nan, np.nan) if seeing is None else (min(seeing), max(seeing))
    tables = {"false_positives_vs_radius.csv": table}
    curves, rows = _finding(
        joined, rates=rates, headline=thresholds, prevalence=prevalence, confidence=confidence, where=where
    )
    if has_both := all(has_group(objects, group) for group in BOTH):
        tables["roc.csv"] = curves
    tables["scores_by_kind.csv"] = scores_by_kind(objects, thresholds, confidence)
    if is_measured(objects, "theta_E_pred") and has_group(objects, LENSES):
        tables["einstein_radius_objects.csv"] = radii_of_lenses(objects[objects["is_lens"]])
        tables["einstein_radius.csv"], measured = _measuring(joined, seed=seed, **bins)
        rows += measured
    rows += _gains(rows, headline)
    calibration = calibration_summary(objects, confidence, np.random.default_rng(seed)) if has_both else []
    tables |= optional_tables(objects, thresholds, **bins)
    if "confusion.csv" in tables:
        calibration += confusion_summary(tables["confusion.csv"], confidence)
    rows += of_method(calibration, headline)
    scored = {name: (by["val"], by["test"]) for name, by in joined.items() if "val" in by and "score" in by["val"]}
    if has_both:
        by_kind = false_positives_by_kind(scored, completeness=completeness, confidence=confidence)
        tables["false_positives_by_kind.csv"] = by_kind
        rows += kinds_summary(by_kind)
    tables["summary.csv"] = summary_table(rows)
    return tables


def _joined(truth, answers):
    """Truth and answers of each split in one table."""
    return {split: truth[split].join(table) for split, table in answers.items()}


def _finding(joined, *, rates, headline, prevalence, confidence, where):
    """Curves and rows of the summary about scores; ``headline`` are its thresholds.

    The false-positive rates of the others at their thresholds are left out: they were set to be the same.
    """
    curves, rows = [], []
    for name, by_split in joined.items():
        objects, is_headline = by_split["test"], not curves
        if "score" not in objects:
            continue
        thresholds = headline if is_headline else {}
        if "val" in by_split and not is_headline:
            val = by_split["val"]
            thresholds = thresholds_at(val.loc[~val["is_lens"], "score"], rates, where)
        populations = populations_of(objects)
        has_both = all(has_group(objects, group) for group in BOTH)
        curve = roc(objects, populations, confidence) if has_both else pd.DataFrame()
        curves.append(curve.assign(method=name))
        options = {"thresholds": thresholds, "prevalence": prevalence, "confidence": confidence}
        summary = finding_summary(objects, populations, curve, **options)
        rows += of_method([r for r in summary if is_headline or not r[0].startswith("false_positive_rate")], name)
    return pd.concat(curves), rows


def _measuring(joined, *, edges, confidence, seed):
    """Statistics of radii in bins, and rows of the summary about radii, of every method that has any."""
    bins, rows = [], []
    for name, by_split in joined.items():
        if not is_measured(by_split["test"], "theta_E_pred"):
            continue
        populations = populations_of(by_split["test"])
        lenses = populations["all lenses"]
        sigma = lenses["theta_E_sigma"] if "theta_E_sigma" in lenses else None
        radii = lenses["theta_E"], lenses["theta_E_pred"], sigma
        rng = np.random.default_rng(seed)
        bins.append(radius_bins(*radii, edges=edges, method=name, confidence=confidence, rng=rng))
        summary = measuring_summary(populations, confidence=confidence, rng=np.random.default_rng(seed))
        rows += of_method(summary, name)
    return pd.concat(bins), rows


def _gains(rows, headline):
    compared = gains(rows, headline)
    behind = [f"{row[0].removeprefix('gain in ')} ({row[5]}; {row[6]})" for row in compared if not row[2] > 0]
    if compared:
        ahead = len(compared) - len(behind)
        log.info("%s: its interval lies above that of the others in %d of %d", headline, ahead, len(compared))
    if behind:
        log.info("not above it, the first of them: %s", "; ".join(behind[:NAMED]))
    return compared
