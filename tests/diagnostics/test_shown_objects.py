import numpy as np

from lenspipe.diagnostics.examples import pick_examples
from lenspipe.diagnostics.false_positives_vs_radius import pick_headline_objects
from lenspipe.diagnostics.feature_maps import ALIKE, pick_feature_map_objects
from lenspipe.diagnostics.gallery import pick_gallery


def test_each_role_is_filled_by_what_it_says_at_one_radius(objects):
    picked = pick_feature_map_objects(objects, 0.5).set_index("role")
    assert list(picked.index) == ["true positive", "false positive, surest", "false positive, marginal", "missed lens"]
    assert picked["is_lens"].tolist() == [True, False, False, True]
    assert (picked["score"] > 0.5).tolist() == [True, True, True, False]
    assert np.ptp(picked["radius"]) < 0.4
    assert picked.loc["false positive, surest", "score"] >= picked.loc["false positive, marginal", "score"]


def test_a_finder_without_false_positives_leaves_their_columns_out(objects):
    objects.loc[~objects["is_lens"], "score"] = 0.01
    assert list(pick_feature_map_objects(objects, 0.5)["role"]) == ["true positive", "missed lens"]


def test_one_false_positive_is_shown_once(objects):
    objects.loc[~objects["is_lens"], "score"] = 0.01
    objects.loc[1, "score"] = 0.9
    roles = list(pick_feature_map_objects(objects, 0.5)["role"])
    assert roles == ["true positive", "false positive, surest", "missed lens"]


def test_examples_show_every_kind_lenses_first_evenly_over_radius(objects):
    picked = pick_examples(objects, 5)
    assert picked["kind"].tolist() == ["lens"] * 5 + ["ring"] * 5 + ["star"] * 5
    lenses = picked[picked["kind"] == "lens"]["radius"]
    assert lenses.is_monotonic_increasing and lenses.iloc[0] < 0.51 and lenses.iloc[-1] > 2.99
    assert (np.diff(lenses) < 1.0).all()


def test_the_gallery_shows_the_worst_of_both_classes_worst_first(objects):
    rows = pick_gallery(objects, 5)
    others, lenses = objects[~objects["is_lens"]]["score"], objects[objects["is_lens"]]["score"]
    assert rows["score"].tolist() == sorted(others)[:-6:-1] + sorted(lenses)[:5]
    assert rows.groupby("is_lens")["role"].nunique().eq(1).all() and rows["role"].nunique() == 2


def test_the_headline_s_stamps_are_the_surest_of_each_role_and_the_best_ring_at_one_radius(objects):
    picked = pick_headline_objects(objects, 0.5).set_index("role")
    false = objects[~objects["is_lens"] & (objects["score"] > 0.5)]
    assert ((picked["radius"] - false["radius"].median()).abs() < ALIKE).all()
    objects = objects[(objects["radius"] - false["radius"].median()).abs() < ALIKE]
    assert list(picked.index) == ["found lens", "false positive", "missed lens", "impostor"]
    lenses, kinds = objects[objects["is_lens"]], objects.groupby("kind")["score"].max()
    assert picked.loc["found lens", "score"] == lenses["score"].max()
    assert picked.loc["false positive", ["kind", "score"]].tolist() == ["star", kinds["star"]]
    assert picked.loc["impostor", ["kind", "score"]].tolist() == ["ring", kinds["ring"]]
    assert picked.loc["missed lens", "arc_snr"] == lenses.loc[lenses["score"] <= 0.5, "arc_snr"].max()


def test_a_role_that_no_object_of_that_radius_fills_is_taken_from_all_radii(objects):
    around = objects.loc[~objects["is_lens"] & (objects["score"] > 0.5), "radius"].median()
    near = (objects["radius"] - around).abs() < ALIKE
    objects.loc[near & (objects["kind"] == "ring"), "kind"] = "star"
    without = objects[~(near & objects["is_lens"] & (objects["score"] <= 0.5))]
    far = pick_headline_objects(without, 0.5).set_index("role")
    assert list(far.index) == ["found lens", "false positive", "missed lens", "impostor"]
    assert far.loc["impostor", "score"] == without.loc[without["kind"] == "ring", "score"].max()
    missed = without[without["is_lens"] & (without["score"] <= 0.5)]
    assert far.loc["missed lens", "arc_snr"] == missed["arc_snr"].max()


def test_at_a_threshold_that_nothing_passes_only_a_missed_lens_and_a_rejected_ring_are_shown(objects):
    picked = pick_headline_objects(objects, 1.0)
    assert picked["role"].tolist() == ["missed lens", "impostor"] and picked["kind"].tolist() == ["lens", "ring"]


def test_without_rings_the_headline_s_impostor_is_of_another_kind_than_its_false_positive(objects):
    objects["kind"] = objects["kind"].replace("ring", "merger")
    picked = pick_headline_objects(objects, 0.5).set_index("role")
    assert {picked.loc["false positive", "kind"], picked.loc["impostor", "kind"]} == {"star", "merger"}
    lone = objects[objects["kind"] != "merger"]
    assert "impostor" not in pick_headline_objects(lone, 0.5)["role"].tolist()
