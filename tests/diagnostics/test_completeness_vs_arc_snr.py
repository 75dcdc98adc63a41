import numpy as np
import pytest

from lenspipe.diagnostics.completeness_vs_arc_snr import completeness_vs_arc_snr
from lenspipe.stats.weights import effective_size

STRICT = "FPR 0.01 on validation"
THRESHOLDS = {"score 0.5": 0.5, STRICT: 0.8}
EDGES = [0.5, 1.0, 2.0, 3.0]


def test_curves_are_those_of_a_count_by_hand(objects):
    table = completeness_vs_arc_snr(objects, THRESHOLDS, edges=EDGES, confidence=0.68).query("panel == 'curve'")
    assert set(table["threshold_name"]) == set(THRESHOLDS)
    lenses = objects[objects["is_lens"]]
    for row in table.itertuples():
        inside = lenses[(lenses["arc_snr"] >= row.arc_snr_low) & (lenses["arc_snr"] < row.arc_snr_high)]
        assert (row.trials, row.events) == (len(inside), (inside["score"] > THRESHOLDS[row.threshold_name]).sum())
        assert np.isnan(row.rate) if not len(inside) else row.low <= row.rate <= row.high


def test_the_map_is_of_the_strictest_threshold_and_its_cells_add_up_to_the_curve(objects):
    objects.loc[objects["theta_E"].idxmax(), "theta_E"] = 3.0  # the last bin holds its upper edge
    table = completeness_vs_arc_snr(objects, THRESHOLDS, edges=EDGES, confidence=0.68)
    cells, curve = table.query("panel == 'map'"), table.query("panel == 'curve' and threshold_name == @STRICT")
    assert set(cells["threshold_name"]) == {STRICT}
    for what in ("events", "trials"):
        summed = cells.groupby("arc_snr_low")[what].sum().to_numpy()
        np.testing.assert_array_equal(summed, curve[what])


def test_the_map_is_of_the_lowest_rate_though_score_one_half_is_the_larger_number(objects):
    thresholds = {"score 0.5": 0.5, "FPR 0.1 on validation": 0.3, STRICT: 0.4}
    table = completeness_vs_arc_snr(objects, thresholds, edges=EDGES, confidence=0.68)
    assert set(table.query("panel == 'map'")["threshold_name"]) == {STRICT}


def test_a_cell_is_the_share_of_its_own_lenses(objects):
    cells = completeness_vs_arc_snr(objects, THRESHOLDS, edges=EDGES, confidence=0.68).query(
        "panel == 'map' and trials > 0"
    )
    for row in cells.itertuples():
        inside = objects[
            objects["theta_E"].between(row.radius_low, row.radius_high, inclusive="left")
            & objects["arc_snr"].between(row.arc_snr_low, row.arc_snr_high, inclusive="left")
        ]
        assert row.rate == (inside["score"] > 0.8).mean()


def test_the_seeing_is_the_median_of_the_best_bands_or_not_known(objects):
    assert completeness_vs_arc_snr(objects, THRESHOLDS, edges=EDGES, confidence=0.68)["seeing_best"].isna().all()
    table = completeness_vs_arc_snr(objects.assign(seeing_best=0.8), THRESHOLDS, edges=EDGES, confidence=0.68)
    assert (table["seeing_best"] == 0.8).all()


def test_the_survey_s_cells_are_the_weighted_shares_of_their_lenses_and_the_training_s_stay(objects):
    plain = completeness_vs_arc_snr(objects, THRESHOLDS, edges=EDGES, confidence=0.68)
    assert set(plain["prior"]) == {"training prior"}
    objects["weight"] = objects["theta_E"] ** -2
    table = completeness_vs_arc_snr(objects, THRESHOLDS, edges=EDGES, confidence=0.68)
    same = table[table["prior"] == "training prior"].reset_index(drop=True)
    assert same.equals(plain)
    survey = table.query("prior == 'survey prior' and panel == 'map' and trials > 0")
    assert len(survey) > 5
    for row in survey.itertuples():
        inside = objects[
            objects["theta_E"].between(row.radius_low, row.radius_high, inclusive="left")
            & objects["arc_snr"].between(row.arc_snr_low, row.arc_snr_high, inclusive="left")
        ]
        assert row.rate == pytest.approx(np.average(inside["score"] > 0.8, weights=inside["weight"]))
        assert row.trials == pytest.approx(effective_size(inside["weight"])) and row.low <= row.rate <= row.high
