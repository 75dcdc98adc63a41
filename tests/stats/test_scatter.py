"""Statistics of radii against what they must be for a Gaussian, and for known outliers."""

import numpy as np
import pytest

from lenspipe.stats.scatter import STATISTICS, nmad, radius_summary, robust_sigma, weighted_radius_summary


@pytest.fixture(scope="module")
def gaussian():
    """40,000 radii measured 0.05 too large with a scatter of 0.2 arcsec."""
    rng = np.random.default_rng(8)
    theta_E = rng.uniform(0.5, 3.0, 40_000)
    return theta_E, theta_E + rng.normal(0.05, 0.2, theta_E.size)


def test_of_a_gaussian_all_scatters_are_its_sigma(gaussian):
    theta_E, predicted = gaussian
    found = radius_summary(
        theta_E, predicted, np.full(theta_E.size, 0.2), confidence=0.683, rng=np.random.default_rng(0)
    )
    assert found["bias"][0] == pytest.approx(0.05, abs=0.005)
    assert found["sigma68"][0] == pytest.approx(0.2, rel=0.02)
    assert found["nmad"][0] == pytest.approx(0.2, rel=0.02)
    assert found["rmse"][0] == pytest.approx(np.hypot(0.2, 0.05), rel=0.02)
    assert found["coverage"][0] == pytest.approx(0.667, abs=0.01)  # Phi(0.75) - Phi(-1.25)
    error = 0.2 * np.sqrt(np.pi / 2 / theta_E.size)  # of a median
    assert (found["bias"][2] - found["bias"][1]) / 2 == pytest.approx(error, rel=0.25)


def test_outliers_are_those_beyond_three_tenths_of_the_radius():
    theta_E = np.array([1.0, 1.0, 2.0, 2.0])
    predicted = np.array([1.29, 0.69, 2.61, 1.41])
    found = radius_summary(theta_E, predicted, None, confidence=0.683, rng=np.random.default_rng(0))
    assert found["outliers"][0] == 0.5
    assert "coverage" not in found


def test_a_few_wild_ones_move_the_rmse_alone(gaussian):
    difference = (gaussian[1] - gaussian[0])[:1000].copy()
    difference[:10] += 50
    assert robust_sigma(difference) == pytest.approx(0.2, rel=0.1) and nmad(difference) == pytest.approx(0.2, rel=0.1)
    assert STATISTICS["rmse"](difference) > 4


def test_whole_weights_are_repeated_lenses_and_fewer_effective_ones_are_less_sure(gaussian):
    theta_E, predicted = (a[:4000] for a in gaussian)
    sigma, rng = np.full(4000, 0.2), np.random.default_rng(2)
    options = {"confidence": 0.683, "rng": rng}
    weight = rng.choice([1, 9], 4000)
    repeated = [np.repeat(a, weight) for a in (theta_E, predicted, sigma)]
    expected = radius_summary(*repeated, **options)
    found = weighted_radius_summary(theta_E, predicted, sigma, weight, **options)
    assert found.keys() == expected.keys()
    for name, (value, low, high) in found.items():
        assert value == pytest.approx(expected[name][0], abs=1e-3) and low <= value <= high
    equal = weighted_radius_summary(theta_E, predicted, sigma, np.ones(4000), **options)
    heavy = weighted_radius_summary(theta_E, predicted, sigma, np.where(np.arange(4000) < 160, 1.0, 1e-9), **options)
    for name in ("bias", "rmse", "coverage"):
        ratio = (heavy[name][2] - heavy[name][1]) / (equal[name][2] - equal[name][1])
        assert ratio == pytest.approx(5, rel=0.3)  # a 25th of the lenses
