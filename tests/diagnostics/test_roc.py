import numpy as np
import pytest
from scipy.integrate import trapezoid

from lenspipe.diagnostics.roc import roc_table
from lenspipe.stats.auroc import auroc


def test_quoted_points_are_those_of_a_loop_over_thresholds():
    rng = np.random.default_rng(6)
    lenses, non_lenses = rng.normal(1.5, 1, 500), rng.normal(0, 1, 20_000)
    table = roc_table(lenses, non_lenses, "all", 0.683).set_index("what")
    ordered = np.sort(non_lenses)[::-1]
    for name, allowed in {"TPR at FPR 0.1": 2000, "TPR at FPR 0.01": 200, "TPR at FPR 0.001": 20}.items():
        assert table.loc[name, "false_positives"] == allowed
        assert table.loc[name, "completeness"] == np.mean(lenses > ordered[allowed])
    assert table.loc["TPR0", "false_positives"] == 0
    assert table.loc["TPR10", "false_positives"] == 9
    assert table.loc["TPR0", "completeness"] == np.mean(lenses > non_lenses.max())
    assert (table["lenses"] == 500).all() and (table["non_lenses"] == 20_000).all()


def test_a_curve_never_falls_and_its_area_is_the_auroc():
    rng = np.random.default_rng(7)
    lenses, non_lenses = rng.normal(1, 1, 3000), rng.normal(0, 1, 390)
    table = roc_table(lenses, non_lenses, "all", 0.683)
    curve = table[table["what"] == "curve"].sort_values("false_positive_rate")
    assert curve["completeness"].is_monotonic_increasing
    # A point for (nearly) each possible number of false positives: the trapezium's error is 1 / 390 at most.
    x, y = np.append(curve["false_positive_rate"], 1), np.append(curve["completeness"], 1)
    assert trapezoid(y, x) == pytest.approx(auroc(lenses, non_lenses, 0.683)[0], abs=4e-3)
