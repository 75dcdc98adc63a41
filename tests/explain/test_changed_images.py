"""Images that are changed, against what a shift, a blur and a zero point are."""

import numpy as np
import pytest
from scipy.stats import kstest

from lenspipe.explain.changed_images import SHIFTS, blurred, changes, moved_by_a_part, shifted
from lenspipe.plots.robustness import AXES

NUM_PIX, SCALE = 33, 0.263


def star(sigma, y=0.0, x=0.0):
    """A star of the normal law, off the centre by y and x pixels."""
    rows, columns = np.indices((NUM_PIX, NUM_PIX)) - (NUM_PIX - 1) / 2
    return np.exp(-((rows - y) ** 2 + (columns - x) ** 2) / (2 * sigma**2)).astype(np.float32)


@pytest.mark.parametrize(("y", "x"), [(0, 0), (3, -2), (-4, 0), (40, 1)])
def test_a_shift_moves_the_content_and_knows_nothing_of_what_comes_in(y, x):
    images = np.random.default_rng(1).normal(size=(2, 3, NUM_PIX, NUM_PIX))
    moved = shifted(images, np.array([[y, 0], [x, 0]]))
    rows, columns = np.indices((NUM_PIX, NUM_PIX))
    inside = (rows - y >= 0) & (rows - y < NUM_PIX) & (columns - x >= 0) & (columns - x < NUM_PIX)
    rolled = np.roll(images[0], (y, x), axis=(1, 2))
    np.testing.assert_array_equal(moved[0], np.where(inside, rolled, np.nan))
    np.testing.assert_array_equal(moved[1], images[1])


@pytest.mark.parametrize("part", [0.5, -0.25])
def test_a_part_of_a_pixel_moves_a_star_and_keeps_the_power_of_the_noise(part):
    moved = moved_by_a_part(star(2.0)[None, None], np.array([[part], [-part]]))
    np.testing.assert_allclose(moved[0, 0], star(2.0, part, -part), atol=1e-4)
    noise = np.random.default_rng(2).normal(size=(40, 1, NUM_PIX, NUM_PIX))
    after = moved_by_a_part(noise, np.full((2, 40), part))
    assert after.std() == pytest.approx(noise.std(), rel=0.04)


def test_a_blurred_star_is_as_wide_as_two_normal_laws_and_the_sky_as_noisy_as_before():
    rng = np.random.default_rng(3)
    wide = blurred(star(2.0)[None, None], sigma=np.array([[1.5]]), sky_sigma=np.zeros((1, 1)), rng=rng)
    expected = star(2.5) * (2.0 / 2.5) ** 2
    np.testing.assert_allclose(wide[0, 0], expected, atol=2e-3)
    sky = np.random.default_rng(4).normal(0, 3.0, (20, 2, NUM_PIX, NUM_PIX))
    after = blurred(sky, sigma=np.full((20, 2), 1.2), sky_sigma=np.full((20, 2), 3.0), rng=np.random.default_rng(5))
    assert kstest(after[:, :, 16, ::16].ravel(), "norm", args=(0, 3.0)).pvalue > 1e-3
    assert after.std() == pytest.approx(3.0, rel=0.02)


@pytest.fixture(scope="module")
def changed():
    rng = np.random.default_rng(6)
    images = rng.normal(0, 2, (12, 3, NUM_PIX, NUM_PIX)).astype(np.float32) + 50 * star(2.0)
    noise = {"sky_sigma": np.full((12, 3), 2.0), "psf_fwhm": np.full((12, 3), 1.0)}
    options = {"bands": ["g", "r", "i"], "pixel_scale": SCALE, "rng": rng}
    return images, list(changes(images, **noise, **options))


def test_every_change_is_made_once_and_the_images_stay_as_they_were(changed):
    images, rows = changed
    labels = [(change, amount) for change, amount, _, _ in rows]
    assert len(set(labels)) == len(labels) and labels[0] == ("as they are", 0.0)
    assert {change for change, _ in labels} == {"as they are", *AXES}
    assert [amount for change, amount in labels if change == "shift"] == list(SHIFTS)
    assert all(after.shape == images.shape and after.dtype == images.dtype for *_, after in rows)
    np.testing.assert_array_equal(rows[0][-1], images)


def test_what_is_missing_is_missing(changed):
    for change, amount, label, after in changed[1]:
        missing = np.isnan(after)
        if change == "missing band":
            assert ["g", "r", "i"][int(amount)] == label
            assert missing[:, int(amount)].all() and missing.sum() == missing[:, 0].size
        elif change == "missing pixels":
            assert missing.mean() == pytest.approx(amount, abs=0.02) and (missing == missing[:, :1]).all()
        elif change in ("zero point", "seeing", "as they are"):
            assert not missing.any()


def test_a_zero_point_is_off_in_one_band_of_each_image(changed):
    images, rows = changed
    for change, amount, _, after in rows:
        if change == "zero point":
            factors = (after / images).mean(axis=(2, 3))
            assert np.allclose(np.sort(np.abs(np.log10(factors) / 0.4), axis=1), [0, 0, abs(amount)], atol=1e-4)
