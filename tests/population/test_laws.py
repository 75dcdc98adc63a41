"""Every sampled law against its closed form."""

import numpy as np
import pandas as pd
import pytest
from scipy import integrate, stats

from lenspipe.families import KINDS
from lenspipe.population import deflectors, joint_prior, source_counts, sources
from lenspipe.population.priors import z_lens_limit, z_source_limits
from lenspipe.population.spectra import mixed_apparent_minus_absolute

N = 20_000
UNLIKELY = 1e-3  # each test has a fixed seed, so that it always gives the same result


def uniform(u):
    return stats.kstest(u, "uniform").pvalue > UNLIKELY


def equally_likely(values, choices):
    counts = np.array([(values == choice).sum() for choice in choices])
    return counts.sum() == len(values) and stats.chisquare(counts).pvalue > UNLIKELY


@pytest.fixture(scope="module")
def system(default_priors):
    return joint_prior.draw_deflectors(np.random.default_rng(1), N, default_priors)


def test_theta_E_is_flat(system, default_priors):
    low, high = default_priors.theta_E_min, default_priors.theta_E_max
    assert uniform((system["theta_E_halo"] - low) / (high - low))


def test_z_lens_follows_the_cut_proposal(system, default_priors):
    law = joint_prior.z_lens_proposal()
    low, high = default_priors.z_lens_min, z_lens_limit(system["theta_E_halo"], default_priors)
    assert uniform((law.cdf(system["z_lens"]) - law.cdf(low)) / (law.cdf(high) - law.cdf(low)))


def test_z_source_follows_the_cut_proposal(system, default_priors):
    law = joint_prior.z_source_proposal()
    low, high = z_source_limits(system["theta_E_halo"], system["z_lens"], default_priors)
    assert uniform((law.cdf(system["z_source"]) - law.cdf(low)) / (law.cdf(high) - law.cdf(low)))


def test_sigma_v_stays_in_its_range(system, default_priors):
    assert system["sigma_v"].min() >= default_priors.sigma_v_min * (1 - 1e-6)
    assert system["sigma_v"].max() <= default_priors.sigma_v_max * (1 + 1e-6)


def test_shear_is_normal(system, default_priors):
    sd = default_priors.shear / np.sqrt(2)
    for name in ("gamma1", "gamma2"):
        assert stats.kstest(system[name] / sd, "norm").pvalue > UNLIKELY


def test_centres_are_flat_within_a_pixel(system, default_priors):
    scale = default_priors.survey.pixel_scale
    assert uniform(system["center_x"] / scale + 0.5) and uniform(system["center_y"] / scale + 0.5)


def test_mass_follows_light_with_a_normal_scatter(system):
    inside = np.hypot(system["lens_e1"], system["lens_e2"]) < 0.5  # far from the bound on the mass's ellipticity
    scatter = (system["e1"] - system["lens_e1"])[inside] / deflectors.FOLLOWS_LIGHT
    assert stats.kstest(scatter, "norm").pvalue > UNLIKELY


def test_the_velocity_dispersion_function_integrates_to_its_density():
    total = integrate.quad(deflectors.velocity_dispersion_function, 0, 1000)[0]
    assert total == pytest.approx(8e-3 * 0.7**3, rel=1e-6)


def test_deflector_axis_ratios_are_rayleigh():
    sigma_v = np.full(N, 250.0)
    q = deflectors.draw_axis_ratio(np.random.default_rng(2), sigma_v)
    law = stats.rayleigh(scale=0.378 - 0.000572 * 250)
    assert q.min() > 0.2
    assert uniform(law.cdf(1 - q) / law.cdf(0.8))


def test_position_angles_are_flat():
    e1, e2 = deflectors.ellipticity(np.random.default_rng(3), np.full(N, 0.5))
    np.testing.assert_allclose(np.hypot(e1, e2), 1 / 3)
    assert uniform(np.arctan2(e2, e1) / (2 * np.pi) + 0.5)


def test_the_luminosity_relation_is_inverted():
    sigma_v = np.array([120.0, 200.0, 300.0, 420.0])
    M = deflectors.absolute_magnitude_r(sigma_v)
    np.testing.assert_allclose(-2.97 - 0.37 * M - 0.006 * M**2, np.log10(sigma_v))
    assert np.all(np.diff(M) < 0)  # faster is brighter


def test_deflector_sizes_scatter_about_their_relation_in_r_at_rest(system, default_priors):
    """The catalogue's radius in i is scaled to (1 + z) 6200 Angstrom; sizes shrink by 38 % from g to Ks."""
    from astropy.cosmology import FlatLambdaCDM

    stretch = (1 + system["z_lens"]) * 6200 / default_priors.survey.bands["i"].wavelength
    radius = system["lens_R_sersic"] * stretch ** system["lens_size_gradient"]
    np.testing.assert_allclose((21590 / 4690) ** system["lens_size_gradient"], 0.62)
    kpc = radius / FlatLambdaCDM(H0=70, Om0=0.3).arcsec_per_kpc_proper(system["z_lens"]).value
    scatter = (np.log10(kpc) - deflectors.log10_size(system["sigma_v"])) / 0.11
    assert stats.kstest(scatter, "norm").pvalue > UNLIKELY


def test_source_magnitudes_follow_their_slope(default_priors):
    m = sources.draw_magnitude(np.random.default_rng(4), N, default_priors)
    low, high = default_priors.magnitude_i_min, default_priors.magnitude_i_max
    cdf = (10 ** (0.15 * (m - low)) - 1) / (10 ** (0.15 * (high - low)) - 1)
    assert uniform(cdf)
    grid = np.linspace(low, high, 4001)
    density = sources.magnitude_density(grid, default_priors)
    assert integrate.trapezoid(density, grid) == pytest.approx(1, rel=1e-6)


def test_magnified_magnitudes_follow_the_magnification_law(default_priors):
    from dataclasses import replace

    one = replace(default_priors, magnitude_i_min=23.0, magnitude_i_max=23.0 + 1e-9)
    mu = 10 ** (0.4 * (23.0 - sources.draw_magnified_magnitude(np.random.default_rng(5), N, one)))
    assert uniform((2.0**-2 - mu**-2) / (2.0**-2 - 20.0**-2))


def test_redshifts_of_unlensed_galaxies_follow_the_counts():
    """The distribution function at each draw, from its own magnitude's counts by quadrature, is flat."""
    m = np.repeat(np.random.default_rng(6).uniform(21, 25, 40), 100)
    z = source_counts.draw_redshift(np.random.default_rng(7), m, 0.05, 5.0)
    grid = np.linspace(0.05, 5.0, 2000)
    below = [
        integrate.cumulative_simpson(source_counts.source_density(one, grid), x=grid, initial=0) for one in m[::100]
    ]
    u = [np.interp(z[100 * k : 100 * k + 100], grid, cdf / cdf[-1]) for k, cdf in enumerate(below)]
    assert uniform(np.concatenate(u))


def test_positions_between_the_templates_follow_the_luminosity_function():
    """Among galaxies of one magnitude and redshift the densities at the draws' ultraviolet magnitudes are the law."""
    m, z = np.full(N, 23.0), np.full(N, 1.2)
    mix = source_counts.draw_mix(np.random.default_rng(15), m, z)
    grid = np.linspace(0, 1, 2001)
    shift = mixed_apparent_minus_absolute(grid, 1.2, wavelength=7827.0, reference=1600.0)
    cdf = integrate.cumulative_simpson(source_counts.luminosity_function(23.0 - shift, 1.2), x=grid, initial=0)
    assert uniform(np.interp(mix, grid, cdf / cdf[-1]))
    assert np.median(mix) < 0.45  # red spectra are favoured: their ultraviolet is fainter


def test_the_luminosity_function_agrees_with_the_abstract_of_its_source():
    """Bouwens et al. 2021: a faint end of slope -1.5 at z = 2 and -2.4 at 10, hardly any change of M* beyond 2.5."""
    for z, alpha in ((2.0, -1.5), (10.0, -2.4)):
        slope = np.diff(np.log10(source_counts.luminosity_function(np.array([-12.0, -11.0]), z)))[0]
        assert -slope / 0.4 - 1 == pytest.approx(alpha, abs=0.05)
    bright = [knee(z) for z in (2.5, 4.0, 6.0)]
    assert np.ptp(bright) < 0.2


def test_the_luminosity_function_evolves_as_measured():
    """Oesch et al. 2010, abstract: M* dims by 1.5 mag from z = 2.5 to 0.75, luminosity rises 1.4 dex from 0 to 2.5."""
    assert knee(0.75) - knee(2.5) == pytest.approx(1.5, abs=0.5)
    M = np.linspace(-24, -10, 3000)
    density = [integrate.trapezoid(source_counts.luminosity_function(M, z) * 10 ** (-0.4 * M), M) for z in (0.0, 2.5)]
    assert np.log10(density[1] / density[0]) == pytest.approx(1.4, abs=0.5)


def knee(z):
    """M*: where a Schechter function's logarithmic slope in luminosity has fallen by one from the faint end's."""
    M = np.linspace(-24, -12, 6001)
    slope = np.gradient(np.log(source_counts.luminosity_function(M, z)), -0.4 * np.log(10) * M)
    return np.interp(slope[-1] - 1, slope, M)


def test_counts_agree_with_surveys():
    """All galaxies by the LSST Science Book (2009), section 3.7.2; red ones, not included here, dominate
    at the bright end.

    46 x 10^(0.31 (i - 25)) per arcmin^2 brighter than i.
    """
    z = np.linspace(0.02, 6, 600)
    for magnitude, low, high in ((22.0, 0.5, 1.0), (23.0, 0.7, 1.1), (24.0, 0.9, 1.3), (25.0, 1.0, 1.3)):
        ours = integrate.trapezoid(source_counts.source_density(magnitude, z), z) * 3600
        survey = 46 * 0.31 * np.log(10) * 10 ** (0.31 * (magnitude - 25))
        assert low < ours / survey < high, magnitude


def test_median_redshifts_agree_with_cosmos():
    """Ilbert et al. 2009, abstract: 0.66 at 22 < i < 22.5, 1.06 at 24.5 < i < 25, of all galaxies by their colours.

    That sample lacks galaxies beyond z = 1.5, which need deeper near-infrared images for their redshifts.
    """
    z = np.linspace(0.02, 6, 3000)
    for magnitude, theirs, margin in ((22.25, 0.66, 0.15), (24.75, 1.06, 0.3)):
        cdf = integrate.cumulative_trapezoid(source_counts.source_density(magnitude, z), z, initial=0)
        assert np.interp(0.5, cdf / cdf[-1], z) == pytest.approx(theirs, abs=margin)


def test_source_sizes_scatter_about_their_relation():
    from astropy.cosmology import FlatLambdaCDM

    M_r, z = np.full(N, -20.0), np.full(N, 1.0)
    R = sources.draw_size(np.random.default_rng(8), M_r, z)
    kpc = R / FlatLambdaCDM(H0=70, Om0=0.3).arcsec_per_kpc_proper(1.0).value
    scatter = (np.log10(kpc) - 0.5 + 1.2 * np.log10(2 / 1.6)) / 0.35
    free = R > sources.SMALLEST_R_SERSIC
    least = scatter[~free].max() if (~free).any() else -np.inf
    assert uniform((stats.norm.cdf(scatter[free]) - stats.norm.cdf(least)) / stats.norm.sf(least))


def test_companions_surround_the_deflector(default_priors):
    rows = KINDS["companions"](np.random.default_rng(10), N, default_priors)
    number = np.array([len(cell) for cell in rows["extra_profile"]])
    assert equally_likely(number, (1, 2, 3))
    owner = np.repeat(np.arange(N), number)
    x, y, magnitude = (np.concatenate(rows[f"extra_{name}"]) for name in ("center_x", "center_y", "magnitude_i"))
    dx, dy = x - rows["center_x"][owner], y - rows["center_y"][owner]
    distance = np.hypot(dx, dy)
    assert uniform((distance / rows["theta_E_halo"][owner] - 0.5) / 2.0)
    assert uniform(np.arctan2(dy, dx) / (2 * np.pi) + 0.5)
    brightest = pd.Series(magnitude).groupby(owner).idxmin()
    np.testing.assert_allclose(rows["radius"], distance[brightest])


@pytest.mark.parametrize("kind", ["ring", "spiral", "star"])
def test_impostor_radii_are_flat(kind, default_priors):
    rows = KINDS[kind](np.random.default_rng(11), N, default_priors)
    low, high = default_priors.theta_E_min, default_priors.theta_E_max
    assert uniform((rows["radius"] - low) / (high - low))


def test_the_distance_of_a_star_is_its_radius(default_priors):
    rows = KINDS["star"](np.random.default_rng(12), 1000, default_priors)
    x, y = (np.concatenate(rows[f"extra_{name}"]) for name in ("center_x", "center_y"))
    distance = np.hypot(x - rows["center_x"], y - rows["center_y"])
    np.testing.assert_allclose(distance, rows["radius"])


def test_the_radius_of_a_deflector_without_source_is_theta_E_halo(default_priors):
    rows = KINDS["deflector"](np.random.default_rng(13), 1000, default_priors)
    np.testing.assert_array_equal(rows["radius"], rows["theta_E_halo"])


def test_bulge_and_disc_of_a_spiral_add_up_to_its_total_light(default_priors):
    rows = KINDS["spiral"](np.random.default_rng(14), 1000, default_priors)
    arms = np.concatenate(rows["extra_magnitude_i"])
    total = -2.5 * np.log10(10 ** (-0.4 * rows["lens_magnitude_i"]) + 10 ** (-0.4 * arms))
    assert uniform((total - 17.5) / 4.0)
