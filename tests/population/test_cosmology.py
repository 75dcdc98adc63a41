"""Distances and Einstein radii against astropy, and against a published forecast."""

import numpy as np
import pandas as pd
import pytest
from astropy import constants, units
from astropy.cosmology import FlatLambdaCDM

from lenspipe.population import cosmology

ASTROPY = FlatLambdaCDM(H0=70, Om0=0.3)
Z = np.array([0.05, 0.3, 0.8, 2.0, 4.5])


def test_distances_are_astropy_s():
    np.testing.assert_allclose(cosmology.transverse_distance(Z), ASTROPY.comoving_distance(Z).value, rtol=1e-6)
    np.testing.assert_allclose(
        cosmology.angular_diameter_distance(Z), ASTROPY.angular_diameter_distance(Z).value, rtol=1e-6
    )
    np.testing.assert_allclose(cosmology.distance_modulus(Z), ASTROPY.distmod(Z).value, rtol=1e-6)
    np.testing.assert_allclose(cosmology.redshift_at(cosmology.transverse_distance(Z)), Z, rtol=1e-6)


def test_the_table_is_astropy_s_to_the_last_digit():
    """So catalogues do not depend on which of the two made it."""
    z = np.concatenate([[0.0], np.geomspace(1e-4, cosmology.Z_TABLE, 4000)])
    np.testing.assert_array_max_ulp(cosmology._comoving_distance(z), ASTROPY.comoving_distance(z).value, maxulp=1)


def test_volume_is_astropy_s():
    np.testing.assert_allclose(
        cosmology.volume_per_redshift(Z), ASTROPY.differential_comoving_volume(Z).to_value("Mpc3/sr"), rtol=1e-5
    )


def test_the_distance_ratio_is_astropy_s():
    ratio = ASTROPY.angular_diameter_distance_z1z2(0.3, 2.0) / ASTROPY.angular_diameter_distance(2.0)
    assert cosmology.distance_ratio(0.3, 2.0) == pytest.approx(ratio.value, rel=1e-6)


def test_einstein_radius_has_its_units():
    angle = 4 * np.pi * (220 * units.km / units.s / constants.c) ** 2 * units.rad
    assert cosmology.theta_E_sis(220.0) == pytest.approx(angle.decompose().to_value(units.arcsec), rel=1e-9)


def test_sigma_v_undoes_theta_E():
    theta_E = cosmology.theta_E_sis(250.0, cosmology.distance_ratio(0.4, 1.8))
    assert cosmology.sigma_v_sis(theta_E, 0.4, 1.8) == pytest.approx(250.0)


def test_einstein_radii_agree_with_the_published_forecast(realdata):
    rows = pd.read_csv(realdata / "lens_forecast_sample.csv")
    ours = cosmology.theta_E_sis(rows["sigma_v_km_s"], cosmology.distance_ratio(rows["z_lens"], rows["z_source"]))
    ratio = ours / rows["theta_E_arcsec"]
    assert ratio.median() == pytest.approx(1, abs=2e-3)
    assert (ratio - 1).abs().max() < 0.01  # the published numbers are rounded
