"""Rates and thresholds against scipy's Beta law, brute force, and closed forms."""

import numpy as np
import pytest
from scipy.stats import beta

from lenspipe.stats.rates import binomial_interval, contamination, rates_in_bins, threshold_allowing, threshold_at


@pytest.mark.parametrize(("events", "trials"), [(1, 10), (7, 9), (50, 1000), (3, 4)])
def test_the_interval_is_that_of_the_jeffreys_posterior(events, trials):
    low, high = binomial_interval([events], [trials], 0.683)
    expected = beta.ppf([0.1585, 0.8415], events + 0.5, trials - events + 0.5)
    assert (low[0], high[0]) == pytest.approx(tuple(expected), rel=1e-6)


def test_the_coverage_of_an_interval_is_its_confidence():
    rng = np.random.default_rng(0)
    for rate in (0.03, 0.2, 0.5):
        low, high = binomial_interval(rng.binomial(200, rate, 20_000), np.full(20_000, 200), 0.683)
        assert np.mean((low <= rate) & (rate <= high)) == pytest.approx(0.683, abs=0.06)


def test_there_is_no_interval_without_trials_and_it_starts_at_zero_without_events():
    low, high = binomial_interval([0, 0, 5], [0, 8, 5], 0.9)
    assert np.isnan([low[0], high[0]]).all()
    assert low[1] == 0 < high[1] < 1 and low[2] < 1 == high[2]


def test_a_threshold_passes_at_most_the_given_share_and_the_next_lower_one_more():
    scores = np.random.default_rng(1).uniform(size=1000).round(2)  # with ties
    for rate in (0.5, 0.1, 0.01, 0.001, 0.0):
        threshold = threshold_at(scores, rate)
        assert np.mean(scores > threshold) <= rate
        lower = scores[scores < threshold].max()
        assert np.mean(scores > lower) > rate
    assert threshold_at(scores, 1.0) == -np.inf
    assert (scores > threshold_allowing(scores, 0)).sum() == 0


def test_the_share_0_3_of_ten_is_three():
    """0.3 x 10 is 3, although it may be 3.0000000000000004 or 2.9999999999999996 in floating point."""
    for rate, n in ((0.3, 10), (0.1, 30), (0.7, 10), (0.001, 3000)):
        assert (np.arange(n) > threshold_at(np.arange(n), rate)).sum() == round(rate * n)


def test_rates_in_bins_are_those_of_a_loop():
    rng = np.random.default_rng(2)
    radius, selected = rng.uniform(0, 3.5, 500), rng.random(500) < 0.3
    radius[0] = 3.0  # the last edge belongs to the last bin
    edges = [0.5, 1.0, 3.0]
    table = rates_in_bins(selected, radius, edges, 0.683)
    for (low, high), row in zip([(0.5, 1.0), (1.0, 3.0)], table.itertuples(), strict=True):
        in_bin = [s for s, r in zip(selected, radius, strict=True) if low <= r < high or (r == high == 3.0)]
        assert (row.trials, row.events) == (len(in_bin), sum(in_bin))
        assert row.rate == sum(in_bin) / len(in_bin)


def test_contamination_is_bayes_rule():
    """900 of 1000 lenses and 50 of 5000 non-lenses pass, prevalence 1 %: 0.99 x 0.01 / (0.99 x 0.01 + 0.01 x 0.9)."""
    is_lens = np.repeat([True, False], [1000, 5000])
    selected = np.zeros(6000, bool)
    selected[:900] = selected[1000:1050] = True
    row = contamination(
        selected, is_lens, np.ones(6000), edges=[0, 2], prevalence=0.01, confidence=0.683, rng=np.random.default_rng(0)
    ).iloc[0]
    assert row["rate"] == pytest.approx(0.0099 / (0.0099 + 0.009))
    assert (row["events"], row["trials"]) == (50, 950)
    # The Poisson error of the false positives dominates: 14 % of f_false, times rate (1 - rate).
    half = row["rate"] * (1 - row["rate"]) / np.sqrt(50)
    assert (row["high"] - row["low"]) / 2 == pytest.approx(half, rel=0.1)


def test_contamination_at_a_prevalence_of_one_half_is_that_of_the_simulated_mix():
    rng = np.random.default_rng(3)
    is_lens = np.arange(2000) < 1000
    selected, radius = rng.random(2000) < np.where(is_lens, 0.6, 0.2), rng.uniform(0, 3, 2000)
    table = contamination(selected, is_lens, radius, edges=[0, 1, 2, 3], prevalence=0.5, confidence=0.683, rng=rng)
    np.testing.assert_allclose(table["rate"], table["events"] / table["trials"])
    assert ((table["low"] < table["rate"]) & (table["rate"] < table["high"])).all()


def test_bins_without_candidates_have_no_rate():
    table = contamination(
        [True, True],
        [True, False],
        [0.5, 0.5],
        edges=[0, 1, 2],
        prevalence=0.1,
        confidence=0.683,
        rng=np.random.default_rng(0),
    )
    assert table["trials"].tolist() == [2, 0]
    assert table.loc[1, ["rate", "low", "high"]].isna().all()
