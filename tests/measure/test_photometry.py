"""Fluxes and magnitudes against closed forms."""

import numpy as np
import pytest

from lenspipe.measure.photometry import aperture_fluxes, aperture_masks, asinh_magnitudes

PIXEL = 0.263


def test_an_aperture_holds_the_share_of_a_gaussian_that_it_must():
    y, x = (np.indices((45, 45)) - 22) * PIXEL
    gaussian = np.exp(-(x**2 + y**2) / 2 / 1.1**2) / (2 * np.pi * 1.1**2) * PIXEL**2
    images = np.array([[gaussian, -3 * gaussian]])
    radii = np.array([0.7, 1.6, 3.0])
    found = aperture_fluxes(images, aperture_masks(45, radii, PIXEL))
    expected = 1 - np.exp(-(radii**2) / 2 / 1.1**2)
    np.testing.assert_allclose(found[0], [expected, -3 * expected], rtol=0.01)


def test_the_area_of_an_aperture_is_that_of_a_circle_and_ends_with_the_stamp():
    inside, larger = aperture_masks(45, [1.6, 99], PIXEL).sum(axis=(1, 2)) * PIXEL**2
    assert inside == pytest.approx(np.pi * 1.6**2, rel=2e-3)
    assert larger == pytest.approx((45 * PIXEL) ** 2)


def test_magnitudes_are_pogson_s_where_it_is_bright_and_finite_where_there_is_nothing():
    flux = np.array([1e5, 10.0, 0.0, -10.0])
    found = asinh_magnitudes(flux, np.full(4, 5.0), 30.0)
    assert found[0] == pytest.approx(30 - 2.5 * np.log10(1e5), abs=1e-6)
    assert np.isfinite(found).all() and (np.diff(found) > 0).all()
    assert found[1] - found[2] == pytest.approx(-(found[3] - found[2]))
