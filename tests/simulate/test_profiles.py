"""The profiles that lenstronomy lacks, by quadrature and by their definitions."""

import numpy as np
import pytest
from lenstronomy.LightModel.Profiles.sersic import SersicElliptic

from lenspipe.simulate import profiles

AXIS = np.linspace(-12, 12, 2401)
X, Y = np.meshgrid(AXIS, AXIS)
CELL = (AXIS[1] - AXIS[0]) ** 2


@pytest.mark.parametrize(("radius", "width"), [(1.0, 0.1), (0.3, 0.2), (2.5, 0.7)])
def test_a_ring_has_unit_flux(radius, width):
    assert profiles.ring(X, Y, radius, width, 0.1, -0.15).sum() * CELL == pytest.approx(1, rel=1e-4)


def test_a_ring_is_brightest_at_its_radius():
    x = np.linspace(0, 3, 3001)
    assert x[profiles.ring(x, 0 * x, 1.2, 0.1, 0.0, 0.0).argmax()] == pytest.approx(1.2, abs=1e-3)


@pytest.mark.parametrize("contrast", [0.0, 0.8])
def test_a_spiral_has_unit_flux(contrast):
    assert profiles.spiral(X, Y, 0.8, 0.05, 0.1, 2, 20.0, contrast, 0.4).sum() * CELL == pytest.approx(1, rel=2e-3)


def test_a_spiral_without_arms_is_lenstronomy_s_disc():
    ours = profiles.spiral(X, Y, 0.8, 0.05, 0.1, 2, 20.0, 0.0, 0.4)
    sersic = SersicElliptic()
    R = 0.8 * (1.9992 - 0.3271) / 1.67835  # lenstronomy's b_n is an approximation, 1.9992 n - 0.3271
    theirs = sersic.function(X, Y, 1 / sersic.total_flux(1.0, R, 1.0), R, 1.0, 0.05, 0.1)
    away = np.hypot(X, Y) > 0.05
    np.testing.assert_allclose(ours[away], theirs[away], rtol=2e-4, atol=1e-12)


def test_a_spiral_s_arms_have_their_number_and_pitch():
    phi = np.linspace(0, 2 * np.pi, 3601)[:-1]
    crest = {}
    for r in (0.8, 1.0):
        light = profiles.spiral(r * np.cos(phi), r * np.sin(phi), 0.8, 0.0, 0.0, 3, 15.0, 0.9, 0.4)
        power = np.abs(np.fft.rfft(light))
        assert power[1:].argmax() + 1 == 3
        crest[r] = phi[light[: len(phi) // 3].argmax()]
    assert crest[0.8] == pytest.approx(0.4, abs=2e-3)  # the phase is that at the half-light radius
    turned = (crest[1.0] - crest[0.8]) % (2 * np.pi / 3)
    assert turned == pytest.approx(np.log(1.0 / 0.8) / np.tan(np.radians(15.0)) % (2 * np.pi / 3), abs=4e-3)


def test_elliptical_coordinates_are_lenstronomy_s():
    from lenstronomy.Util.param_util import transform_e1e2_product_average

    ours = np.hypot(*profiles.elliptical(X, Y, 0.2, -0.1))
    np.testing.assert_allclose(ours, np.hypot(*transform_e1e2_product_average(X, Y, 0.2, -0.1, 0, 0)), atol=1e-9)
