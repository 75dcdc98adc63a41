"""Where finding and measuring fail: statistics of a table of objects with scores and radii.

Every function takes a DataFrame ``objects``, a row an object, with the columns of catalogue and predictions that it
names, and returns the table that a figure is drawn from.
"""

from lenspipe.diagnostics.arc_snr import completeness_vs_arc_snr
from lenspipe.diagnostics.attribution import (
    arc_pixels,
    attribution_summary,
    attribution_table,
    pick_explained,
    pick_shown,
    shares_on,
)
from lenspipe.diagnostics.baselines import baseline_summary, baselines_of, gains
from lenspipe.diagnostics.calibration import calibration_summary, reliability
from lenspipe.diagnostics.confusion import confusion, confusion_summary
from lenspipe.diagnostics.foreign import read_objects
from lenspipe.diagnostics.further import further_tables, left_out
from lenspipe.diagnostics.headline import false_positives_vs_radius
from lenspipe.diagnostics.joining import join_baselines, join_objects
from lenspipe.diagnostics.kinds import false_positives_by_kind, kinds_summary
from lenspipe.diagnostics.members import member_table, spread_table
from lenspipe.diagnostics.picking import pick_examples, pick_feature_map_objects, pick_gallery
from lenspipe.diagnostics.pictures import pictures, read_arrays
from lenspipe.diagnostics.population import population_summary, population_table, read_lenses
from lenspipe.diagnostics.purity import purity_vs_completeness
from lenspipe.diagnostics.radii import radius_bins
from lenspipe.diagnostics.radius_calibration import regression_calibration, regression_residuals
from lenspipe.diagnostics.rates import threshold_at
from lenspipe.diagnostics.roc import roc_table
from lenspipe.diagnostics.scores import score_table
from lenspipe.diagnostics.summary import finding_summary, measuring_summary, methods_of, populations_of
from lenspipe.diagnostics.tables import common_tables, named_thresholds, summary_table
from lenspipe.diagnostics.twins import join_twins, twin_summary, twin_table

__all__ = [
    "arc_pixels",
    "attribution_summary",
    "attribution_table",
    "baseline_summary",
    "baselines_of",
    "calibration_summary",
    "common_tables",
    "completeness_vs_arc_snr",
    "confusion",
    "confusion_summary",
    "false_positives_by_kind",
    "false_positives_vs_radius",
    "finding_summary",
    "further_tables",
    "gains",
    "join_baselines",
    "join_objects",
    "join_twins",
    "kinds_summary",
    "left_out",
    "measuring_summary",
    "member_table",
    "methods_of",
    "named_thresholds",
    "pick_examples",
    "pick_explained",
    "pick_feature_map_objects",
    "pick_gallery",
    "pick_shown",
    "pictures",
    "population_summary",
    "population_table",
    "populations_of",
    "purity_vs_completeness",
    "radius_bins",
    "read_arrays",
    "read_lenses",
    "read_objects",
    "regression_calibration",
    "regression_residuals",
    "reliability",
    "roc_table",
    "score_table",
    "shares_on",
    "spread_table",
    "summary_table",
    "threshold_at",
    "twin_summary",
    "twin_table",
]
