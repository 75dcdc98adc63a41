import numpy as np
import pytest

from lenspipe.errors import InputError
from lenspipe.learning.stretch import SOFTENING, count_missing, fit_stretch


@pytest.fixture
def sky():
    """Two bands of noise, 3 and 10 counts, with a few bright pixels."""
    images = np.random.default_rng(0).normal(size=(40, 2, 20, 20)) * np.array([3, 10])[:, None, None]
    images[:, :, 9:11, 9:11] += 5000
    return images


def test_the_scale_follows_the_sky_and_not_the_objects(sky):
    assert fit_stretch(sky).scale == pytest.approx((3 * SOFTENING, 10 * SOFTENING), rel=0.05)


def test_stretched_training_images_have_mean_zero_and_variance_one(sky):
    stretched = fit_stretch(sky)(sky)
    np.testing.assert_allclose(stretched.mean(axis=(0, 2, 3)), 0, atol=1e-4)
    np.testing.assert_allclose(stretched.std(axis=(0, 2, 3)), 1, atol=1e-4)


def test_the_stretch_is_nearly_linear_in_the_noise_and_a_logarithm_beyond():
    stretch = fit_stretch(np.random.default_rng(1).normal(0, 4, (10, 1, 30, 30)))

    def raw(x):
        return stretch(np.full((1, 1, 1, 1), x)).item() * stretch.sd[0] + stretch.mean[0]

    assert raw(1.0) == pytest.approx(1 / stretch.scale[0], rel=0.01)
    assert raw(8e6) - raw(8e5) == pytest.approx(np.log(10), rel=1e-4)


def test_missing_pixels_are_mean_sky_and_do_not_move_the_fit(sky):
    holes = sky.copy()
    holes[:5, 1, :3] = np.nan
    holes[7, 0, 0, 0] = np.inf
    stretch = fit_stretch(holes)
    assert stretch.scale == pytest.approx(fit_stretch(sky).scale, rel=0.01)
    assert np.all(stretch(holes)[:5, 1, :3] == 0) and stretch(holes)[7, 0, 0, 0] == 0
    assert count_missing(holes, np.arange(40), "here") == 5 * 3 * 20 + 1


def test_an_image_without_any_pixel_is_refused_by_name(sky):
    sky[3] = np.nan
    with pytest.raises(InputError, match=r"here: the image of object 103 has no pixel"):
        count_missing(sky, np.arange(100, 140), "here")


def test_a_constant_band_is_no_error():
    images = np.zeros((3, 1, 5, 5))
    assert np.all(np.isfinite(fit_stretch(images)(images)))
