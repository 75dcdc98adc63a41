"""The Moffat profile and its transform."""

import numpy as np
import pytest
from astropy.modeling.models import Moffat2D
from scipy import integrate, special

from lenspipe.simulate import psf


def test_the_profile_is_astropy_s_with_unit_flux():
    r = np.linspace(0, 5, 200)
    alpha = psf.moffat_alpha(0.9, 3.0)
    theirs = Moffat2D(amplitude=2 / (np.pi * alpha**2), gamma=alpha, alpha=3.0)(r, 0)
    np.testing.assert_allclose(psf.moffat(r, 0.9, 3.0), theirs)
    assert integrate.quad(lambda r: 2 * np.pi * r * psf.moffat(r, 0.9, 3.0), 0, np.inf)[0] == pytest.approx(1)


@pytest.mark.parametrize("fwhm", [0.6, 1.2])
def test_fwhm_is_the_full_width_at_half_maximum(fwhm):
    assert psf.moffat(fwhm / 2, fwhm, 3.0) == pytest.approx(psf.moffat(0.0, fwhm, 3.0) / 2)


@pytest.mark.parametrize("beta", [2.5, 3.0, 4.5])
def test_the_transform_is_the_hankel_transform(beta):
    for k in (0.0, 0.5, 2.0, 7.0):
        numeric = integrate.quad(
            lambda r, k=k: 2 * np.pi * r * special.j0(k * r) * psf.moffat(r, 1.0, beta), 0, 200, limit=2000
        )[0]
        assert psf.moffat_transform(np.array(k), 1.0, beta) == pytest.approx(numeric, abs=2e-5)
