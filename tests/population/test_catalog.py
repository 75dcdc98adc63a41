"""The catalogue as a whole: shares, growth, leakage, weights."""

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.model_selection import cross_val_predict

from lenspipe import columns
from lenspipe.families import KINDS
from lenspipe.population.catalog import assign_kinds, draw_catalog
from lenspipe.population.cosmology import theta_E_sis, transverse_distance, volume_per_redshift
from lenspipe.population.deflectors import velocity_dispersion_function
from lenspipe.population.source_counts import redshift_density

SHARES = dict.fromkeys(set(KINDS) - {"lens"}, 1.0)
WITHOUT_DEFLECTOR = ("spiral", "merger")
ELLIPSE = ("R_sersic", "e1", "e2")
NEEDED = {  # columns that each profile of an extra component needs
    "sersic": (*ELLIPSE, "n_sersic"),
    "ring": (*ELLIPSE, "width"),
    "tail": (*ELLIPSE, "width", "opening", "phase"),
    "spiral": (*ELLIPSE, "arms", "pitch", "contrast", "phase"),
    "aureole": ("R_sersic", "width"),
    "spikes": ("R_sersic", "width", "phase"),
}


@pytest.fixture(scope="module")
def catalog(default_priors):
    return draw_catalog("train", 20_000, lens_fraction=0.5, non_lenses=SHARES, seed=7, priors=default_priors)


def test_the_columns_are_those_of_columns_py(catalog, settings):
    expected = columns.catalog_columns(settings["bands"])
    assert list(catalog) == [column.name for column in expected]
    for column in expected:
        kind = catalog[column.name].dtype.kind
        assert kind in {"s": "OT", "i": "i", "f": "f", "b": "b", "l": "O"}[column.dtype[0]], column.name


def test_a_few_objects_hold_the_memory_of_a_few(default_priors):
    """A thousand are drawn at a time; with many exposures, those that are left out would take gigabytes."""
    few = draw_catalog("train", 3, lens_fraction=0.5, non_lenses={"star": 1}, seed=7, priors=default_priors)
    for name in ("exposure_seeing_g", "field_center_x"):
        for cell in few[name]:
            assert cell.base is None or cell.base.nbytes <= 4 * max(1, len(cell)) * cell.itemsize


def test_shares_hold_to_within_one():
    kinds = assign_kinds(3001, 0.3, {"deflector": 1, "ring": 3})
    for kind, share in (("lens", 0.3), ("deflector", 0.175), ("ring", 0.525)):
        assert abs((kinds == kind).sum() - 3001 * share) <= 1


@pytest.mark.slow
def test_a_larger_catalogue_starts_with_the_smaller_one(default_priors):
    small = draw_catalog("val", 700, lens_fraction=0.5, non_lenses=SHARES, seed=7, priors=default_priors)
    large = draw_catalog("val", 2600, lens_fraction=0.5, non_lenses=SHARES, seed=7, priors=default_priors)
    pd.testing.assert_frame_equal(large.iloc[:700], small)


def test_splits_and_seeds_differ(default_priors):
    one, other, third = (
        draw_catalog(split, 50, lens_fraction=0.5, non_lenses={"deflector": 1}, seed=seed, priors=default_priors)
        for split, seed in (("train", 7), ("val", 7), ("train", 8))
    )
    assert not np.isclose(one["center_x"], other["center_x"]).any()
    assert not np.isclose(one["center_x"], third["center_x"]).any()
    assert list(one["id"]) == list(range(50)) and list(other["id"]) == list(range(10**9, 10**9 + 50))


def test_radius_and_weight_are_set_for_the_right_kinds(catalog):
    assert catalog["radius"].notna().all() and (catalog["radius"] > 0).all()
    assert (catalog["theta_E"].notna() == catalog["is_lens"]).all()
    assert (catalog["theta_E_halo"].notna() == ~catalog["kind"].isin(WITHOUT_DEFLECTOR)).all()
    assert (catalog["weight"].notna() == ~catalog["kind"].isin(WITHOUT_DEFLECTOR)).all()
    assert (catalog["weight"].dropna() >= 0).all()
    assert (catalog["noise_id"] == catalog["id"]).all()


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_s_rows_are_complete(kind, catalog, settings):
    """The contract of a kind: foreground galaxy, conditions, and all columns that the profile of each extra needs."""
    rows = catalog[catalog["kind"] == kind]
    needed = ["lens_R_sersic", "lens_n_sersic", "lens_e1", "lens_e2", "center_x", "center_y", "radius"]
    needed += [f"{n}_{b}" for n in ("lens_magnitude", "seeing", "sky_brightness") for b in settings["bands"]]
    if kind in ("lens", "near_miss"):
        needed += [
            *(["theta_E"] if kind == "lens" else []),
            "source_R_sersic",
            "source_center_x",
            *(f"source_magnitude_{b}" for b in settings["bands"]),
        ]
    assert len(rows) and rows[needed].notna().all(axis=None)
    for group in columns.GROUPS:
        lists = {
            c.name.removeprefix(f"{group}_"): rows[c.name] for c in columns.group_columns(group, settings["bands"])
        }
        numbers = [cells.map(len) for cells in lists.values()]
        assert all((number == numbers[0]).all() for number in numbers)
        if numbers[0].any():
            light = ["center_x", "center_y", *(f"magnitude_{b}" for b in settings["bands"])]
            assert np.isfinite([np.concatenate(lists[name].to_numpy()) for name in light]).all()
            if group == "part":
                lists["profile"] = lists["R_sersic"].map(lambda cell: np.full(len(cell), "sersic"))
            profiles = np.concatenate(lists["profile"].to_numpy())
            assert set(profiles) <= set(columns.PROFILES)
            for profile in set(profiles):
                expected = [
                    np.concatenate(lists[name].to_numpy())[profiles == profile] for name in NEEDED.get(profile, ())
                ]
                assert np.isfinite(expected).all()


def test_the_deflector_does_not_reveal_the_lens(catalog, settings):
    """Trees cannot tell lenses from deflector-based non-lenses except by the arc-like features."""
    rows = catalog[~catalog["kind"].isin(WITHOUT_DEFLECTOR)]
    shared = ["theta_E_halo", "z_lens", "z_source", "sigma_v", "e1", "e2", "center_x", "center_y", "gamma1", "gamma2"]
    shared += ["lens_R_sersic", "lens_n_sersic", "lens_e1", "lens_e2"]
    per_band = ("lens_magnitude", "seeing", "sky_brightness", "num_exposures")
    shared += [f"{name}_{band}" for name in per_band for band in settings["bands"]]
    rows = rows.assign(
        field_count=rows["field_profile"].map(len),
        field_brightest=rows["field_magnitude_i"].map(lambda cell: cell.min(initial=99.0)),
        field_stars=rows["field_profile"].map(lambda cell: (cell == "point").sum()),
        field_nearest=[
            np.hypot(x, y).min(initial=99.0)
            for x, y in zip(rows["field_center_x"], rows["field_center_y"], strict=True)
        ],
    )
    shared += ["field_count", "field_brightest", "field_stars", "field_nearest"]
    trees = HistGradientBoostingClassifier(max_iter=60, random_state=0)
    score = cross_val_predict(trees, rows[shared], rows["is_lens"], cv=3, method="predict_proba")[:, 1]
    from sklearn.metrics import roc_auc_score

    assert roc_auc_score(rows["is_lens"], score) == pytest.approx(0.5, abs=0.02)
    # The test is sensitive: one leaked column is enough.
    leaked = rows[shared].assign(leak=rows["is_lens"] + np.random.default_rng(0).normal(0, 3, len(rows)))
    score = cross_val_predict(trees, leaked, rows["is_lens"], cv=3, method="predict_proba")[:, 1]
    assert roc_auc_score(rows["is_lens"], score) > 0.55


def test_weights_integrate_to_the_survey(catalog, default_priors):
    """The mean weight of kinds without source is the integral of the survey law over the training support."""
    p = default_priors
    rng = np.random.default_rng(3)
    n = 2_000_000
    sigma_v = rng.uniform(p.sigma_v_min, p.sigma_v_max, n)
    z_lens = rng.uniform(p.z_lens_min, p.z_lens_max, n)
    z_source = rng.uniform(p.z_lens_min, p.z_source_max, n)
    ratio = np.maximum(1 - transverse_distance(z_lens) / transverse_distance(z_source), 0)
    theta_E = theta_E_sis(sigma_v, ratio)
    inside = (theta_E > p.theta_E_min) & (theta_E < p.theta_E_max)
    density = velocity_dispersion_function(sigma_v, z_lens) * volume_per_redshift(z_lens)
    density *= redshift_density(z_source, p.magnitude_i_min, p.magnitude_i_max) * inside
    volume = (p.sigma_v_max - p.sigma_v_min) * (p.z_lens_max - p.z_lens_min) * (p.z_source_max - p.z_lens_min)
    weight = catalog.loc[~catalog["kind"].isin(("lens", "near_miss")), "weight"].dropna()
    expected, error = volume * density.mean(), weight.std() / np.sqrt(len(weight))
    assert weight.mean() == pytest.approx(expected, abs=4 * error)
    assert error < 0.1 * expected


def test_the_weighted_lenses_resemble_the_forecast(catalog):
    """Medians of Collett's forecast, 0.43 and 270 km/s, are of detectable lenses: compare above 1 arcsec."""
    lenses = catalog[catalog["is_lens"] & (catalog["theta_E"] > 1.0)]
    weight = lenses["weight"].to_numpy()
    assert weight.sum() ** 2 / (weight**2).sum() > 100
    for name, forecast, tolerance in (("z_lens", 0.43, 0.12), ("sigma_v", 270, 25), ("z_source", 1.85, 0.5)):
        order = np.argsort(lenses[name].to_numpy())
        median = lenses[name].to_numpy()[order][np.searchsorted(np.cumsum(weight[order]), weight.sum() / 2)]
        assert abs(median - forecast) < tolerance, (name, median)
