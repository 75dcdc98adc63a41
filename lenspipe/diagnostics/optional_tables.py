"""The tables that the objects' columns may or may not allow."""

from lenspipe.diagnostics.completeness_vs_arc_snr import completeness_vs_arc_snr
from lenspipe.diagnostics.confusion import confusion
from lenspipe.diagnostics.purity_vs_completeness import purity_vs_completeness
from lenspipe.diagnostics.regression_calibration import regression_calibration
from lenspipe.diagnostics.regression_residuals import regression_residuals
from lenspipe.diagnostics.reliability import reliability

NEEDS = {  # columns without which these tables are left out
    "arc_snr": ["completeness_vs_arc_snr.csv"],
    "theta_E_pred": [
        "einstein_radius.csv",
        "einstein_radius_objects.csv",
        "regression_calibration.csv",
        "regression_residuals.csv",
    ],
    "theta_E_sigma": ["regression_calibration.csv"],
    "kind_pred": ["confusion.csv"],
}


def is_measured(objects, column):
    """Whether ``objects``, a DataFrame, has a ``column`` (str) with a value in it: bool."""
    return column in objects and bool(objects[column].notna().any())


def left_out(objects):
    """Tables that cannot be made of ``objects``, a DataFrame, by the column that is missing: dict of str to list."""
    return {column: tables for column, tables in NEEDS.items() if not is_measured(objects, column)}


def optional_tables(objects, thresholds, *, edges, confidence):
    """The tables that the columns allow.

    Parameters
    ----------
    objects : DataFrame
        Truth and the headline's answers.
    thresholds : dict of str to float
    edges : sequence, arcsec
        Of the bins of theta_E.
    confidence : float
        Of the intervals, 0 to 1.

    Returns
    -------
    dict of str to DataFrame
        By the files' names.
    """
    lenses, bins = objects[objects["is_lens"]], {"edges": edges, "confidence": confidence}
    makers = {
        "completeness_vs_arc_snr.csv": lambda: completeness_vs_arc_snr(objects, thresholds, **bins),
        "purity_vs_completeness.csv": lambda: purity_vs_completeness(objects, confidence),
        "reliability.csv": lambda: reliability(objects, confidence),
        "regression_calibration.csv": lambda: regression_calibration(lenses, confidence),
        "regression_residuals.csv": lambda: regression_residuals(lenses, **bins),
        "confusion.csv": lambda: confusion(objects, confidence),
    }
    missing = {table for tables in left_out(objects).values() for table in tables}
    return {name: make() for name, make in makers.items() if name not in missing}
