"""Real galaxies as deflectors: assignment, measurement, rotation, and the properties drawn for them."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score
from threadpoolctl import threadpool_limits

from lenspipe.population.catalog import draw_catalog
from lenspipe.population.cosmology import distance_ratio
from lenspipe.population.painting import exposures_of_cutout, rotated_ellipticity, rotated_position
from lenspipe.population.real_galaxies import assign_galaxies, can_lens, measure_galaxies, split_galaxies
from lenspipe.simulate.noise import coadds_of
from lenspipe.simulate.painting import turned
from lenspipe.simulate.pipeline import simulate_objects

COUNTS = {"train": 15000, "val": 4000, "test": 30000}
SHARES = {"deflector": 0.4, "companions": 0.3, "ring": 0.3}


def some(count, bands="griz"):
    """Galaxies as measured, of a third of which z_lens and sigma_v are known, of a third z_lens alone."""
    rng = np.random.default_rng(count)
    table = pd.DataFrame({"id": 1000 + np.arange(count)})
    for name, (low, high) in {
        "center_x": (-0.2, 0.2),
        "center_y": (-0.2, 0.2),
        "e1": (-0.3, 0.3),
        "e2": (-0.3, 0.3),
    }.items():
        table[name] = rng.uniform(low, high, count)
    table["z_lens"] = np.where(np.arange(count) % 3, rng.uniform(0.15, 0.6, count), np.nan)
    table["sigma_v"] = np.where(np.arange(count) % 3 == 1, rng.uniform(200, 320, count), np.nan)
    for band, sigma in zip(bands, (2.6, 3.7, 6.3, 11.0), strict=True):
        table[f"magnitude_{band}"] = rng.uniform(18, 21, count)
        table[f"seeing_{band}"] = rng.uniform(0.8, 1.2, count)
        table[f"sky_sigma_{band}"] = sigma * rng.uniform(0.8, 1.3, count)
    return table


@pytest.mark.parametrize("number", [3, 30, 1000])
def test_a_galaxy_is_in_one_split_and_the_splits_get_their_shares(number):
    shares = split_galaxies(some(number), COUNTS, seed=5)
    ids = np.concatenate([share["id"] for share in shares.values()])
    assert sorted(ids) == list(range(1000, 1000 + number))
    for split, share in shares.items():
        assert len(share) >= 1
        assert abs(len(share) - number * COUNTS[split] / sum(COUNTS.values())) < 2.1
    repeated, other = split_galaxies(some(number), COUNTS, seed=5), split_galaxies(some(number), COUNTS, seed=6)
    assert repeated["test"]["id"].tolist() == shares["test"]["id"].tolist()
    assert number == 3 or set(other["train"]["id"]) != set(shares["train"]["id"])


def test_too_few_galaxies_are_refused_with_the_number_that_is_needed():
    with pytest.raises(ValueError, match=r"holds 2 usable galaxies; at least 3 are needed"):
        split_galaxies(some(2), COUNTS, seed=5)


def test_galaxies_of_a_chunk_follow_each_other():
    places = split_galaxies(some(2000), COUNTS, seed=5)["test"]["id"].to_numpy() - 1000
    changes = np.count_nonzero(np.diff(places // 256))
    assert changes == len(np.unique(places // 256)) - 1
    assert (np.diff(places) < 0).mean() > 0.4  # but random within a chunk


@pytest.mark.parametrize(("count", "number"), [(10, 10), (25, 10), (7, 10), (1000, 30), (1, 5), (1500, 1000)])
def test_all_galaxies_of_a_kind_are_used_equally_often(count, number):
    used = np.bincount(assign_galaxies(np.arange(count), count, number), minlength=number)
    assert used.max() - used.min() <= 1 and used.sum() == count
    if count > number:  # the last pass favours no end of the list
        assert abs(used[: number // 2].sum() - used[number - number // 2 :].sum()) <= 1


@pytest.fixture(scope="module")
def simulated(default_priors):
    rows = draw_catalog("test", 120, lens_fraction=1e-6, non_lenses={"deflector": 1}, seed=3, priors=default_priors)
    rows = rows[rows["lens_magnitude_i"] < 20.5].reset_index(drop=True)
    for name in [name for name in rows if name.startswith("field_")]:
        rows[name] = [[]] * len(rows)  # neighbours would disturb the measurement
    return rows, simulate_objects(rows, list("griz"), 45, default_priors.survey, 1)


def measured(made, survey):
    return measure_galaxies(made["image"], made["sky_sigma"], made["psf_fwhm"], bands=list("griz"), survey=survey)


def test_position_and_shape_of_galaxies_are_recovered(simulated, default_priors):
    rows, made = simulated
    values = measured(made, default_priors.survey)
    for e in ("e1", "e2"):
        assert np.polyfit(rows[f"lens_{e}"], values[e], 1)[0] == pytest.approx(1, abs=0.1)
        assert np.std(values[e] - rows[f"lens_{e}"]) < 0.03
    for x in ("center_x", "center_y"):
        assert np.abs(values[x] - rows[x]).max() < 0.03
    missing = values["magnitude_i"] - rows["lens_magnitude_i"]  # the aperture loses more light of larger galaxies
    assert missing.min() > -0.05 and stats.spearmanr(missing, rows["lens_R_sersic"]).statistic > 0.8


@pytest.mark.parametrize("turn", range(8))
def test_measurements_rotate_with_the_pixels(simulated, default_priors, turn):
    _, made = simulated
    few = {name: values[:12] for name, values in made.items()}
    before = measured(few, default_priors.survey)
    after = measured(few | {"image": turned(few["image"], turn)}, default_priors.survey)
    turns = np.full(12, turn)
    point = rotated_position(before["center_x"].to_numpy(), before["center_y"].to_numpy(), turns)
    shape = rotated_ellipticity(before["e1"].to_numpy(), before["e2"].to_numpy(), turns)
    np.testing.assert_allclose(point, [after["center_x"], after["center_y"]], atol=1e-4)
    np.testing.assert_allclose(shape, [after["e1"], after["e2"]], atol=1e-3)


@pytest.fixture(scope="module")
def catalog(default_priors):
    return draw_catalog(
        "train", 10_000, lens_fraction=0.5, non_lenses=SHARES, seed=7, priors=default_priors, galaxies=some(240)
    )


def test_known_properties_of_a_galaxy_are_kept_and_unknown_ones_stay_unknown(catalog, default_priors):
    p, galaxies = default_priors, some(240).set_index("id").loc[catalog["background_id"]].reset_index()
    both, none = galaxies["sigma_v"].notna().to_numpy(), galaxies["z_lens"].isna().to_numpy()
    pd.testing.assert_series_equal(catalog["z_lens"], galaxies["z_lens"])
    pd.testing.assert_series_equal(catalog["sigma_v"], galaxies["sigma_v"])
    assert catalog["weight"].isna().all()
    theta_E = catalog["theta_E_halo"]
    assert theta_E.between(p.theta_E_min - 1e-6, p.theta_E_max + 1e-6).all()
    sis = 4 * np.pi * (galaxies["sigma_v"] / 299792.458) ** 2 * 206264.806
    sis *= distance_ratio(catalog["z_lens"].fillna(0.1), catalog["z_source"])
    np.testing.assert_allclose(theta_E[both], sis[both], rtol=1e-6)
    assert (catalog["z_source"] > catalog["z_lens"])[~none].all() and catalog["z_source"].max() <= p.z_source_max
    flat = stats.uniform(p.theta_E_min, p.theta_E_max - p.theta_E_min)
    assert stats.kstest(theta_E[none][::5], flat.cdf).pvalue > 1e-3  # every fifth: kinds share galaxies


def test_conditions_are_those_of_the_cutout(catalog, default_priors):
    galaxies = some(240).set_index("id").loc[catalog["background_id"]].reset_index()
    for band in "griz":
        pd.testing.assert_series_equal(catalog[f"seeing_{band}"], galaxies[f"seeing_{band}"])
    for number, row in enumerate(catalog[:40].to_dict("records")):
        for band, coadd in zip("griz", coadds_of(row, "griz", default_priors.survey), strict=True):
            assert coadd.sky_sigma() == pytest.approx(galaxies[f"sky_sigma_{band}"][number], rel=1e-9)
            assert set(row[f"exposure_seeing_{band}"]) == {row[f"seeing_{band}"]}
            assert len(row[f"exposure_seeing_{band}"]) == row[f"num_exposures_{band}"]


def test_a_cutout_with_typical_noise_has_the_exposures_and_sky_of_the_survey(default_priors):
    survey = default_priors.survey
    for band, band_numbers in survey.bands.items():
        numbers = np.array([1, 3, 4, 6, 20])
        noise = survey.typical_sky_sigma(band) * np.sqrt(np.mean(band_numbers.num_exposures) / numbers)
        exposures = exposures_of_cutout(np.ones(5), noise, band, survey)
        np.testing.assert_array_equal(exposures["num_exposures"], numbers)
        np.testing.assert_allclose(exposures["sky_brightness"][1:], band_numbers.sky_brightness, atol=0.2)


def test_lenses_and_non_lenses_share_galaxies_and_all_their_laws(catalog):
    """Trees cannot tell lenses from the other kinds by the galaxy, its orientation, its mass or its conditions."""
    uses = catalog.groupby(["kind", "background_id"]).size().unstack()
    assert uses.notna().all(axis=None) and ((uses.max(axis=1) - uses.min(axis=1)) <= 1).all()
    shared = ["background_id", "background_turn", "theta_E_halo", "z_source", "z_lens", "sigma_v", "e1", "e2"]
    shared += ["center_x", "center_y", "gamma1", "gamma2", "lens_e1", "lens_e2", "seeing_i", "sky_brightness_i"]
    is_lens = catalog["is_lens"]
    learned, judged = catalog.index < 5000, catalog.index >= 5000
    with threadpool_limits(1):
        trees = HistGradientBoostingClassifier(max_iter=20, random_state=0).fit(
            catalog[shared][learned], is_lens[learned]
        )
        score = trees.predict_proba(catalog[shared][judged])[:, 1]
    assert roc_auc_score(is_lens[judged], score) == pytest.approx(0.5, abs=0.025)  # three sigma


def test_a_galaxy_that_cannot_lens_in_the_range_is_not_used(default_priors):
    galaxies = some(3).assign(z_lens=[0.4, 0.4, 6.0], sigma_v=[260.0, 90.0, np.nan])
    assert can_lens(galaxies, default_priors).tolist() == [True, False, False]


def test_a_kind_without_deflector_is_refused(default_priors):
    with pytest.raises(ValueError, match="'spiral' has no deflector that could be a real galaxy; give it share 0"):
        draw_catalog(
            "val", 20, lens_fraction=0.5, non_lenses={"spiral": 1}, seed=7, priors=default_priors, galaxies=some(6)
        )
