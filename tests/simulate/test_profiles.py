"""The profiles that lenstronomy lacks, by quadrature and by their definitions."""

import numpy as np
import pytest
from lenstronomy.LightModel.Profiles.sersic import SersicElliptic
from scipy.integrate import quad

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


@pytest.mark.parametrize(("radius", "width", "opening"), [(1.0, 0.1, 0.6), (2.5, 0.5, 1.6), (0.3, 0.06, 3.0)])
def test_a_tail_has_unit_flux(radius, width, opening):
    assert profiles.tail(X, Y, radius, width, 0.1, -0.15, opening, 2.9).sum() * CELL == pytest.approx(1, rel=1e-4)


def test_a_tail_is_a_ring_that_fades_from_its_phase_to_its_opening():
    phi = np.linspace(-np.pi, np.pi, 7201)
    light = profiles.tail(1.2 * np.cos(phi), 1.2 * np.sin(phi), 1.2, 0.1, 0.0, 0.0, 0.8, 3.0)
    assert phi[light.argmax()] == pytest.approx(3.0, abs=1e-3)
    turn = np.abs((phi - 3.0 + np.pi) % (2 * np.pi) - np.pi)  # across the cut of the angle at pi too
    assert not light[turn > 0.8].any() and light[turn < 0.79].all()
    np.testing.assert_allclose(light[np.isclose(turn, 0.4, atol=1e-9)], light.max() / 2, rtol=1e-6)
    r = np.linspace(0, 3, 3001)
    along = profiles.tail(r * np.cos(3.0), r * np.sin(3.0), 1.2, 0.1, 0.0, 0.0, 0.8, 3.0)
    np.testing.assert_allclose(along / along.max(), np.exp(-((r - 1.2) ** 2) / 0.02), atol=1e-3)


def test_an_aureole_has_unit_flux_and_falls_as_the_square_of_the_distance():
    flux = quad(lambda r: 2 * np.pi * r * profiles.aureole(r, 0.0, 400.0, 1.0), 0, 400, points=[1, 10])[0]
    assert flux == pytest.approx(1, rel=1e-6)
    assert profiles.aureole(401.0, 0.0, 400.0, 1.0) == 0
    near, far = profiles.aureole(np.array([20.0, 40.0]), 0.0, 400.0, 1.0)
    assert near / far == pytest.approx(4, rel=5e-3)


def test_spikes_have_unit_flux_at_right_angles_and_half_of_it_within_their_length():
    phase, length, width = 0.4, 0.05, 0.02  # as a share of the square: its edges cut off 2 length / (pi 12)
    axis = np.linspace(-12, 12, 8001)
    along = profiles.spikes(axis * np.cos(phase), axis * np.sin(phase), length, width, phase)
    across = profiles.spikes(-axis * np.sin(phase), axis * np.cos(phase), length, width, phase)
    np.testing.assert_allclose(along, across)
    # Away from the star the crest of one line, times sqrt(2 pi) width, is its light per length: half of the whole.
    away = np.abs(axis) > 6 * width
    expected = 0.5 / np.pi / length / (1 + (axis / length) ** 2)
    np.testing.assert_allclose((along * np.sqrt(2 * np.pi) * width)[away], expected[away], rtol=1e-5)
    between = profiles.spikes(np.cos(phase + np.pi / 4), np.sin(phase + np.pi / 4), length, width, phase)
    assert between == pytest.approx(0, abs=1e-12)
    fine = np.linspace(-1, 1, 2001)
    x, y = np.meshgrid(fine, fine)
    inside = profiles.spikes(x, y, 0.1, 0.02, phase).sum() * (fine[1] - fine[0]) ** 2
    assert inside == pytest.approx(2 / np.pi * np.arctan(10), abs=0.01)


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
