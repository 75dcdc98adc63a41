"""Arc features against their expected values for stars, noise, a planted patch and rotated stamps."""

import numpy as np
import pytest

from lenspipe.measure import arcs
from lenspipe.measure.features import measure_arcs, measure_features
from lenspipe.measure.photometry import aperture_masks
from lenspipe.simulate import psf

PIXEL, BETA, NUM_PIX = 0.263, 3.0, 45
CENTRE = (NUM_PIX - 1) / 2
SEEING = np.array([[1.15, 0.9]])
SKY = np.array([[2.6, 6.2]])


def star(x, y, fwhm):
    """A point of flux 1 as the survey sees it."""
    py, px = (np.indices((NUM_PIX, NUM_PIX)) - CENTRE) * PIXEL
    return psf.moffat(np.hypot(px - x, py - y), fwhm, BETA) * PIXEL**2


def galaxy(colour, *blue):
    """A compact galaxy, red over blue flux 1 / colour, and blue points (x, y, flux): array [1, 2, y, x]."""
    planes = [4e3 * amount * star(0.05, -0.1, fwhm) for amount, fwhm in zip((colour, 1), SEEING[0], strict=True)]
    planes[0] += sum(flux * star(x, y, SEEING[0, 0]) for x, y, flux in blue)
    return np.array([planes])


def test_the_transform_is_that_of_the_renderer():
    table = psf.transform_table(BETA)[:4000]
    x = psf.STEP * np.arange(len(table))
    np.testing.assert_allclose(arcs.moffat_transform(x, BETA), table, atol=1e-5, rtol=1e-3)


def test_kernels_are_quotients_of_transforms():
    k = arcs.wave_numbers(NUM_PIX, PIXEL)
    seeing = np.random.default_rng(0).uniform(0.7, 1.8, (20, 2))
    exact = arcs.moffat_transform(k * (seeing / (2 * np.sqrt(2 ** (1 / BETA) - 1)))[..., None, None], BETA)
    kernels = arcs.matching_kernels(seeing, k, BETA)
    np.testing.assert_allclose(kernels, exact.min(axis=1, keepdims=True) / exact, rtol=3e-5)


def test_a_red_galaxy_leaves_no_residual_at_any_seeing():
    core = aperture_masks(NUM_PIX, [arcs.CORE], PIXEL)[0]
    k = arcs.wave_numbers(NUM_PIX, PIXEL)
    for seeing in (SEEING, SEEING[:, ::-1]):
        images = np.array([[0.1 * star(0.05, -0.1, seeing[0, 0]), star(0.05, -0.1, seeing[0, 1])]])
        left, alpha = arcs.difference(images[:, 0], images[:, 1], arcs.matching_kernels(seeing, k, BETA), core)
        assert alpha[0] == pytest.approx(0.1, rel=1e-3)
        assert np.abs(left).max() < 2e-3 * images[0, 0].max()


def test_nothing_is_deconvolved():
    kernels = arcs.matching_kernels(SEEING, arcs.wave_numbers(NUM_PIX, PIXEL), BETA)
    assert kernels.max() == 1 and kernels.min() >= 0
    assert (kernels[0, 0] == 1).all() and kernels[0, 1].min() < 0.5


def features(images):
    count = len(images)
    return measure_arcs(images, np.repeat(SKY, count, 0), np.repeat(SEEING, count, 0), pixel_scale=PIXEL, beta=BETA)


def test_in_noise_every_patch_has_a_scatter_of_one():
    rng = np.random.default_rng(0)
    noise = rng.normal(0, SKY[..., None, None], (400, 2, NUM_PIX, NUM_PIX))
    values = features(galaxy(0.1) + noise)
    means = np.stack([values[f"ring{r:.1f}_mean"] for r in (1.8, 2.4, 3.0)])
    assert np.abs(means.mean(axis=1)).max() < 0.15
    # Patches of these rings hardly overlap: the mean of twelve scatters by 1 / sqrt(12) or somewhat more.
    assert np.all((means.std(axis=1) > 0.9 / np.sqrt(12)) & (means.std(axis=1) < 2 / np.sqrt(12)))
    k = arcs.wave_numbers(NUM_PIX, PIXEL)
    kernels, weights = arcs.matching_kernels(SEEING, k, BETA), arcs.patches(NUM_PIX, PIXEL)
    core = aperture_masks(NUM_PIX, [arcs.CORE], PIXEL)[0]
    left = arcs.difference(noise[:, 0], 1e9 * core + 0 * noise[:, 1], np.repeat(kernels, 400, 0), core)[0]
    sums = np.einsum("nyx,ryx->nr", left, weights[-1])
    expected = arcs.patch_noise(SKY, np.zeros(1), kernels, k)
    assert sums.std() == pytest.approx(expected[0], rel=0.05)


def test_light_in_the_shape_of_a_patch_has_the_expected_signal_to_noise():
    weights = arcs.patches(NUM_PIX, PIXEL)
    images = np.zeros((1, 2, NUM_PIX, NUM_PIX))
    images[0, 0] = 10 * SKY[0, 0] * weights[5, 3]
    values = measure_arcs(images, SKY, np.full((1, 2), 1.0), pixel_scale=PIXEL, beta=BETA)
    assert values["ring2.1_max"][0] == pytest.approx(10, rel=1e-3)
    assert max(values, key=lambda name: values[name][0] if name.endswith("_max") else -np.inf) == "ring2.1_max"


def test_two_opposite_images_make_a_pair_and_a_neighbour_does_not():
    pair = features(galaxy(0.1, (1.2, 0.9, 200), (-1.2, -0.9, 200)))
    neighbour = features(galaxy(0.1, (1.2, 0.9, 400)))
    assert pair["pair_snr"][0] > 4 * max(neighbour["pair_snr"][0], 0.1)
    assert pair["pair_radius"][0] == pytest.approx(1.5, abs=0.31)


def test_a_stamp_rotated_by_a_right_angle_has_the_same_features():
    images = galaxy(0.1, (1.2, 0.9, 300), (-0.8, -0.9, 200))
    one, two = features(images), features(np.rot90(images, axes=(2, 3)))
    for name in one:
        np.testing.assert_allclose(one[name], two[name], rtol=2e-3, atol=2e-3)


def test_one_band_gives_only_magnitudes_and_a_small_stamp_fewer_rings():
    images = galaxy(0.1)
    alone = measure_features(
        images[:, :1], SKY[:, :1], SEEING[:, :1], bands=["g"], pixel_scale=PIXEL, zero_point=30.0, beta=BETA
    )
    assert set(alone) == {"total_g", "aperture0.7_g", "aperture1.6_g", "aperture3_g"}
    small = measure_features(
        images[:, :, 14:31, 14:31], SKY, SEEING, bands=["g", "i"], pixel_scale=PIXEL, zero_point=30.0, beta=BETA
    )
    assert "ring1.8_pair" in small and "ring2.1_pair" not in small
    assert small["total_g-i"] == small["total_g"] - small["total_i"]
