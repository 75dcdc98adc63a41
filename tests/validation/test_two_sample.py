"""The measurements and tests that compare real with simulated stamps, against closed forms."""

import numpy as np
import pandas as pd
import pytest
from scipy import ndimage

from lenspipe.measure import galaxy, sky, stamp_features
from lenspipe.validation import image_views as views
from lenspipe.validation import trees
from lenspipe.validation.matching import match
from lenspipe.validation.two_sample import assign_folds, auc_with_interval, compare_features, pairwise_wins

BANDS, SCALE, ZERO = ["g", "r", "i"], 0.263, 30.0
KERNEL = np.array([[0.02, 0.06, 0.02], [0.06, 1.0, 0.06], [0.02, 0.06, 0.02]])  # lag-1 as in real coadds


def expected(kernel, lag):
    """Correlation of white noise filtered by a kernel: its own autocorrelation."""
    padded = np.pad(kernel, 3)
    return (padded * np.roll(padded, lag, (0, 1))).sum() / (kernel**2).sum()


def noise(n=40, size=45, sigma=5.0, kernel=None):
    images = np.random.default_rng(3).normal(0, sigma, (n, len(BANDS), size, size))
    return images if kernel is None else ndimage.convolve(images, kernel[None, None], mode="wrap")


@pytest.mark.parametrize("kernel", [None, KERNEL], ids=["white", "filtered"])
def test_noise_and_correlation_are_those_of_the_closed_form(kernel):
    images = 7.0 + noise(kernel=kernel)
    level, sigma, free = sky.measure_sky(images)
    one = np.array([[1.0]]) if kernel is None else kernel
    assert np.mean(level) == pytest.approx(7, abs=0.15)
    assert np.mean(sigma) == pytest.approx(5 * np.sqrt((one**2).sum()), rel=0.02)
    free = np.ones_like(free)  # correlated noise looks like sources; here there are none
    shown = sky.normalised(images, level, sigma)
    for lags in sky.LAGS.values():
        want = np.mean([expected(one, lag) for lag in lags])
        assert np.mean(sky.correlation(shown, free, lags)) == pytest.approx(want, abs=0.01)
    assert np.mean(sky.band_correlation(shown, free)) == pytest.approx(0, abs=0.01)


def test_sources_are_no_sky():
    images = noise()
    y, x = np.indices((45, 45))
    images += 400 * np.exp(-np.hypot(x - 22, y - 22) / 4) + 60 * np.exp(-((x - 38) ** 2 + (y - 8) ** 2) / 6)
    level, sigma, free = sky.measure_sky(images)
    assert 0.1 < free.mean() < 0.7 and not free[:, 20:25, 20:25].any() and not free[:, 8, 38].any()
    assert np.mean(sigma) == pytest.approx(5, rel=0.03)
    shown = sky.normalised(images, level, sigma)
    assert np.mean(sky.correlation(shown, free, sky.LAGS["1"])) == pytest.approx(0, abs=0.015)


def test_neighbours_are_the_planted_ones():
    """One beside the galaxy in every stamp: its number, size, and colour, which is that of equal fluxes."""
    images = noise()
    y, x = np.indices((45, 45))
    images += 400 * np.exp(-np.hypot(x - 22, y - 22) / 2) + 300 * np.exp(-((x - 38) ** 2 + (y - 8) ** 2) / (2 * 1.5**2))
    found = stamp_features.neighbour_features(images, BANDS, pixel_scale=SCALE, zero_point=ZERO)
    flux = 300 * 2 * np.pi * 1.5**2
    for band in BANDS:
        assert (found[f"neighbours_{band}"] == 1).mean() > 0.9
        assert np.nanmedian(found[f"neighbour_magnitude_{band}"]) == pytest.approx(
            ZERO - 2.5 * np.log10(flux), abs=0.05
        )
        assert np.nanmedian(found[f"neighbour_radius_{band}"]) == pytest.approx(1.177 * 1.5 * SCALE, rel=0.08)
    assert np.nanmedian(found["neighbour_colour_g-r"]) == pytest.approx(0, abs=0.02)
    empty = stamp_features.neighbour_features(noise(), BANDS, pixel_scale=SCALE, zero_point=ZERO)
    assert empty["neighbours_i"].mean() < 0.1
    np.testing.assert_array_equal(np.isnan(empty["neighbour_radius_i"]), empty["neighbours_i"] == 0)
    assert all(stamp_features.group_of(name) == "field" for name in found)


def test_the_first_guess_of_the_noise_does_not_see_a_slope():
    y, x = np.indices((45, 45))
    assert np.mean(sky.noise_of_differences(noise() + 30.0 * x - 20.0 * y)) == pytest.approx(5, rel=0.02)


def test_a_gaussian_galaxy_has_the_radii_and_concentration_of_its_law():
    s, flux, axis = 0.6, 1e4, (np.arange(63) - 31) * SCALE  # arcsec
    light = flux * SCALE**2 / (2 * np.pi * s**2) * np.exp(-(axis[:, None] ** 2 + axis**2) / (2 * s**2))
    images = np.broadcast_to(light, (1, len(BANDS), 63, 63)) * np.array([1.0, 2.0, 4.0])[:, None, None]
    found = galaxy.galaxy_features(images, np.full((1, 3), 1e-3), BANDS, pixel_scale=SCALE, zero_point=ZERO)
    assert found["magnitude_g"][0] == pytest.approx(ZERO - 10, abs=2e-3)
    assert found["colour_g-r"][0] == pytest.approx(2.5 * np.log10(2), abs=1e-6)
    r20, r50, r80 = (s * np.sqrt(-2 * np.log(1 - share)) for share in (0.2, 0.5, 0.8))
    assert found["radius_i"][0] == pytest.approx(r50, rel=0.01)
    assert found["concentration_i"][0] == pytest.approx(5 * np.log10(r80 / r20), rel=0.02)
    assert found["asymmetry_i"][0] == pytest.approx(0, abs=1e-9) and found["offset_i"][0] < 1e-9


def test_the_auc_within_folds_is_mann_whitney_s_and_its_interval_has_the_right_width():
    rng = np.random.default_rng(0)
    is_real = np.arange(240) < 40
    found = []
    for _ in range(200):
        scores = rng.normal(is_real * 1.0)
        found.append(auc_with_interval(*pairwise_wins(scores, is_real), draws=200, rng=rng, confidence=0.68))
    value, low, high = np.mean(found, axis=0)
    true = 0.7602  # Phi(1 / sqrt 2)
    assert value == pytest.approx(true, abs=0.01)
    assert (high - low) / 2 == pytest.approx(np.std([f[0] for f in found]), rel=0.2)
    assert np.mean([f[1] < true < f[2] for f in found]) == pytest.approx(0.68, abs=0.1)
    # Another fold's scores may have any zero point: pairs across folds do not count.
    fold = assign_folds(is_real, 4, rng)
    moved = pairwise_wins(scores + 100 * fold, is_real, fold)
    same = pairwise_wins(scores, is_real, fold)
    np.testing.assert_array_equal(moved[0], same[0])
    assert moved[1].sum() == 4 * 10 * 50 == same[1].sum()


def test_a_matched_stamp_shares_the_fold_of_its_partner():
    is_real, partner = np.arange(90) < 30, np.concatenate([np.arange(30), np.repeat(np.arange(30), 2)])
    fold = assign_folds(is_real, 5, np.random.default_rng(0), partner=partner)
    assert (np.bincount(fold[is_real]) == 6).all() and (fold[30:] == fold[:30].repeat(2)).all()


def test_matching_takes_the_nearest_and_none_twice():
    rng = np.random.default_rng(1)

    def galaxies(n, mean):
        i = rng.normal(mean, 1.0, n)
        return pd.DataFrame({"magnitude_i": i, "magnitude_g": i + 2, "radius_i": rng.lognormal(0, 0.2, n)})

    real, pool = galaxies(20, 19.0), galaxies(3000, 21.0)
    rows, partners = match(real, pool, ["g", "r", "i"], count=100)
    assert len(rows) == 100 == len(set(rows)) and (np.bincount(partners) == 5).all()
    apart = pool["magnitude_i"].to_numpy()[rows] - real["magnitude_i"].to_numpy()[partners]
    assert np.abs(apart).mean() < 0.3 < abs(pool["magnitude_i"].mean() - real["magnitude_i"].mean())


def test_only_the_feature_that_differs_is_noticed():
    rng = np.random.default_rng(2)
    names = ["sky_sigma_g", "correlation1_g", "radius_g", "negative_g"]
    real, simulated = (pd.DataFrame(rng.normal(size=(n, 4)), columns=names) for n in (40, 200))
    real["correlation1_g"] += 2.0
    table = compare_features(real, simulated, draws=300, rng=rng, confidence=0.68).set_index("feature")
    row = table.loc["correlation1_g"]
    assert row["auc"] > 0.85 and row["p"] < 1e-6 and row["low"] < 2.0 < row["high"] + 0.3
    assert (table["auc"].drop("correlation1_g") - 0.5).abs().max() < 0.15
    both, is_real = pd.concat([real, simulated], ignore_index=True), np.arange(240) < 40
    scores, importance = trees.cross_validated_scores(both, is_real, assign_folds(is_real, 4, rng), rng)
    assert max(importance, key=importance.get) in ("correlation1_g", "pixel correlation")
    assert scores[is_real].mean() > scores[~is_real].mean()


def test_every_view_omits_the_part_that_its_name_excludes():
    images = 1e-3 + noise(n=6)
    images[:, :, 20:25, 20:25] += 5000.0
    _, estimate = stamp_features.measure_stamps(images, BANDS, pixel_scale=SCALE, zero_point=ZERO)
    shown = {name: inputs for name, inputs, _ in views.image_views(images, estimate, SCALE)}
    assert shown[views.AROUND].max() < 4 < shown[views.BINNED].max()
    assert shown[views.CENTRE].mean() == pytest.approx(1, abs=1e-5)
    assert shown[views.SKY].shape == (6, 3, 11, 11) and np.abs(shown[views.SKY]).max() <= sky.CLIPPED
    louder = dict(
        (name, inputs)
        for name, inputs, _ in views.image_views(images * 3, (3 * estimate[0], 3 * estimate[1], estimate[2]), SCALE)
    )
    np.testing.assert_allclose(louder[views.EQUAL], shown[views.EQUAL], rtol=1e-5, atol=1e-6)
