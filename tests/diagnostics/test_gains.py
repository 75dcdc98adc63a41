import pytest

from lenspipe.diagnostics.gains import gains


def test_a_gain_is_sure_if_the_intervals_are_apart():
    network = [
        ("auroc", 0.9, 0.89, 0.91, 5, "all", "network"),
        ("theta_E rmse", 0.20, 0.19, 0.21, 5, "all", "network"),
    ]
    apart = [("auroc", 0.8, 0.79, 0.81, 5, "all", "trees"), ("theta_E rmse", 0.30, 0.29, 0.31, 5, "all", "trees")]
    near = [("auroc", 0.9, 0.88, 0.92, 5, "all", "trees"), ("theta_E bias", 0.1, 0.0, 0.2, 5, "all", "trees")]
    sure = gains(network + apart, "network")
    assert [row[0] for row in sure] == ["gain in auroc", "gain in theta_E rmse"]
    for row in sure:
        assert row[1:4] == pytest.approx((0.1, 0.08, 0.12)) and row[-2:] == ("all", "trees")
    (unsure,) = gains(network + near, "network")
    assert unsure[2] < 0 < unsure[3]


def test_a_metric_that_the_headline_lacks_has_no_gain():
    assert gains([("auroc", 0.8, 0.7, 0.9, 5, "all", "trees")], "network") == []
