"""Twins in the catalogue: the lens of each, and the columns that they share with it."""

import numpy as np
import pandas as pd
import pytest

from lenspipe import columns
from lenspipe.population.catalog import draw_catalog
from lenspipe.population.magnification import magnification
from lenspipe.population.twins import MASS, SHAPE, make_twins

CHANGED = {"id", "split", "kind", "is_lens", "theta_E", "source_is_lensed", "magnification", "weight"}


@pytest.fixture(scope="module")
def lenses(default_priors):
    drawn = draw_catalog("test", 80, lens_fraction=0.5, non_lenses={"deflector": 1}, seed=7, priors=default_priors)
    return drawn[drawn["is_lens"]].copy()


@pytest.fixture(scope="module")
def twins(lenses, default_priors):
    return make_twins(lenses, default_priors.bands)


def test_every_lens_has_one_twin_of_each_kind_with_its_noise_id(lenses, twins):
    assert list(twins["id"]) == list(range(3 * 10**9, 3 * 10**9 + 2 * len(lenses)))
    assert {columns.split_of(number) for number in twins["id"]} == set(twins["split"]) == {"twins"}
    assert twins.groupby("noise_id")["kind"].apply(set).map(len).eq(2).all()
    assert set(twins["noise_id"]) == set(lenses["id"]) and set(twins["kind"]) == set(columns.TWINS)
    assert not twins["is_lens"].any() and not twins["source_is_lensed"].any()


def test_twins_have_their_lens_s_galaxy_field_and_conditions(lenses, twins, settings):
    lens_rows = lenses.set_index("id").loc[twins["noise_id"]].reset_index()
    source = {c for c in lenses if c.startswith(("source_", "part_"))}
    shared = [c.name for c in columns.catalog_columns(settings["bands"]) if c.name not in CHANGED | source]
    assert len(shared) > 50
    pd.testing.assert_frame_equal(twins[shared], lens_rows[shared])
    assert (twins["radius"] == lens_rows["theta_E"]).all() and twins["theta_E"].isna().all()


def test_the_source_is_removed_or_unlensed_and_brightened_by_its_magnification(lenses, twins, settings):
    without_source, unlensed = (twins[twins["kind"] == kind].set_index("noise_id") for kind in columns.TWINS)
    lens_rows = lenses.set_index("id").loc[unlensed.index]
    assert (
        without_source[[f"source_magnitude_{b}" for b in settings["bands"]] + ["source_R_sersic"]].isna().all(axis=None)
    )
    assert without_source["part_R_sersic"].map(len).eq(0).all()
    shape = [f"source_{name}" for name in ("R_sersic", "n_sersic", "e1", "e2", "center_x", "center_y")]
    pd.testing.assert_frame_equal(unlensed[shape], lens_rows[shape], check_names=False)
    brighter = {
        band: 10 ** (-0.4 * (unlensed[f"source_magnitude_{band}"] - lens_rows[f"source_magnitude_{band}"]))
        for band in settings["bands"]
    }
    np.testing.assert_allclose(brighter["i"], lens_rows["magnification"])
    smooth = lens_rows["part_R_sersic"].map(len) == 0
    assert 5 < smooth.sum() < len(lens_rows) - 5
    for band, flux in brighter.items():
        np.testing.assert_allclose(flux[smooth], lens_rows["magnification"][smooth])
        assert band == "i" or np.ptp(flux[~smooth] / lens_rows["magnification"][~smooth]) > 0.01


def test_each_part_of_a_source_is_brightened_by_its_magnification(lenses, twins):
    """The factor is the same in all bands; the disc has the rest of the light."""
    unlensed = twins.iloc[1::2].set_index("noise_id")
    lens_rows = lenses.set_index("id")
    for number in lens_rows.index[lens_rows["part_R_sersic"].map(len) > 0][:8]:
        row, twin = lens_rows.loc[number], unlensed.loc[number]
        factors, disc = [], []
        for band in "gz":
            part, whole = (
                [10 ** (-0.4 * r[f"{of}_magnitude_{band}"]) for r in (row, twin)] for of in ("part", "source")
            )
            factors.append(part[1] / part[0])
            disc.append((whole[1] - part[1].sum()) / (whole[0] - part[0].sum()))
        np.testing.assert_allclose(factors[0], factors[1])
        lens, light = (
            {n: np.atleast_1d(row[f"{of}{n}"]) for n in names} for of, names in (("", MASS), ("source_", SHAPE))
        )
        np.testing.assert_allclose(disc, magnification(lens, light)[0])
        nearest = np.argmin(np.hypot(row["part_center_x"] - row["center_x"], row["part_center_y"] - row["center_y"]))
        light = {name: row[f"part_{name}"][nearest : nearest + 1] for name in SHAPE}
        assert factors[0][nearest] == pytest.approx(magnification(lens, light)[0], rel=0.01)


def test_more_twins_only_append(lenses, twins, default_priors):
    pd.testing.assert_frame_equal(make_twins(lenses.head(7), default_priors.bands), twins.head(14))
