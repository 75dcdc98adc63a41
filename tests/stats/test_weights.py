"""Weighted statistics against numpy's unweighted ones, and the priors that weights give."""

import numpy as np
import pandas as pd
import pytest

from lenspipe.stats.rates import binomial_interval
from lenspipe.stats.weights import (
    effective_size,
    priors_of,
    priors_of_both,
    weighted_quantiles,
    weighted_share,
    weighted_shares,
)


@pytest.fixture
def objects():
    """Lenses, rings and stars with flat radii."""
    rng = np.random.default_rng(4)
    n = 4000
    is_lens = np.arange(n) % 2 == 0
    radius = rng.uniform(0.5, 3.0, n)
    kind = np.where(is_lens, "lens", rng.choice(["ring", "star"], n, p=[0.25, 0.75]))
    return pd.DataFrame({"id": np.arange(n), "kind": kind, "is_lens": is_lens, "radius": radius})


def test_equal_weights_count_all_objects_and_one_heavy_object_counts_alone():
    assert effective_size(np.full(37, 0.2)) == pytest.approx(37)
    assert effective_size([1e9, 1, 1, 1]) == pytest.approx(1)
    assert effective_size([]) == 0


def test_quantiles_of_equal_weights_are_numpy_s():
    values, shares = np.random.default_rng(0).normal(size=101), np.linspace(0, 1, 23)
    expected = np.quantile(values, shares, method="hazen")
    np.testing.assert_allclose(weighted_quantiles(values, np.full(101, 3.0), shares), expected)


def test_quantiles_of_whole_weights_are_those_of_repeated_objects():
    rng = np.random.default_rng(1)
    values, weight = rng.normal(size=400), rng.integers(1, 6, 400)
    share = weighted_quantiles(values, weight, [0.16, 0.5, 0.84])
    np.testing.assert_allclose(share, np.quantile(np.repeat(values, weight), [0.16, 0.5, 0.84]), atol=0.02)


def test_a_share_of_equal_weights_is_binomial():
    hits = np.arange(40) < 7
    low, high = binomial_interval(7, 40, 0.68)
    assert weighted_share(hits, np.full(40, 2.5), 0.68) == pytest.approx((7 / 40, low[0], high[0]))
    for events in range(301):  # the share times the number is not always whole again
        low, high = binomial_interval(events, 300, 0.68)
        share = weighted_share(np.arange(300) < events, np.full(300, 0.1), 0.68)
        assert share == pytest.approx((events / 300, low[0], high[0]))
    assert np.isnan(weighted_share(np.array([], bool), np.array([]), 0.68)).all()


def test_a_share_lies_in_its_interval_even_with_less_than_one_effective_event():
    for lightest in (1e-4, 1e-2, 0.1):
        weight = np.r_[lightest, np.ones(50)]
        for hits in (np.arange(51) < 1, np.arange(51) >= 1):
            value, low, high = weighted_share(hits, weight, 0.68)
            assert 0 <= low <= value <= high <= 1


def test_the_scatter_of_weighted_shares_is_that_of_the_effective_number():
    rng = np.random.default_rng(2)
    weight = rng.lognormal(0, 1, 500)
    shares = [weighted_share(rng.random(500) < 0.3, weight, 0.68)[0] for _ in range(2000)]
    assert np.std(shares) == pytest.approx(np.sqrt(0.3 * 0.7 / effective_size(weight)), rel=0.05)


def test_the_survey_prior_keeps_the_share_of_each_kind_and_flat_weights_without_a_law(objects):
    objects["weight"] = np.where(objects["kind"] == "ring", np.nan, objects["radius"] * 1e6)
    (_, flat), (name, weight) = priors_of(objects)
    assert name == "survey prior" and (flat == 1).all()
    sums = objects.assign(weight=weight).groupby("kind")["weight"].sum()
    np.testing.assert_allclose(sums, objects["kind"].value_counts().sort_index())
    assert (weight[objects["kind"] == "ring"] == 1).all()


def test_too_few_effective_objects_give_no_survey_prior(objects):
    assert len(list(priors_of(objects))) == 1
    assert len(list(priors_of(objects.assign(weight=np.nan)))) == 1
    assert len(list(priors_of(objects.assign(weight=np.where(objects.index < 30, 1e9, 1.0))))) == 1


def test_shares_in_bins_are_those_of_each_bin_alone():
    rng = np.random.default_rng(5)
    place, hits = rng.choice([0, 1, 3], 500), rng.random(500) < 0.3  # bin 2 is empty
    for weight in (np.ones(500), rng.lognormal(size=500)):
        share = weighted_shares(hits, weight, place, count=4, confidence=0.68)
        for k in (0, 1, 3):
            alone = weighted_share(hits[place == k], weight[place == k], 0.68)
            assert [share[name][k] for name in ("rate", "low", "high")] == pytest.approx(alone)
            assert share["trials"][k] == pytest.approx(effective_size(weight[place == k]))
            assert share["events"][k] == pytest.approx(alone[0] * share["trials"][k])
        if (weight == 1).all():
            np.testing.assert_array_equal(share["events"], np.bincount(place[hits], minlength=4))
        assert share["trials"][2] == 0 and np.isnan(share["rate"][2])


def test_a_prior_of_both_needs_enough_lenses_and_enough_non_lenses(objects):
    objects["weight"] = objects["radius"]
    (_, ones), (_, weight) = priors_of_both(objects)
    assert (ones == 1).all()
    (_, lenses) = list(priors_of(objects[objects["is_lens"]]))[1]
    np.testing.assert_array_equal(weight[objects["is_lens"]], lenses)
    few = np.where(objects["is_lens"] & (objects["id"] < 20), 1e6, 1.0)
    assert [prior for prior, _ in priors_of_both(objects.assign(weight=few))] == ["training prior"]
