"""Laws of clumpy sources: number, brightness, size, colour and position of their bulges and clumps."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from lenspipe.population import clumps, sources
from lenspipe.population.catalog import draw_catalog
from lenspipe.population.magnification import magnification

N = 4000
UNLIKELY = 1e-3  # each test has a fixed seed, so that it always gives the same result
BANDS = "griz"


@pytest.fixture(scope="module")
def source(default_priors):
    rng = np.random.default_rng(5)
    z, magnitude_i = rng.uniform(0.4, 4, N), sources.draw_magnitude(rng, N, default_priors)
    return z, sources.draw_blue_galaxy(rng, magnitude_i, z, survey=default_priors.survey, bands=default_priors.bands)


@pytest.fixture(scope="module")
def parts(source, default_priors):
    """Parts of sources that are all clumpy."""
    z, light = source
    return clumps.draw_parts(np.random.default_rng(6), light, z, replace(default_priors, clumpy=1.0))


def total(parts, band):
    return np.nansum(parts[f"share_{band}"], axis=1)


@pytest.mark.parametrize("fraction", [0.0, 0.3, 1.0])
def test_the_fraction_of_clumpy_sources_is_that_of_the_settings(fraction, source, default_priors):
    z, light = source
    drawn = clumps.draw_parts(np.random.default_rng(6), light, z, replace(default_priors, clumpy=fraction))
    clumpy = np.isfinite(drawn["R_sersic"]).any(axis=1)
    assert stats.binomtest(int(clumpy.sum()), N, fraction).pvalue > UNLIKELY
    assert (np.isfinite(drawn["R_sersic"]).sum(axis=1)[clumpy] >= 2).all()  # at least a bulge and a clump


def test_a_larger_fraction_only_adds_clumpy_sources(source, parts, default_priors):
    z, light = source
    some = clumps.draw_parts(np.random.default_rng(6), light, z, replace(default_priors, clumpy=0.4))
    for name, values in some.items():
        np.testing.assert_array_equal(values, np.where(np.isnan(some["R_sersic"]), np.nan, parts[name]))


def test_clumps_change_only_the_sources_in_the_catalogue(default_priors):
    """The draws of the parts change no other draw."""
    smooth, clumpy = (
        draw_catalog(
            "test",
            40,
            lens_fraction=0.99,
            non_lenses={"deflector": 1},
            seed=3,
            priors=replace(default_priors, clumpy=share),
        )
        for share in (0, 1)
    )
    of_parts = [name for name in smooth if name.startswith("part_")]
    unchanged = smooth.columns.drop([*of_parts, "magnification"])
    pd.testing.assert_frame_equal(smooth[unchanged], clumpy[unchanged], check_exact=True)
    assert smooth["part_R_sersic"].map(len).eq(0).all()
    lenses = clumpy[clumpy["is_lens"]]
    assert lenses["part_R_sersic"].map(len).ge(2).all()
    lens, light = ({n: smooth[f"{of}{n}"][smooth["is_lens"]].to_numpy() for n in names} for of, names in NUMBERS)
    np.testing.assert_array_equal(smooth["magnification"][smooth["is_lens"]], magnification(lens, light))


SHAPE = ("R_sersic", "n_sersic", "e1", "e2", "center_x", "center_y")
NUMBERS = (("", ("theta_E_halo", "e1", "e2", "gamma", "gamma1", "gamma2", *SHAPE[-2:])), ("source_", SHAPE))


def test_the_disc_has_light_in_every_band(parts):
    totals = [total(parts, band) for band in BANDS]
    assert np.max(totals) <= clumps.ALL_PARTS + 1e-12
    assert 0.2 < np.mean(totals) < 0.3
    assert np.mean(np.max(totals, axis=0) > 0.999 * clumps.ALL_PARTS) < 0.002  # dimmed parts


def test_the_number_of_clumps_is_the_observed_one(parts):
    number = np.isfinite(parts["R_sersic"][:, 1:]).sum(axis=1)
    assert number.min() == 1 and number.max() <= clumps.MOST_CLUMPS
    expected = stats.poisson(clumps.MORE_CLUMPS).pmf(range(5)) * N
    counts = [np.sum(number == k + 1) for k in range(5)]
    assert stats.chisquare([*counts, N - sum(counts)], [*expected, N - sum(expected)]).pvalue > UNLIKELY


@pytest.mark.parametrize("least", [clumps.FIRST, clumps.LEAST])
def test_shares_follow_the_power_law(least):
    share = clumps.draw_share(np.random.default_rng(1), least, N)
    law = stats.truncpareto(-clumps.SLOPE - 1, clumps.MOST / least, scale=least)
    assert stats.kstest(share, law.cdf).pvalue > UNLIKELY


def test_clumps_hold_a_fifth_of_the_ultraviolet_light(source, parts):
    """Soto et al. 2017: 19 % in total. At z > 1.2 the g band is ultraviolet at rest."""
    z, _ = source
    shares = parts["share_g"][z > 1.2, 1:]
    assert np.nansum(shares, axis=1).mean() == pytest.approx(0.2, abs=0.03)
    assert np.nanmin(shares[:, 0]) > 0.95 * clumps.FIRST * 0.9 and np.nanmax(shares) < 1.05 * clumps.MOST


def test_clumps_are_bluer_than_their_galaxy_and_bulges_are_redder(source, parts):
    """At low redshift, where g and z straddle the break; at high redshift both bands are ultraviolet at rest."""
    near = source[0] < 1.5
    g, z = parts["share_g"], parts["share_z"]
    present = np.isfinite(g)[near, 1:]
    assert (g[near, 1:] > z[near, 1:])[present].all() and (g[near, 0] < z[near, 0]).all()
    assert np.nanmin(g[:, 1:] / z[:, 1:]) > 0.85
    assert np.median(g[near, 0] / z[near, 0]) < 0.6 and np.median((g / z)[near, 1:][present]) > 1.1


def test_the_density_of_clumps_follows_the_light_of_the_disc(source, parts):
    _, light = source
    x, y = parts["center_x"][:, 1:], parts["center_y"][:, 1:]
    # Ellipticity -> shear that makes the disc round: rho^2 = q x'^2 + y'^2 / q, in components of e.
    e = light["e1"] + 1j * light["e2"]
    w = (x + 1j * y) - e[:, None] * np.conj(x + 1j * y)
    rho = (np.abs(w) / np.sqrt(1 - np.abs(e[:, None]) ** 2) / light["R_sersic"][:, None])[np.isfinite(x)]
    b = 1.6783469900166605  # of an exponential disc
    within = stats.gamma(2, scale=1 / b).cdf
    low, high = within(clumps.NEAREST), within(clumps.FARTHEST)
    assert stats.kstest((within(rho) - low) / (high - low), "uniform").pvalue > UNLIKELY
    turn = np.angle(w / np.sqrt(e / np.abs(e))[:, None])[np.isfinite(x)] / (2 * np.pi) + 0.5
    assert stats.kstest(turn, "uniform").pvalue > UNLIKELY
    # They are farther out along the major axis of the disc: their mean second moments have its ellipticity.
    moment = np.nansum((x + 1j * y) ** 2 * np.conj(e)[:, None] / np.abs(e)[:, None]).real
    assert moment > 0.1 * np.nansum(x**2 + y**2)


def test_clumps_are_small(source, parts):
    z, light = source
    kpc_per_arcsec = 1e3 * clumps.angular_diameter_distance(z)[:, None] / clumps.RAD_TO_ARCSEC
    R = parts["R_sersic"][:, 1:]
    assert np.nanmax(R / light["R_sersic"][:, None]) == pytest.approx(clumps.LARGEST_CLUMP)
    assert np.nanmax(R * kpc_per_arcsec) < clumps.CLUMP_KPC[1] < 1.01 * np.nanmax(R * kpc_per_arcsec)
    assert 0.1 < np.nanmedian(R * kpc_per_arcsec) < 0.2


def test_the_total_magnification_is_the_flux_weighted_mean_of_disc_and_parts(source, parts):
    """Ten sources behind one lens, computed part by part, against the total."""
    _, light = source
    few = slice(0, 10)
    lens = {"theta_E_halo": 1.2, "e1": 0.1, "e2": -0.1, "gamma": 2.0, "gamma1": 0.03, "gamma2": 0.0}
    lens = {name: np.full(10, value) for name, value in (lens | {"center_x": 0.0, "center_y": 0.0}).items()}
    placed = {name: values[few] for name, values in light.items()} | {
        "center_x": np.linspace(-0.3, 0.3, 10),
        "center_y": np.full(10, 0.1),
    }
    of_few = {name: values[few] for name, values in parts.items()}
    total_mu = clumps.total_magnification(lens, placed, of_few)
    for k in range(10):
        one = {name: values[k : k + 1] for name, values in lens.items()}
        lensed, disc_share = 0.0, 1.0
        for p in np.flatnonzero(np.isfinite(of_few["R_sersic"][k])):
            part = {name: of_few[name][k, p : p + 1] for name in SHAPE}
            part |= {name: part[name] + placed[name][k] for name in ("center_x", "center_y")}
            lensed += of_few["share_i"][k, p] * magnification(one, part)[0]
            disc_share -= of_few["share_i"][k, p]
        disc = magnification(one, {name: placed[name][k : k + 1] for name in SHAPE})[0]
        assert total_mu[k] == pytest.approx(lensed + disc_share * disc, rel=2e-3)


def test_parts_in_the_catalogue_have_the_light_and_position_of_the_source(default_priors):
    catalog = draw_catalog("test", 30, lens_fraction=0.0, non_lenses={"near_miss": 1}, seed=4, priors=default_priors)
    clumpy = catalog[catalog["part_R_sersic"].map(len) > 0]
    assert 10 < len(clumpy) < 25 and catalog["magnification"].max() < 2
    for row in clumpy.to_dict("records"):
        x, y, R = (row[f"part_{name}"] for name in ("center_x", "center_y", "R_sersic"))
        assert (x[0], y[0]) == (row["source_center_x"], row["source_center_y"])
        q = (1 - np.hypot(row["source_e1"], row["source_e2"])) / (1 + np.hypot(row["source_e1"], row["source_e2"]))
        distance = np.hypot(x - x[0], y - y[0])[1:] / row["source_R_sersic"]
        assert (distance > clumps.NEAREST * np.sqrt(q)).all() and (distance < clumps.FARTHEST / np.sqrt(q)).all()
        assert R[0] == pytest.approx(clumps.BULGE_SIZE * row["source_R_sersic"])
        for band in BANDS:
            disc_share = 1 - np.sum(10 ** (-0.4 * (row[f"part_magnitude_{band}"] - row[f"source_magnitude_{band}"])))
            assert 1 - clumps.ALL_PARTS - 1e-9 <= disc_share < 1


def test_a_catalogue_without_the_i_band_has_clumps(default_priors):
    """Their shares are computed in i in any case, for the magnification."""
    z, magnitude_i, made = np.full(40, 1.5), np.linspace(22, 25, 40), []
    for bands in (("g",), ("g", "i")):
        priors = replace(default_priors, bands=bands, clumpy=1.0)
        one = sources.draw_blue_galaxy(np.random.default_rng(2), magnitude_i, z, survey=priors.survey, bands=bands)
        made.append(clumps.draw_parts(np.random.default_rng(3), one, z, priors))
    np.testing.assert_array_equal(made[0]["share_i"], made[1]["share_i"])
    rows = draw_catalog(
        "test",
        40,
        lens_fraction=0.999,
        non_lenses={"near_miss": 1},
        seed=3,
        priors=replace(default_priors, bands=("g",), clumpy=1.0),
    )
    assert rows["part_R_sersic"].map(len).min() > 1 and "source_magnitude_i" not in rows
