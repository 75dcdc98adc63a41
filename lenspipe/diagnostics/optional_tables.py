"""The tables of the figures beside the headline, as far as the objects' columns allow."""

from lenspipe.diagnostics.completeness_vs_arc_snr import completeness_vs_arc_snr
from lenspipe.diagnostics.confusion import confusion
from lenspipe.diagnostics.purity_vs_completeness import purity_vs_completeness
from lenspipe.diagnostics.regression_calibration import regression_calibration, regression_residuals
from lenspipe.diagnostics.reliability import reliability

NEEDS = {  # columns without which these tables are left out
    "arc_snr": ["completeness_vs_arc_snr.csv"],
    "theta_E_pred": ["regression_calibration.csv", "regression_residuals.csv"],
    "theta_E_sigma": ["regression_calibration.csv"],
    "kind_pred": ["confusion.csv"],
}


def known(objects, column):
    """Whether a column is there and says something."""
    return column in objects and bool(objects[column].notna().any())


def left_out(objects):
    """Tables that cannot be made, by the column that is missing."""
    return {column: tables for column, tables in NEEDS.items() if not known(objects, column)}


def further_tables(objects, thresholds, edges, confidence):
    """Tables by their files' names.

    Parameters
    ----------
    objects : DataFrame
    thresholds : dict of str to float
    edges : sequence, arcsec
        Of the bins of theta_E.
    confidence : float
    """
    lenses = objects[objects["is_lens"]]
    makers = {
        "completeness_vs_arc_snr.csv": lambda: completeness_vs_arc_snr(objects, thresholds, edges, confidence),
        "purity_vs_completeness.csv": lambda: purity_vs_completeness(objects, confidence),
        "reliability.csv": lambda: reliability(objects, confidence),
        "regression_calibration.csv": lambda: regression_calibration(lenses, confidence),
        "regression_residuals.csv": lambda: regression_residuals(lenses, edges, confidence),
        "confusion.csv": lambda: confusion(objects, confidence),
    }
    missing = {table for tables in left_out(objects).values() for table in tables}
    return {name: make() for name, make in makers.items() if name not in missing}
