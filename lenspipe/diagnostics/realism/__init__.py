"""Real stamps against simulated ones: what is measured on both by one ruler, and how well they can be told apart."""

from lenspipe.diagnostics.realism.features import GROUPS, group_of, measure_stamps
from lenspipe.diagnostics.realism.galaxy import galaxy_features
from lenspipe.diagnostics.realism.matching import match, matching_columns
from lenspipe.diagnostics.realism.separation import auc_with_interval, compare_features, fold_wins, folds_of
from lenspipe.diagnostics.realism.tables import ALL, MATCHED, REAL, realism_summary, score_shares, sky_ratios
from lenspipe.diagnostics.realism.trees import judge_by_trees
from lenspipe.diagnostics.realism.views import WHOLE, views_of

__all__ = [
    "ALL",
    "GROUPS",
    "MATCHED",
    "REAL",
    "WHOLE",
    "auc_with_interval",
    "compare_features",
    "fold_wins",
    "folds_of",
    "galaxy_features",
    "group_of",
    "judge_by_trees",
    "match",
    "matching_columns",
    "measure_stamps",
    "realism_summary",
    "score_shares",
    "sky_ratios",
    "views_of",
]
