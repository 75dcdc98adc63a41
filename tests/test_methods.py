from lenspipe import labels, methods


def test_which_baselines_exist_depends_on_the_number_of_bands():
    assert methods.baselines_of(["g", "r"]) == ("hand_made", "colours", "arc_feature", "true_light")
    assert methods.baselines_of(["i"]) == ("colours", "true_light")


def test_every_method_of_ours_has_a_label_and_another_is_called_by_its_name():
    assert all(labels.label_of_method(name) != name for name in methods.BASELINES)
    assert labels.label_of_method("mine") == "mine"


def test_kinds_have_labels_and_an_unknown_one_its_name_with_spaces():
    assert labels.label_of("edge_on") == "edge-on disc" and labels.label_of("blue_ring") == "blue ring"
    assert labels.with_labels("lenses against near_miss") == "lenses against near miss"
    assert labels.with_labels("lenses (theta_E > 0.8)") == "lenses (theta_E > 0.8)"
