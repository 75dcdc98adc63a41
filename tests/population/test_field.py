"""The field: each law against its closed form, and the list columns against the laws."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import integrate, stats

from lenspipe.population import field, field_galaxies, satellites
from lenspipe.population import stars as star_law
from lenspipe.population.catalog import draw_catalog
from lenspipe.population.cosmology import transverse_distance
from lenspipe.surveys import SURVEYS

N = 20_000
ARCMIN2 = 3600.0  # per square degree


@pytest.fixture
def rng():
    return np.random.default_rng(5)


@pytest.fixture(scope="module")
def drawn(default_priors):
    """Fields of 4,000 stamps about galaxies at redshift 0.5."""
    rows = {"z_lens": np.full(4000, 0.5), "center_x": np.zeros(4000), "center_y": np.zeros(4000)}
    return field.draw_field(np.random.default_rng(1), rows, 4000, default_priors)


def test_counts_agree_with_the_table_and_the_sdss():
    """Weaver et al. 2022: 10^4.03 and 10^4.21 per square degree and mag at i 21.75 and 22.25, 10^4.97 at 24.75."""
    assert field_galaxies.galaxy_density(21.75, 22.25) == pytest.approx((10**4.03 + 10**4.21) / 4, rel=0.02)
    assert field_galaxies.galaxy_counts(np.array([24.75])) == pytest.approx(10**4.97)
    # 92 per square degree brighter than r 17.77 (Strauss et al. 2002); such galaxies have r-i of about 0.4
    assert field_galaxies.galaxy_density(12.0, 17.77 - 0.4) == pytest.approx(92, rel=0.15)


def test_magnitudes_follow_the_counts(rng):
    magnitude = field_galaxies.draw_galaxy_magnitude(rng, N, 18.0, 25.5)
    m = np.linspace(18, 25.5, 4001)
    cdf = integrate.cumulative_trapezoid(field_galaxies.galaxy_counts(m), m, initial=0)
    assert stats.kstest(magnitude, lambda x: np.interp(x, m, cdf / cdf[-1])).pvalue > 1e-3


@pytest.mark.parametrize("kind, magnitude_i", [("early", 22.0), ("spiral", 24.0), ("irregular", 23.0)])
def test_redshifts_of_a_type_follow_benitez(rng, kind, magnitude_i):
    z = field_galaxies.draw_galaxy_redshift(rng, kind, np.full(N, magnitude_i))
    a, z0, k = field_galaxies.TYPES[kind][2:]
    grid = np.linspace(0, 8, 8001)
    p = grid**a * np.exp(-((grid / (z0 + k * (magnitude_i - 20))) ** a))
    cdf = integrate.cumulative_trapezoid(p, grid, initial=0)
    inside = z[(z > field_galaxies.NEAREST) & (z < field_galaxies.FARTHEST)]
    low, high = np.interp([field_galaxies.NEAREST, field_galaxies.FARTHEST], grid, cdf)
    assert stats.kstest(inside, lambda x: (np.interp(x, grid, cdf) - low) / (high - low)).pvalue > 1e-3


def test_type_shares_follow_benitez(rng, default_priors):
    """At i 24: 0.35 exp(-0.147 4) early types, the only ones with n = 4."""
    light = field_galaxies.draw_galaxies(rng, np.full(N, 24.0), default_priors.survey, default_priors.bands)
    expected = 0.35 * np.exp(-0.147 * 4)
    assert np.mean(light["n_sersic"] == 4) == pytest.approx(expected, abs=4 * np.sqrt(expected / N))
    assert np.allclose(light["magnitude_i"], 24.0)


def test_sizes_of_late_types_are_log_normal_about_shen(rng):
    """At M_r -20.52 the relation gives 10^(0.084 20.52 + 0.32 log10 2 - 1.31) kpc with a scatter of 0.365."""
    z = np.full(N, 0.1)
    arcsec = field_galaxies.draw_size_of_late_types(rng, np.full(N, -20.52), z)
    kpc = arcsec * transverse_distance(0.1) / 1.1 * 1e3 / 206264.8 * 1.1**0.75
    middle = 10 ** (0.084 * 20.52 + 0.32 * np.log10(2) - 1.31)
    assert middle == pytest.approx(3.25, abs=0.05)
    assert stats.kstest(np.log(kpc / middle) / 0.365, "norm").pvalue > 1e-3


def test_stars_have_the_number_of_the_sdss_and_lie_on_the_locus(rng, default_priors):
    """48 million with r < 21.5 in 6,500 square degrees (Juric et al. 2008)."""
    magnitudes = star_law.draw_stars(rng, N, default_priors.survey, ("g", "r", "i", "z"))
    per_degree2 = star_law.star_density() * np.mean(magnitudes["r"] < 21.5)
    assert per_degree2 == pytest.approx(48e6 / 6500, rel=0.1)
    g_i, r_i = (magnitudes[band] - magnitudes["i"] for band in "gr")
    assert np.allclose(r_i, np.interp(g_i, star_law.LOCUS[:, 0], star_law.LOCUS[:, 2]))
    V = magnitudes["g"] - 0.59 * (magnitudes["g"] - magnitudes["r"]) - 0.01
    counts = sum(star_law.star_counts(star_law.V))
    cdf = (counts - counts[0]) / (counts[-1] - counts[0])
    assert stats.kstest(V, lambda x: np.interp(x, star_law.V, cdf)).pvalue > 1e-3


def test_stars_have_magnitudes_in_bands_without_colours_on_the_locus(rng, default_priors):
    survey = default_priors.survey
    y = survey.bands["z"].model_copy(update={"wavelength": 9900.0})
    wider = survey.model_copy(update={"bands": survey.bands | {"Y": y}})
    magnitudes = star_law.draw_stars(rng, 500, wider, ("i", "z", "Y"))
    assert (magnitudes["Y"] < magnitudes["z"]).all()


def test_the_number_of_satellites_is_the_integral_of_both_laws():
    """The correlation function integrated along the line of sight and over a circle, times the density of galaxies."""
    z, radius, faintest = 0.4, 10.0, 24.0
    x = satellites._faintest("early", np.array([z]), faintest, 7827.0)
    schechter = integrate.quad(
        lambda m: 0.4 * np.log(10) * 10 ** (-0.4 * m * (satellites.ALPHA + 1)) * np.exp(-(10 ** (-0.4 * m))),
        satellites.BRIGHTEST, x[0],
    )[0]  # fmt: skip
    density = satellites.SHARES["early"] * satellites.PHI_STAR * 10 ** (0.4 * satellites.MULTIPLYING * z) * schechter
    R = transverse_distance(z) * radius / 206264.8

    def along(r):
        xi = lambda u: (np.hypot(r, r * np.sinh(u)) / satellites.R0) ** -satellites.SLOPE * r * np.cosh(u)  # noqa: E731
        return 2 * integrate.quad(xi, 0, 30)[0]

    expected = density * integrate.quad(lambda r: 2 * np.pi * r * along(r), 0, R)[0]
    assert satellites.expected_number(
        "early", np.array([z]), radius=radius, faintest_i=faintest, wavelength=7827.0
    ) == pytest.approx(expected, 0.01)


def test_the_density_of_satellites_is_theta_to_the_minus_0_8(rng, default_priors):
    owner, light = satellites.draw_satellites(
        rng, np.full(6000, 0.5), radius=12.0, faintest_i=25.0, survey=default_priors.survey, bands=default_priors.bands
    )
    distance = np.hypot(light["center_x"], light["center_y"])
    assert stats.kstest(distance / 12.0, lambda x: x**1.2).pvalue > 1e-3
    number = sum(
        satellites.expected_number(kind, np.array([0.5]), radius=12.0, faintest_i=25.0, wavelength=7827.0)[0]
        for kind in satellites.SHARES
    )
    assert len(owner) / 6000 == pytest.approx(number, abs=4 * np.sqrt(number / 6000))
    assert (light["magnitude_i"] < 25.0 + 1e-9).all()


def test_the_number_of_field_objects_is_the_area_times_the_counts(drawn, default_priors):
    """Galaxies brighter than 20 and stars within 6 arcsec of the stamp, fainter galaxies within 2."""
    half = default_priors.num_pix * default_priors.survey.pixel_scale / 2
    is_star = [cell == "point" for cell in drawn["field_profile"]]
    number = np.array([star.sum() for star in is_star])
    mean = star_law.star_density() * (2 * (half + field.FAR) / 3600) ** 2
    assert number.mean() == pytest.approx(mean, abs=4 * np.sqrt(mean / len(number)))
    assert number.var() == pytest.approx(mean, rel=0.1)
    x = np.concatenate([cell[star] for cell, star in zip(drawn["field_center_x"], is_star, strict=True)])
    assert stats.kstest(x, stats.uniform(-half - field.FAR, 2 * (half + field.FAR)).cdf).pvalue > 1e-3
    total = np.array([len(cell) for cell in is_star])
    faint = (
        field_galaxies.galaxy_density(20.0, field.faintest_i(default_priors.survey))
        * (2 * (half + field.NEAR) / 3600) ** 2
    )
    assert total.mean() > faint + mean  # and satellites


def test_the_faint_limit_is_the_noise_or_the_end_of_the_counts(default_priors):
    assert field.faintest_i(default_priors.survey) == pytest.approx(25.5, abs=0.2)
    assert field.faintest_i(SURVEYS["lsst_y10"]) == 26.75  # where the counts end


def test_the_size_of_a_stamp_changes_only_the_field(default_priors):
    one, other = (
        draw_catalog("val", 60, lens_fraction=0.5, non_lenses={"deflector": 1, "spiral": 1}, seed=7, priors=priors)
        for priors in (default_priors, replace(default_priors, num_pix=91))
    )
    rest = [name for name in one if not name.startswith(("field_", "exposure_", "part_", "extra_"))]
    assert one[rest].equals(other[rest])
    assert other["field_profile"].map(len).mean() > 2 * one["field_profile"].map(len).mean()
