"""Laws of the kinds of non-lens, and `radius` as the position of the arc-like feature."""

import numpy as np
import pytest
from scipy import stats

from lenspipe.families import KINDS
from lenspipe.population import spectra
from lenspipe.population.kinds import bright_star, edge_on, group, merger, red_pair

N = 4000
UNLIKELY = 1e-3  # each test has a fixed seed, so that it always gives the same result


def uniform(values, low=0.0, high=1.0):
    return stats.kstest((values - low) / (high - low), "uniform").pvalue > UNLIKELY


@pytest.fixture(scope="module")
def drawn(default_priors):
    """A function: draws of a kind, made once."""
    made = {}

    def of(kind):
        if kind not in made:
            count = N if kind not in ("lens", "near_miss") else N // 4  # slow ones
            made[kind] = KINDS[kind](np.random.default_rng(len(kind)), count, default_priors)
        return made[kind]

    return of


def slots(rows, *names):
    """Components of objects that have equally many: arrays [n, component]."""
    return [np.stack(rows[f"extra_{name}"]) for name in names]


def offsets(rows, slot):
    """Distance and direction of a component from the deflector's centre."""
    x, y = slots(rows, "center_x", "center_y")
    z = (x[:, slot] - rows["center_x"]) + 1j * (y[:, slot] - rows["center_y"])
    return np.abs(z), np.angle(z) / (2 * np.pi) + 0.5


@pytest.mark.parametrize("kind", ["merger", "edge_on", "bright_star", "red_pair", "group"])
def test_impostor_radii_are_flat(kind, drawn, default_priors):
    assert uniform(drawn(kind)["radius"], default_priors.theta_E_min, default_priors.theta_E_max)


@pytest.mark.parametrize("kind", ["edge_on", "red_pair"])
def test_the_second_galaxy_is_at_radius_in_a_random_direction(kind, drawn):
    distance, turn = offsets(drawn(kind), 0)
    np.testing.assert_allclose(distance, drawn(kind)["radius"])
    assert uniform(turn)


def test_near_misses_have_the_sources_of_lenses(drawn):
    """Magnitudes, shapes and sizes have one law; only the position of the source differs."""
    misses, lenses = drawn("near_miss"), drawn("lens")
    for name in ("theta_E_halo", "z_source", "source_magnitude_i", "source_R_sersic", "source_e1"):
        assert stats.ks_2samp(misses[name], lenses[name]).pvalue > UNLIKELY, name
    assert misses["source_is_lensed"].all() and "theta_E" not in misses
    beyond = misses["radius"] / misses["theta_E_halo"]
    assert np.all(beyond > 1) and np.median(beyond) == pytest.approx(2.25, abs=0.1)  # of a sphere: (1 + 1.25)


def test_near_misses_are_magnified_less_than_twice_and_their_weights_differ_by_the_area(drawn):
    """Between 1 and 1.5 times a circle there is 1.25 times its area, less the part with higher magnification."""
    rows = drawn("near_miss")
    assert rows["magnification"].max() < 2 and rows["magnification"].min() > 1
    assert 0.7 < rows["weight"].mean() / drawn("lens")["weight"].mean() < 1.2
    # Some sources are redrawn, and their weight is 0.
    assert 0.1 < np.mean(rows["weight"] == 0) < 0.2


def test_edge_on_discs_are_thin_and_randomly_oriented(drawn):
    e1, e2, R, magnitude = slots(drawn("edge_on"), "e1", "e2", "R_sersic", "magnitude_i")
    e = np.hypot(e1[:, 0], e2[:, 0])
    assert uniform((1 - e) / (1 + e), *edge_on.THICKNESS)
    assert np.mean(edge_on.THICKNESS) == pytest.approx(0.21)  # Padilla & Strauss 2008
    assert uniform(np.arctan2(e2, e1)[:, 0] / (2 * np.pi) + 0.5)
    light = 10 ** (-0.4 * magnitude)
    assert uniform(light[:, 1] / light.sum(axis=1), *edge_on.BULGE_FRACTION)
    assert uniform(-2.5 * np.log10(light.sum(axis=1)), *edge_on.MAGNITUDE_I)
    # Bulge and disc have one centre, and the bulge's size is a share of the disc's along its major axis.
    x, y = slots(drawn("edge_on"), "center_x", "center_y")
    np.testing.assert_array_equal([x[:, 0], y[:, 0]], [x[:, 1], y[:, 1]])
    np.testing.assert_allclose(R[:, 1] / R[:, 0] * np.sqrt((1 - e) / (1 + e)), edge_on.BULGE_SIZE)


def test_half_of_the_red_pairs_have_one_redshift_and_the_colours_of_the_first(drawn, default_priors):
    """At one redshift both have the colour of the template; the second redshift is flat."""
    rows = drawn("red_pair")
    g, i = slots(rows, "magnitude_g", "magnitude_i")
    second, first = g[:, 0] - i[:, 0], rows["lens_magnitude_g"] - rows["lens_magnitude_i"]
    same = np.isclose(second, first, atol=1e-9)
    assert stats.binomtest(int(same.sum()), N, red_pair.AT_ONE_REDSHIFT).pvalue > UNLIKELY
    z = np.linspace(default_priors.z_lens_min, default_priors.z_lens_max, 2000)
    wavelength = {band: default_priors.survey.bands[band].wavelength for band in "gi"}
    colour = -np.subtract(
        *(spectra.apparent_minus_absolute("E", z, wavelength=wavelength[b], reference=6200.0) for b in "ig")
    )
    rising = slice(0, colour.argmax() + 1)  # where the colour determines the redshift
    unique = ~same & (second < 0.95 * colour.max()) & (second < colour[-1])
    redshift = np.interp(second[unique], colour[rising], z[rising])
    assert uniform(redshift, z[0], redshift.max())


def test_four_to_eight_satellites_are_as_red_as_the_central_and_at_flat_distances(drawn, default_priors):
    rows = drawn("group")
    number = np.array([len(cell) for cell in rows["extra_profile"]])
    assert stats.chisquare([(number == k).sum() for k in range(4, 9)]).pvalue > UNLIKELY
    assert number.min() == 4 and number.max() == 8
    owner, first = np.repeat(np.arange(N), number), np.cumsum(number) - number
    x, y, g, i = (
        np.concatenate(rows[f"extra_{name}"]) for name in ("center_x", "center_y", "magnitude_g", "magnitude_i")
    )
    distance = np.hypot(x - rows["center_x"][owner], y - rows["center_y"][owner])
    np.testing.assert_allclose(distance[first], rows["radius"])
    fainter = np.delete(distance, first)
    assert uniform(fainter, default_priors.theta_E_min, group.FARTHEST)
    np.testing.assert_allclose(g - i, (rows["lens_magnitude_g"] - rows["lens_magnitude_i"])[owner])
    luminosity = 10 ** (-0.4 * (i - rows["lens_magnitude_i"][owner]))
    assert np.all(np.maximum.reduceat(luminosity, first) == luminosity[first])  # the brightest comes first
    assert uniform(group.luminosity_cdf(luminosity))


def test_satellites_follow_the_conditional_luminosity_function():
    """Numbers in bins of ln L against exp(-(L / L_s)^2), L_s = 10^-0.25 of the central's, summed independently."""
    drawn = group.draw_luminosity(np.random.default_rng(2), 40_000)
    edges = np.linspace(np.log(group.FAINTEST), 0, 21)
    fine = np.linspace(np.log(group.FAINTEST), 0, 2001)
    density = np.exp(-((np.exp(fine) / 10**-0.25) ** 2))
    cells = (density[1:] + density[:-1])[:2000].reshape(20, 100).sum(axis=1)
    assert stats.chisquare(np.histogram(np.log(drawn), edges)[0], cells / cells.sum() * len(drawn)).pvalue > UNLIKELY


def test_a_spike_passes_the_deflector_at_the_radius_and_the_star_lies_outside(drawn, default_priors):
    rows = drawn("bright_star")
    distance, turn = offsets(rows, 0)
    assert uniform(turn) and uniform(distance, *bright_star.DISTANCE)
    assert distance.min() > 45 / 2 * np.sqrt(2) * default_priors.survey.pixel_scale
    x, y, phase = slots(rows, "center_x", "center_y", "phase")
    dx, dy = rows["center_x"] - x[:, 2], rows["center_y"] - y[:, 2]
    across = np.abs(dx * np.sin(phase[:, 2]) - dy * np.cos(phase[:, 2]))
    np.testing.assert_allclose(across, rows["radius"])
    assert np.all(dx * np.cos(phase[:, 2]) + dy * np.sin(phase[:, 2]) > 0)  # of the spike, not of the one behind
    sides = np.sign(dx * np.sin(phase[:, 2]) - dy * np.cos(phase[:, 2]))
    assert stats.binomtest(int((sides > 0).sum()), N).pvalue > UNLIKELY


def test_aureole_and_spikes_have_the_measured_shares_of_the_star_s_light(drawn):
    """The brightness of the aureole at 10 arcsec is DECam's over the flux of the star; spikes have 1 %."""
    rows = drawn("bright_star")
    assert uniform(slots(rows, "magnitude_i")[0][:, 0], *bright_star.MAGNITUDE_I)
    from lenspipe.simulate import profiles

    (R, width) = slots(rows, "R_sersic", "width")
    at_ten = profiles.aureole(10.0, 0.0, R[:, 1], width[:, 1])
    for band, amplitude in {"g": 4.5e-4, "r": 3.3e-4}.items():
        star, aureole, spikes = slots(rows, f"magnitude_{band}")[0].T
        np.testing.assert_allclose(10 ** (-0.4 * (aureole - star)) * at_ten, amplitude / 100, rtol=0.011)
        np.testing.assert_allclose(spikes - star, 5)


def test_the_aureole_in_z_is_that_of_a_moffat_profile_at_ten_arcsec():
    alpha, beta, share = 17.65, 1.7, 0.0145  # legacypipe, halos.py
    brightness = share * (beta - 1) / (np.pi * alpha**2) * (1 + (10 / alpha) ** 2) ** -beta
    assert bright_star.AUREOLE["z"] == pytest.approx(100 * brightness, rel=0.02)


def test_mergers_have_two_nuclei_and_two_tails_with_the_same_sense_of_rotation(drawn):
    rows = drawn("merger")
    x, y, R, phase, opening, i = slots(rows, "center_x", "center_y", "R_sersic", "phase", "opening", "magnitude_i")
    first = rows["center_x"] + 1j * rows["center_y"]
    place = x + 1j * y
    tail, second, other_tail = place.T
    np.testing.assert_allclose(R[:, [0, 2]], np.stack([rows["radius"]] * 2, axis=1))
    np.testing.assert_array_equal(tail, second)  # centred on the other galaxy
    np.testing.assert_array_equal(other_tail, first)
    assert uniform(np.abs(second - first) / rows["radius"], *merger.SEPARATION)
    # Each tail leaves its galaxy in the same sense, by the same share of its opening.
    turned = [
        np.angle(np.exp(1j * phase[:, k]) / (galaxy - centre)) / opening[:, k]
        for k, galaxy, centre in ((0, first, second), (2, second, first))
    ]
    np.testing.assert_allclose(np.abs(turned), merger.BEHIND)
    np.testing.assert_allclose(turned[0], turned[1])
    assert stats.binomtest(int((turned[0] > 0).sum()), N).pvalue > UNLIKELY
    light = np.stack([10 ** (-0.4 * m) for m in (rows["lens_magnitude_i"], *i.T)])
    assert uniform(-2.5 * np.log10(light.sum(axis=0)), *merger.MAGNITUDE_I)
    assert uniform((light[2] + light[3]) / (light[0] + light[1]), *merger.LIGHT_RATIO)
    for body, its_tail in ((0, 1), (2, 3)):
        assert uniform(light[its_tail] / (light[body] + light[its_tail]), *merger.IN_TAIL)


def test_a_merger_s_tail_has_the_colours_of_its_galaxy(drawn):
    rows = drawn("merger")
    colours = np.subtract(*slots(rows, "magnitude_g", "magnitude_i"))
    np.testing.assert_allclose(colours[:, 1], colours[:, 2])
    np.testing.assert_allclose(colours[:, 0], rows["lens_magnitude_g"] - rows["lens_magnitude_i"])
    assert np.mean(np.isclose(colours[:, 0], colours[:, 1], atol=1e-3)) < 0.05  # the two galaxies differ


def test_sizes_of_satellites_follow_from_their_luminosity(drawn, default_priors):
    """Without scatter the inverse is exact: a satellite as bright as its central has its velocity dispersion."""
    from lenspipe.population import deflectors

    sigma_v = np.array([120.0, 200.0, 320.0])
    np.testing.assert_allclose(deflectors.velocity_dispersion(deflectors.absolute_magnitude_r(sigma_v)), sigma_v)
    rows = drawn("group")
    number = np.array([len(cell) for cell in rows["extra_profile"]])
    owner = np.repeat(np.arange(N), number)
    i, R, gradient = (np.concatenate(rows[f"extra_{name}"]) for name in ("magnitude_i", "R_sersic", "size_gradient"))
    R *= ((1 + rows["z_lens"][owner]) * 6200 / default_priors.survey.bands["i"].wavelength) ** gradient  # in r at rest
    M = deflectors.absolute_magnitude_r(rows["sigma_v"])[owner] + i - rows["lens_magnitude_i"][owner]
    from astropy.cosmology import FlatLambdaCDM

    scale = FlatLambdaCDM(H0=70, Om0=0.3).arcsec_per_kpc_proper(rows["z_lens"]).value[owner]
    scatter = (np.log10(R / scale) - deflectors.log10_size(10 ** (-2.97 - 0.37 * M - 0.006 * M**2))) / 0.11
    assert stats.kstest(scatter, "norm").pvalue > UNLIKELY
