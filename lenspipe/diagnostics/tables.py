"""The tables that any finder's scores allow, and the summary."""

import logging

import numpy as np
import pandas as pd

from lenspipe.columns import SUMMARY
from lenspipe.learning.trees import baseline_summary, gains
from lenspipe.diagnostics.confusion import confusion_summary
from lenspipe.diagnostics.einstein_radius import radius_bins
from lenspipe.diagnostics.false_positives_by_kind import false_positives_by_kind, kinds_summary
from lenspipe.diagnostics.false_positives_vs_radius import false_positives_vs_radius
from lenspipe.diagnostics.optional_tables import further_tables
from lenspipe.diagnostics.reliability import calibration_summary
from lenspipe.diagnostics.roc import roc_table
from lenspipe.diagnostics.scores_by_kind import score_table
from lenspipe.diagnostics.summary import finding_summary, measuring_summary, methods_of, populations_of
from lenspipe.stats.rates import threshold_at

log = logging.getLogger("lenspipe")
NAMED = 5  # comparisons that the log names where the network is not ahead


def named_thresholds(scores, rates, where):
    """Thresholds by name: score 0.5, and those with a false-positive rate."""
    named = {"score 0.5": 0.5}
    return named | {f"FPR {rate:g} on {where}": threshold_at(scores.to_numpy(), rate) for rate in rates}


def common_tables(val, objects, thresholds, seeing, completeness, prevalence, edges, confidence, rng, baselines=()):
    """Tables by their files' names.

    Parameters
    ----------
    val, objects : DataFrame
        What thresholds of fixed completeness are set on, and what is judged.
    thresholds : dict of str to float
    seeing : array [band], arcsec, or None
    completeness : sequence of float
    prevalence : float
    edges : sequence, arcsec
        Of the bins of radius.
    confidence : float
    rng : numpy.random.Generator
    baselines : sequence
        Of ``baselines_of``.
    """
    measured = "theta_E_pred" in objects
    table = false_positives_vs_radius(objects, thresholds, prevalence, edges, confidence, rng)
    table["seeing_best"], table["seeing_worst"] = (np.nan, np.nan) if seeing is None else (min(seeing), max(seeing))
    tables = {"false_positives_vs_radius.csv": table}
    populations = populations_of(objects)
    others = objects.loc[~objects["is_lens"], "score"].to_numpy()
    curves = [roc_table(lenses["score"].to_numpy(), others, name, confidence) for name, lenses in populations.items()]
    roc = pd.concat(curves)
    their_curves, their_rows = baseline_summary(baselines, prevalence, confidence)
    tables["roc.csv"] = pd.concat([roc.assign(method="network"), *their_curves])
    tables["scores_by_kind.csv"] = score_table(objects, thresholds, confidence)
    if measured:
        lenses = objects[objects["is_lens"]]
        shown = [n for n in ("id", "theta_E", "theta_E_pred", "theta_E_sigma", "arc_snr") if n in lenses]
        tables["einstein_radius_objects.csv"] = lenses[shown]
        bins = [
            radius_bins(lenses["theta_E"], predicted, sigma, edges, method, confidence, rng)
            for method, predicted, sigma in methods_of(lenses)
        ]
        tables["einstein_radius.csv"] = pd.concat(bins)
    rows = finding_summary(objects, populations, roc, thresholds, prevalence, confidence)
    rows += their_rows
    if measured:
        rows += measuring_summary(populations, confidence, rng)
    rows += _gains(rows)
    rows += calibration_summary(objects, confidence, rng)
    tables |= further_tables(objects, thresholds, edges, confidence)
    if "confusion.csv" in tables:
        rows += confusion_summary(tables["confusion.csv"], confidence)
    by_kind = false_positives_by_kind(val, objects, completeness, confidence)
    tables["false_positives_by_kind.csv"] = by_kind
    tables["summary.csv"] = summary_table(rows + kinds_summary(by_kind))
    return tables


def summary_table(rows):
    """Rows of ``columns.SUMMARY`` as a table."""
    return pd.DataFrame(rows, columns=[column.name for column in SUMMARY])


def _gains(rows):
    found = gains(rows)
    behind = [f"{metric.removeprefix('gain in ')} ({said})" for metric, _, low, _, _, said in found if not low > 0]
    if found:
        log.info("the network's interval lies above the baseline's in %d of %d", len(found) - len(behind), len(found))
    if behind:
        log.info("not above it, the first of them: %s", "; ".join(behind[:NAMED]))
    return found
