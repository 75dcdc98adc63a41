import numpy as np
import pandas as pd
import pytest

from lenspipe.diagnostics.attribution import (
    arc_pixels,
    attribution_summary,
    attribution_table,
    pick_explained,
    pick_shown,
    shares_on,
)

SIDE = 21
NAMED = {"threshold_name": "FPR 0.01 on validation", "confidence": 0.68}


@pytest.fixture
def rng():
    return np.random.default_rng(3)


@pytest.fixture
def explained(rng):
    """Made-up shares: true positives at 0.4 where chance gives 0.1, companions at chance."""
    n = 80
    role = np.repeat(["true positives", "false positives"], n)
    kind = np.repeat(["lens", "companions"], n)
    own = np.where(kind == "lens", 0.4, 0.1) + rng.normal(0, 0.02, 2 * n)
    chance = 0.1 + rng.normal(0, 0.02, 2 * n)
    shares = {f"{part}{end}": own for part in ("positive", "absolute") for end in ("",)}
    shares |= {f"{part}_{end}": chance for part in ("positive", "absolute") for end in ("turned", "untrained")}
    said = {"role": role, "kind": kind, "score": 0.9, "score_without": np.tile([0.2, 0.2, 0.2, 0.9], n // 2)}
    return pd.DataFrame(said | shares | {"area": 0.05})


def test_arc_pixels_are_the_fewest_that_hold_half_of_the_light_in_units_of_the_noise(rng):
    light, sigma = rng.exponential(1, (3, 2, SIDE, SIDE)).astype(np.float32), np.array([[1.0, 5.0]] * 3, np.float32)
    light[2] = 0
    pixels = arc_pixels(light, sigma)
    for k in range(2):
        weight = light[k, 0] + light[k, 1] / 5
        assert weight[pixels[k]].sum() >= weight.sum() / 2
        assert weight[pixels[k]].sum() - weight[pixels[k]].min() < weight.sum() / 2
        assert weight[pixels[k]].min() >= weight[~pixels[k]].max()
    assert not pixels[2].any()


def test_shares_of_maps_whose_answer_is_known():
    pixels = np.zeros((4, SIDE, SIDE), bool)
    pixels[:3, 2:5, 8:13] = True
    maps = np.zeros((4, 2, SIDE, SIDE))
    maps[0, 0] = pixels[0]  # all on them
    maps[1] = 1.0  # everywhere
    maps[2] = np.where(np.rot90(pixels[2]), 2.0, -0.001)  # on them after a quarter turn
    maps[3] = 1.0  # of an object without arc
    table = shares_on(maps, pixels)
    area = 15 / SIDE**2
    assert table.loc[0, ["positive", "absolute", "positive_turned", "area"]].tolist() == pytest.approx([1, 1, 0, area])
    assert table.loc[1, ["positive", "absolute", "positive_turned"]].tolist() == pytest.approx([area] * 3)
    assert table.loc[2, ["positive", "positive_turned"]].tolist() == pytest.approx([0, 1 / 3])
    assert table.loc[2, "absolute"] == pytest.approx(0.015 * 1 / (30 + 0.001 * (SIDE**2 - 15)), rel=1e-3)
    assert table.loc[3].isna().all()


def test_contributions_of_the_bands_are_summed_before_what_is_positive_is_taken():
    pixels = np.zeros((1, SIDE, SIDE), bool)
    pixels[0, 5, 5] = True
    maps = np.zeros((1, 2, SIDE, SIDE))
    maps[0, :, 5, 5], maps[0, :, 9, 9] = (3, -2), (1, 0)
    assert shares_on(maps, pixels)["positive"].item() == pytest.approx(0.5)


def test_explained_are_objects_above_the_threshold_of_each_class(objects, rng):
    passed = objects[objects["score"] > 0.6].groupby("is_lens").size()
    rows = pick_explained(objects, 0.6, rng)
    assert rows.groupby("is_lens").size().to_dict() == passed.clip(upper=100).to_dict()
    assert (rows["score"] > 0.6).all() and rows["id"].is_unique
    assert (rows["is_lens"] == (rows["role"] == "true positives")).all()
    assert not len(pick_explained(objects, 1.0, rng))


def test_means_and_their_differences_have_intervals_of_the_objects_scatter(explained, rng):
    table = attribution_table(
        explained, 0.5, threshold_name="FPR 0.01 on validation", confidence=0.68, rng=rng
    ).set_index(["population", "measure"])
    lens = table.loc["true positives"]
    assert lens.loc["positive", "value"] == pytest.approx(0.4, abs=0.01)
    assert lens.loc["positive_over_turned", "value"] == pytest.approx(
        lens.loc["positive", "value"] - lens.loc["positive_turned", "value"]
    )
    half = (lens.loc["positive", "high"] - lens.loc["positive", "low"]) / 2
    assert half == pytest.approx(explained["positive"][:80].std() / np.sqrt(80), rel=0.15)
    companions = table.loc["false positives: companions"]
    assert companions.loc["positive_over_turned", "low"] < 0.005 and companions.loc["still", "value"] == 0.25
    assert lens.loc["score_without", "value"] == 0.2


def test_objects_without_an_arc_are_left_out_and_few_of_a_kind_have_no_row(explained, rng):
    explained.loc[explained.index[83:], "kind"] = "deflector"
    explained.loc[explained.index[83:], ["area", "positive", "absolute"]] = np.nan
    table = attribution_table(explained, 0.5, **NAMED, rng=rng)
    assert set(table["population"]) == {"true positives", "false positives"}
    assert table.loc[table["population"] == "false positives", "n"].unique().tolist() == [3]
    none = attribution_table(explained.iloc[:0][["role", "kind"]], 0.5, **NAMED, rng=rng)
    assert not len(none) and not attribution_summary(none)


def test_the_summary_s_rows_lie_within_their_intervals(explained, rng):
    rows = attribution_summary(attribution_table(explained, 0.5, **NAMED, rng=rng))
    assert len({(row[0], row[-1]) for row in rows}) == len(rows)
    assert all(low <= value <= high and n == 80 for _, value, low, high, n, _ in rows)


def test_shown_are_objects_spread_evenly_over_their_shares(explained):
    places = pick_shown(explained)
    assert len(places) == 8 and (explained["role"].to_numpy()[places[:4]] == "true positives").all()
    ranks = explained["positive"][:80].rank(ascending=False).to_numpy()[places[:4]]
    assert ranks.tolist() == [11, 31, 51, 71]
