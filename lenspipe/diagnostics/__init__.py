"""Where finding and measuring fail: statistics of a table of objects with scores and radii.

Every function takes a DataFrame ``objects``, a row an object, with the columns of catalogue and predictions that it
names, and returns the table that a figure is drawn from.
"""

from lenspipe.diagnostics.baselines import baseline_answers, baseline_summary, baselines_of, gains
from lenspipe.diagnostics.foreign import read_objects
from lenspipe.diagnostics.headline import false_positives_vs_radius
from lenspipe.diagnostics.joining import join_objects
from lenspipe.diagnostics.measuring import measure_store
from lenspipe.diagnostics.members import member_table, spread_table
from lenspipe.diagnostics.picking import pick_examples, pick_feature_map_objects
from lenspipe.diagnostics.radii import radius_bins
from lenspipe.diagnostics.rates import threshold_at
from lenspipe.diagnostics.roc import roc_table
from lenspipe.diagnostics.scores import score_table
from lenspipe.diagnostics.summary import finding_summary, measuring_summary, methods_of, populations_of

__all__ = [
    "baseline_answers",
    "baseline_summary",
    "baselines_of",
    "false_positives_vs_radius",
    "finding_summary",
    "gains",
    "join_objects",
    "measure_store",
    "measuring_summary",
    "member_table",
    "methods_of",
    "pick_examples",
    "pick_feature_map_objects",
    "populations_of",
    "radius_bins",
    "read_objects",
    "roc_table",
    "score_table",
    "spread_table",
    "threshold_at",
]
