"""Bent normal variables against scipy's laws."""

import numpy as np
import pytest
from scipy.stats import gamma, kstest, norm

from lenspipe.stats.posterior import Posterior

LEVELS = np.array([0.005, 0.025, 0.05, 0.1, 0.16, 0.25, 0.5, 0.75, 0.84, 0.9, 0.95, 0.975, 0.995])


@pytest.mark.parametrize("levels", [LEVELS, [0.3, 0.6]])
def test_a_normal_law_is_exact(levels):
    mean, sd = np.array([0.0, 2.0, -1.0]), np.array([1.0, 0.1, 3.0])
    x = mean + sd * np.array([0.3, -4.5, 2.0])
    for law in (Posterior(levels, norm.ppf(levels, mean[:, None], sd[:, None])), Posterior.normal(mean, sd)):
        np.testing.assert_allclose(law.cdf(x), norm.cdf(x, mean, sd), rtol=1e-9)
        np.testing.assert_allclose(law.log_prob(x), norm.logpdf(x, mean, sd), rtol=1e-9)
        np.testing.assert_allclose(law.quantiles([0.01, 0.7]), norm.ppf([0.01, 0.7], mean[:, None], sd[:, None]))
        np.testing.assert_allclose(law.mean(), mean, atol=1e-6)
        np.testing.assert_allclose(law.sd(), sd, rtol=1e-5)


def test_a_skew_law_is_right_to_a_per_cent():
    true = gamma(3.0)
    law = Posterior(LEVELS, true.ppf(LEVELS)[None])
    x = true.ppf(np.linspace(0.01, 0.99, 50))
    for value in x:
        assert law.cdf(np.array([value]))[0] == pytest.approx(true.cdf(value), abs=0.01)
    assert law.mean()[0] == pytest.approx(true.mean(), rel=0.01) and law.sd()[0] == pytest.approx(true.std(), rel=0.03)


def test_draws_follow_the_law_and_its_density_is_the_slope_of_its_cdf():
    law = Posterior(LEVELS, gamma(2.0).ppf(LEVELS)[None])
    draws = law.sample(4000, np.random.default_rng(1))[0]
    assert kstest(draws, lambda x: np.array([law.cdf(np.array([one]))[0] for one in x])).pvalue > 1e-3
    x, step = np.array([0.5, 1.3, 7.0]), 1e-6
    for value in x:
        density = (law.cdf(np.array([value + step])) - law.cdf(np.array([value - step]))) / (2 * step)
        assert np.exp(law.log_prob(np.array([value])))[0] == pytest.approx(density[0], rel=1e-3)


def test_quantiles_and_cdf_are_inverse_beyond_the_outermost_quantile_too():
    law = Posterior(LEVELS, np.cumsum(np.random.default_rng(2).uniform(0.1, 1, (6, len(LEVELS))), axis=1))
    for level in (1e-5, 0.004, 0.2, 0.5, 0.77, 0.9999):
        np.testing.assert_allclose(law.cdf(law.quantiles([level])[:, 0]), level, rtol=1e-9)


def test_quantiles_that_cross_are_refused():
    with pytest.raises(ValueError, match="do not increase"):
        Posterior([0.1, 0.5, 0.9], [[1.0, 0.9, 2.0]])
