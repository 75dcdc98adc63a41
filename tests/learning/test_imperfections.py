"""What is changed in training, against the same changes of counts by other code, and how often."""

import numpy as np
import pytest
import torch
from scipy import ndimage

from lenspipe.learning.augmentation import Augmenter
from lenspipe.learning.imperfections import BLUR, KINDS, MISSING, OFFSET, ZERO_POINT, Imperfections
from lenspipe.learning.stretch import Stretch

STRETCH = Stretch(scale=(20.0, 50.0), mean=(0.3, -0.2), sd=(1.2, 0.7))


def generator(seed=1):
    return torch.Generator().manual_seed(seed)


def counts(n, seed=0, num_pix=21):
    """Galaxies in sky whose noise is what the stretch takes it for: half its scale."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:num_pix, :num_pix] - num_pix // 2
    galaxy = 3e3 * np.exp(-np.hypot(x, y) / 2.5)
    noise = rng.normal(size=(n, 2, num_pix, num_pix)) * np.array(STRETCH.scale)[:, None, None] / 2
    return galaxy + noise


def stretched(images):
    return torch.from_numpy(STRETCH(images)).permute(0, 2, 3, 1)


def changed(images, name, seed=1):
    """All of the images with one imperfection."""
    kind = torch.full((len(images),), KINDS.index(name))
    return Imperfections(1.0, STRETCH)(images, kind, generator(seed))


def test_each_occurs_as_often_as_any_other_and_the_rest_stays_as_it_is():
    kind = Imperfections(0.3, STRETCH).draw(20_000, generator())
    number = np.bincount(kind.numpy() + 1, minlength=6)
    assert number[0] / 20_000 == pytest.approx(0.7, abs=0.015)
    np.testing.assert_allclose(number[1:] / 20_000, 0.06, atol=0.007)
    images = stretched(counts(40))
    result = Imperfections(0.3, STRETCH)(images, kind[:40], generator())
    same = (result == images).all(dim=(1, 2, 3))
    assert torch.equal(same, (kind[:40] == -1) | (kind[:40] == KINDS.index("offset")))


def test_a_missing_band_is_as_in_a_users_image(monkeypatch):
    images = counts(200)
    result = changed(stretched(images), "missing band")
    lost = (result == 0).all(dim=(1, 2))
    assert (lost.sum(dim=1) == 1).all() and 70 < lost[:, 0].sum() < 130
    for k in range(2):
        without = images.copy()
        without[:, k] = np.nan
        torch.testing.assert_close(result[lost[:, k]], stretched(without)[lost[:, k]])


def test_missing_pixels_are_missing_in_all_bands():
    images = stretched(counts(300))
    gone = changed(images, "missing pixels") == 0
    assert torch.equal(gone[..., 0], gone[..., 1])
    shares = gone[..., 0].float().mean(dim=(1, 2))
    assert shares.max() < MISSING + 0.06 and shares.mean() == pytest.approx(MISSING / 2, abs=0.01)
    assert torch.equal(changed(images, "missing pixels")[~gone], images[~gone])


def test_an_error_of_the_zero_point_is_a_factor_on_the_counts_of_a_band():
    images = counts(400)
    result = changed(stretched(images), "zero point").permute(0, 3, 1, 2).numpy()
    scale, mean, sd = (np.array(v)[:, None, None] for v in (STRETCH.scale, STRETCH.mean, STRETCH.sd))
    factors = np.sinh(result * sd + mean) * scale / images
    magnitudes = 2.5 * np.log10(np.nanmedian(np.where(images > 300, factors, np.nan), axis=(2, 3)))
    assert np.std(magnitudes) == pytest.approx(ZERO_POINT, rel=0.1)
    assert abs(np.mean(magnitudes)) < 0.007
    typical = np.median(factors, axis=(2, 3), keepdims=True)
    np.testing.assert_allclose(factors, np.broadcast_to(typical, factors.shape), rtol=2e-3)


def test_worse_seeing_is_a_convolution_and_the_noise_of_the_sky_stays():
    images = counts(60)
    imperfections = Imperfections(1.0, STRETCH)
    amount = torch.linspace(0.05, 1, 60)
    quiet = imperfections.blurred(stretched(images), amount, torch.zeros(60, 21, 21, 2)).permute(0, 3, 1, 2).numpy()
    for k in range(60):
        options = {"sigma": BLUR * float(amount[k]), "mode": "mirror", "radius": 6}
        expected = [ndimage.gaussian_filter(band, **options) for band in images[k]]
        np.testing.assert_allclose(quiet[k], STRETCH(np.array(expected)[None])[0], atol=2e-3)
    sky = 0 * images + np.random.default_rng(3).normal(size=images.shape) * np.array(STRETCH.scale)[:, None, None] / 2
    noisy = changed(stretched(sky), "seeing").permute(0, 3, 1, 2).numpy()
    np.testing.assert_allclose(noisy.std(axis=(0, 2, 3)), STRETCH(sky).std(axis=(0, 2, 3)), rtol=0.02)


def test_an_image_off_centre_moves_as_far_as_it_may():
    images = torch.zeros(4000, 9, 9, 2)
    images[:, 4, 4] = 1
    augment = Augmenter(9, 0, imperfections=Imperfections(1.0, STRETCH))
    augment.imperfections.draw = lambda count, generator: torch.full((count,), KINDS.index("offset"))
    moved = augment(images, generator())
    places = torch.nonzero(moved[:, 0])[:, 1:] - 4
    assert len(places) == 4000 and places.abs().max() == OFFSET == 4
    for axis in range(2):
        number = np.bincount(places[:, axis].numpy() + 4, minlength=9)
        np.testing.assert_allclose(number / 4000, 1 / 9, atol=0.025)


def test_a_part_of_a_batch_is_changed_as_in_the_whole():
    images = stretched(counts(30))
    augment = Augmenter(21, 2, imperfections=Imperfections(0.8, STRETCH))
    whole = augment(images, generator())
    parts = [augment(images[part], generator(), whole=30, share=part) for part in (slice(0, 10), slice(10, 30))]
    torch.testing.assert_close(torch.cat(parts), whole, rtol=1e-5, atol=1e-5)


def test_without_imperfections_nothing_is_drawn_for_them():
    images = stretched(counts(30))
    plain, none = Augmenter(21, 2), Augmenter(21, 2, imperfections=None)
    assert torch.equal(plain(images, generator()), none(images, generator()))
    one, other = generator(), generator()
    plain(images, one)
    torch.randint(8, (30,), generator=other)
    torch.randint(5, (2, 30), generator=other)
    assert torch.equal(one.get_state(), other.get_state())
