"""Fluxes and magnitudes against closed forms."""

import numpy as np
import pytest

from lenspipe.measure.photometry import aperture_fluxes, aperture_masks, asinh_magnitudes

PIXEL = 0.263


def test_the_flux_of_a_gaussian_in_an_aperture_is_the_closed_form():
    y, x = (np.indices((45, 45)) - 22) * PIXEL
    gaussian = np.exp(-(x**2 + y**2) / 2 / 1.1**2) / (2 * np.pi * 1.1**2) * PIXEL**2
    images = np.array([[gaussian, -3 * gaussian]])
    radii = np.array([0.7, 1.6, 3.0])
    values = aperture_fluxes(images, aperture_masks(45, radii, PIXEL))
    expected = 1 - np.exp(-(radii**2) / 2 / 1.1**2)
    np.testing.assert_allclose(values[0], [expected, -3 * expected], rtol=0.01)


def test_the_area_of_an_aperture_is_that_of_a_circle_and_ends_with_the_stamp():
    inside, larger = aperture_masks(45, [1.6, 99], PIXEL).sum(axis=(1, 2)) * PIXEL**2
    assert inside == pytest.approx(np.pi * 1.6**2, rel=2e-3)
    assert larger == pytest.approx((45 * PIXEL) ** 2)


def test_magnitudes_are_pogson_s_for_bright_fluxes_and_finite_without_flux():
    flux = np.array([1e5, 10.0, 0.0, -10.0])
    values = asinh_magnitudes(flux, np.full(4, 5.0), 30.0)
    assert values[0] == pytest.approx(30 - 2.5 * np.log10(1e5), abs=1e-6)
    assert np.isfinite(values).all() and (np.diff(values) > 0).all()
    assert values[1] - values[2] == pytest.approx(-(values[3] - values[2]))
