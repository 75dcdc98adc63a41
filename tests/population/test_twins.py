"""Twins in the catalogue: which lens they are of, what they share with it, and what differs."""

import numpy as np
import pandas as pd
import pytest

from lenspipe import columns
from lenspipe.population import draw_catalog, make_twins

CHANGED = {"id", "split", "kind", "is_lens", "theta_E", "source_is_lensed", "magnification", "weight"}


@pytest.fixture(scope="module")
def lenses(default_priors):
    drawn = draw_catalog("test", 80, 0.5, {"deflector": 1}, 7, default_priors)
    lenses = drawn[drawn["is_lens"]].copy()
    for column in columns.group_columns("part", default_priors.bands):  # clumps in every second source
        cells = [np.array([0.1, 0.2]) if k % 2 else np.empty(0) for k in range(len(lenses))]
        lenses[column.name] = pd.Series(cells, lenses.index, dtype=object)
    return lenses


@pytest.fixture(scope="module")
def twins(lenses, default_priors):
    return make_twins(lenses, default_priors.bands)


def test_every_lens_has_one_twin_of_each_kind_and_is_found_by_its_noise_id(lenses, twins):
    assert list(twins["id"]) == list(range(3 * 10**9, 3 * 10**9 + 2 * len(lenses)))
    assert {columns.split_of(number) for number in twins["id"]} == set(twins["split"]) == {"twins"}
    assert twins.groupby("noise_id")["kind"].apply(set).map(len).eq(2).all()
    assert set(twins["noise_id"]) == set(lenses["id"]) and set(twins["kind"]) == set(columns.TWINS)
    assert not twins["is_lens"].any() and not twins["source_is_lensed"].any()


def test_twins_have_their_lens_s_galaxy_field_and_conditions(lenses, twins, settings):
    own = lenses.set_index("id").loc[twins["noise_id"]].reset_index()
    source = {c for c in lenses if c.startswith(("source_", "part_"))}
    shared = [c.name for c in columns.catalog_columns(settings["bands"]) if c.name not in CHANGED | source]
    assert len(shared) > 50
    pd.testing.assert_frame_equal(twins[shared], own[shared])
    assert (twins["radius"] == own["theta_E"]).all() and twins["theta_E"].isna().all()


def test_the_source_is_gone_or_where_it_was_and_brighter_by_its_magnification(lenses, twins, settings):
    bare, unlensed = (twins[twins["kind"] == kind].set_index("noise_id") for kind in columns.TWINS)
    own = lenses.set_index("id").loc[unlensed.index]
    assert bare[[f"source_magnitude_{b}" for b in settings["bands"]] + ["source_R_sersic"]].isna().all(axis=None)
    assert bare["part_R_sersic"].map(len).eq(0).all()
    shape = [f"source_{name}" for name in ("R_sersic", "n_sersic", "e1", "e2", "center_x", "center_y")]
    pd.testing.assert_frame_equal(unlensed[shape], own[shape], check_names=False)
    for band in settings["bands"]:
        flux = 10 ** (-0.4 * (unlensed[f"source_magnitude_{band}"] - own[f"source_magnitude_{band}"]))
        np.testing.assert_allclose(flux, own["magnification"])
        for parts, before, magnification in zip(
            unlensed[f"part_magnitude_{band}"], own[f"part_magnitude_{band}"], own["magnification"], strict=True
        ):
            np.testing.assert_allclose(10 ** (-0.4 * (parts - before)), np.full(len(before), magnification))


def test_more_twins_only_append(lenses, twins, default_priors):
    pd.testing.assert_frame_equal(make_twins(lenses.head(7), default_priors.bands), twins.head(14))
