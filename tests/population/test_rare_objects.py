"""A million draws of each law: all numbers are finite and in their ranges, those of the rarest objects among them."""

import numpy as np
import pytest
from scipy import optimize

from lenspipe.population import caustics, clumps, deflectors, field_galaxies, joint_prior, source_counts, sources, stars
from lenspipe.population.conditions import BEST_SEEING, exponential_quantile
from lenspipe.population.painting import LARGEST_E
from lenspipe.surveys import SURVEYS, coadd_weights, effective_fwhm, moffat_alpha

N = 10**6
DES = SURVEYS["des_y3"]
BANDS = ("g", "r", "i", "z")


def within(values, low, high):
    assert np.isfinite(values).all()
    assert low <= values.min() and values.max() <= high, (values.min(), values.max())


def test_a_width_that_newton_s_method_alone_loses_is_found():
    """One sharp exposure of low weight among wide ones: the first step from the mean goes far out, or below zero."""
    rng = np.random.default_rng(1)
    fwhm = np.concatenate([np.full((2000, 1), 0.3), rng.uniform(0.9, 4.0, (2000, 5))], axis=1)
    weights = np.concatenate([10 ** rng.uniform(-3, 0, (2000, 1)), rng.uniform(0.1, 1, (2000, 5))], axis=1)
    found = effective_fwhm(fwhm, weights, 3.0)
    alpha = moffat_alpha(fwhm, 3.0)
    for width, a, w in list(zip(found, alpha, weights, strict=True))[::20]:
        c = w / a**2
        half = optimize.brentq(lambda r, a=a, c=c: (c * ((1 + (r / a) ** 2) ** -3.0 - 0.5)).sum(), 0.1, 3, xtol=1e-14)
        assert width == pytest.approx(2 * half, rel=1e-10)
    lost = [width for width in _by_newton_alone(fwhm, weights) if not 0.3 <= width <= 4]
    assert lost, "these coadds are too easy"


def _by_newton_alone(fwhm, weights, beta=3.0):
    alpha, r = moffat_alpha(fwhm, beta), (weights * fwhm).sum(1, keepdims=True) / weights.sum(1, keepdims=True) / 2
    centre = weights / alpha**2
    with np.errstate(all="ignore"):
        for _ in range(8):
            x = 1 + (r / alpha) ** 2
            value = (centre * (x**-beta - 0.5)).sum(1, keepdims=True)
            r = r - value / (centre * -2 * beta * r / alpha**2 * x ** (-beta - 1)).sum(1, keepdims=True)
    return 2 * r[:, 0]


@pytest.mark.slow
@pytest.mark.parametrize("survey", list(SURVEYS))
def test_the_seeing_of_a_coadd_lies_between_those_of_its_exposures(survey):
    survey, rng = SURVEYS[survey], np.random.default_rng(2)
    for band, numbers in survey.bands.items():
        most = min(max(numbers.num_exposures), 12)
        shape = (N // len(survey.bands), most)
        scatter = np.sqrt(np.log1p((numbers.seeing_sd / numbers.seeing) ** 2))
        seeing = np.maximum(numbers.seeing * np.exp(scatter * rng.normal(size=shape)), BEST_SEEING)
        sky = numbers.sky_brightness + numbers.sky_brightness_sd * rng.normal(size=shape)
        transparency = 10 ** (-0.4 * exponential_quantile(rng.normal(size=shape), survey.extinction))
        width = effective_fwhm(seeing, coadd_weights(survey, band, sky, transparency), survey.moffat_beta)
        assert np.isfinite(width).all()
        assert (width >= seeing.min(axis=1) * (1 - 1e-9)).all() and (width <= seeing.max(axis=1) * (1 + 1e-9)).all()


@pytest.mark.slow
def test_deflectors(default_priors):
    rows = joint_prior.draw_deflectors(np.random.default_rng(3), N, default_priors)
    within(rows["theta_E_halo"], default_priors.theta_E_min, default_priors.theta_E_max)
    within(rows["z_lens"], default_priors.z_lens_min, default_priors.z_source_max)
    assert (rows["z_source"] > rows["z_lens"]).all()
    within(rows["z_source"], 0, default_priors.z_source_max)
    within(rows["sigma_v"], 10, 1000)
    within(np.hypot(rows["e1"], rows["e2"]), 0, LARGEST_E + 1e-12)
    within(np.hypot(rows["gamma1"], rows["gamma2"]), 0, joint_prior.LARGEST_SHEAR + 1e-12)
    within(rows["gamma"], 1.001, 2.999)
    within(np.hypot(rows["lens_e1"], rows["lens_e2"]), 0, 0.67)
    within(rows["lens_R_sersic"], 1e-3, 100)
    for band in BANDS:
        within(rows[f"lens_magnitude_{band}"], 5, 40)


@pytest.mark.slow
def test_shapes_and_slopes():
    rng = np.random.default_rng(4)
    within(deflectors.draw_axis_ratio(rng, rng.uniform(50, 500, N)), deflectors.SMALLEST_Q, 1)
    within(deflectors.rayleigh_axis_ratio(rng, rng.uniform(0.01, 1, N)), deflectors.SMALLEST_Q, 1)
    within(deflectors.draw_slope(rng, N), 1.59, 2.56)
    within(clumps.draw_share(rng, rng.uniform(1e-3, 0.05, 8), (N // 8, 8)), 1e-3, 1)
    within(10 ** (-0.4 * exponential_quantile(rng.normal(size=N), 0.12)), 1e-9, 1)


@pytest.mark.slow
def test_sources(default_priors):
    rng = np.random.default_rng(5)
    magnitude = sources.draw_magnitude(rng, N, default_priors)
    within(magnitude, default_priors.magnitude_i_min - 1e-9, default_priors.magnitude_i_max + 1e-9)
    magnified = sources.draw_magnified_magnitude(rng, N, default_priors)
    within(magnified, default_priors.magnitude_i_min - 2.5 * np.log10(20) - 1e-9, default_priors.magnitude_i_max)
    low, high = 0.3, default_priors.z_source_max
    z = source_counts.draw_redshift(rng, magnitude, low, high)
    within(z, low, high)
    light = sources.draw_blue_galaxy(rng, magnitude, z, survey=DES, bands=BANDS)
    within(light["R_sersic"], sources.SMALLEST_R_SERSIC, 60)
    within(np.hypot(light["e1"], light["e2"]), 0, 0.67)
    for band in BANDS:
        within(light[f"magnitude_{band}"], 10, 45)
    x, y = clumps.draw_in_disc(rng, {name: light[name][: N // 8] for name in ("R_sersic", "e1", "e2")}, (N // 8, 8))
    within(np.hypot(x, y), 0, 1000)


@pytest.mark.slow
def test_field_galaxies_and_stars():
    rng = np.random.default_rng(6)
    magnitude = field_galaxies.draw_galaxy_magnitude(rng, N, 14.0, 25.0)
    within(magnitude, 14.0, 25.0)
    shares = field_galaxies.type_shares(magnitude)
    within(shares, 0, 1)
    np.testing.assert_allclose(shares.sum(axis=0), 1)
    light = field_galaxies.draw_galaxies(rng, magnitude, DES, BANDS)
    within(light["R_sersic"], 1e-3, 3000)
    within(np.hypot(light["e1"], light["e2"]), 0, 0.67)
    for band, values in stars.draw_stars(rng, N, DES, BANDS).items():
        within(values, 5, 40)
        within(light[f"magnitude_{band}"], 8, 45)


@pytest.mark.slow
@pytest.mark.parametrize("slopes", [None, (1.4, 2.7)], ids=["isothermal", "power laws"])
def test_the_image_of_a_source_outside_of_the_caustics_is_where_its_ray_ends(slopes):
    """The ray of the image, found by brute force among 720 angles, ends at the source to within their spacing."""
    n, rng = 2000, np.random.default_rng(5)
    q, shear = rng.uniform(0.2, 1, n), np.minimum(rng.rayleigh(0.05, n), 0.25)
    along, across = np.exp(2j * rng.uniform(0, np.pi, (2, n)))
    e, gamma = (1 - q) / (1 + q) * along, shear * across
    deflector = {"theta_E_halo": rng.uniform(0.3, 3, n), "e1": e.real, "e2": e.imag}
    deflector |= {"gamma1": gamma.real, "gamma2": gamma.imag} | ({"gamma": rng.uniform(*slopes, n)} if slopes else {})
    source = deflector["theta_E_halo"] * rng.uniform(1.3, 3.5, n) * np.exp(2j * np.pi * rng.uniform(size=n))
    r, mu = caustics.outer_image(source.real, source.imag, deflector)
    within(r, 0, 30)
    within(mu, 0.1, 1000)
    rays = caustics._rays(deflector, np.linspace(0, 2 * np.pi, 720) * np.ones((n, 1)))
    ends = r[:, None] * rays.unbent - r[:, None] ** (2 - rays.gamma) * rays.alpha
    assert (np.abs(ends - source[:, None]).min(axis=1) < 0.01 * r).all()
