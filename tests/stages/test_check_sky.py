"""The survey prior after the forecast's detection cut, beside the forecast; depth, stamps, and the command for all."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from lenspipe import population
from lenspipe.cli import main
from lenspipe.simulate.pipeline import simulate_objects
from lenspipe.stages.check_sky import check_depth, check_stamps, forecast_lenses
from lenspipe.stats.weights import effective_size
from lenspipe.surveys import SURVEYS
from lenspipe.validation.checks import population_check
from lenspipe.validation.forecast import detectable

# What the forecast has otherwise than this sky, and why: docs/science.md, "Beside the forecast".
NOT_TO_THE_END = "blurrier exposures, which the forecast may have had, would do a fifth of what is missing"
NO_SMALL_SOURCES = "sources end at 0.05 arcsec and at i = 25.5"
NO_HUGE_SOURCES = "the law of sizes is not followed to discs beyond 10 kpc"
EXPLAINED = {
    "median of theta_E": NOT_TO_THE_END,
    "p16 of source_R_sersic": NO_SMALL_SOURCES,
    "median of source_R_sersic": NO_HUGE_SOURCES,
    "p84 of source_R_sersic": NO_HUGE_SOURCES,
}


@pytest.fixture(scope="module")
def lenses(default_priors):
    return forecast_lenses(default_priors, seed=5, count=14_000)


def test_the_survey_s_lenses_are_the_forecast_s_but_for_what_is_explained(lenses):
    found = lenses[detectable(lenses)]
    assert effective_size(found["per_5000_deg2"]) > 100
    table = population_check(lenses, 0.68).set_index("quantity")
    missed = set(table.index[table["verdict"] == "missed"])
    assert missed <= set(EXPLAINED), table.loc[sorted(missed - set(EXPLAINED))].to_string()


def test_what_is_missed_is_missed_by_no_more_than_its_reason_can_do(lenses):
    table = population_check(lenses, 0.68).set_index("quantity").loc[list(EXPLAINED)]
    ratio = table["ours"] / table["reference"]
    assert ratio.between(0.65, 1.5).all(), table.to_string()


def test_a_sky_that_differs_is_found_out(lenses):
    """The same lenses at other redshifts, and three times as many: the verdicts tell."""
    table = population_check(lenses, 0.68).set_index("quantity")["verdict"]
    changed = lenses.assign(z_lens=1.35 * lenses["z_lens"], per_5000_deg2=3 * lenses["per_5000_deg2"])
    found = population_check(changed, 0.68).set_index("quantity")["verdict"]
    for quantity in ("median of z_lens", "lenses per 5,000 deg^2"):
        assert (table[quantity], found[quantity]) == ("met", "missed")
    pd.testing.assert_series_equal(found.filter(like="sigma_v"), table.filter(like="sigma_v"))


@pytest.mark.parametrize("name", ["des_y3", "hsc_wide"])  # by apertures, and of stars
def test_depth_is_judged_by_what_the_survey_says(name):
    survey = SURVEYS[name]
    bands = list(survey.bands)
    table = check_depth(survey, bands, seed=3)
    depths = table[table["quantity"].str.contains("depth")]
    assert len(depths) == len(bands) and (abs(depths["ours"] - depths["reference"]) < 0.15).all()
    deeper = survey.published.model_copy(
        update={"depth": {band: m + 0.3 for band, m in survey.published.depth.items()}}
    )
    table = check_depth(survey.model_copy(update={"published": deeper}), bands, seed=3)
    assert (table.loc[table["quantity"].str.contains("depth"), "verdict"] == "missed").all()
    assert check_depth(survey.model_copy(update={"published": None}), bands, seed=3).empty


@pytest.fixture(scope="module")
def a_field(default_priors, tmp_path_factory):
    """A store of deflectors of our own, which stand for real ones."""
    rows = population.draw_catalog(
        "train", 24, lens_fraction=0.0, non_lenses={"deflector": 1}, seed=9, priors=default_priors
    )
    images = simulate_objects(rows, list("griz"), default_priors.num_pix, default_priors.survey, 9)["image"]
    path = tmp_path_factory.mktemp("stamps") / "real.zarr"
    said = {"pixel_scale": 0.263, "magnitude_zero_point": 30.0, "unit": "counts"}
    data = {"image": (("object", "band", "y", "x"), images), "id": ("object", np.arange(24))}
    xr.Dataset(data, coords={"band": list("griz")}, attrs=said).to_zarr(path)
    return path


def test_a_field_of_our_own_has_our_numbers_of_sources(a_field, default_priors):
    table = check_stamps(a_field, default_priors, seed=5).set_index("quantity")
    numbers = table[table.index.str.startswith("sources per stamp")]
    assert len(numbers) == 4 and (numbers["verdict"] == "met").all()
    assert (numbers["least"] < numbers["reference"]).all() and (numbers["reference"] < numbers["most"]).all()


def test_the_command_prints_every_check_and_draws_it(a_field, tmp_path, capsys):
    with pytest.raises(SystemExit) as end:
        main(["check-sky", "--lenses", "2000", "--stamps", str(a_field), "--output", str(tmp_path / "sky")])
    assert not end.value.code
    table = pd.read_csv(tmp_path / "sky" / "sky_check.csv")
    printed = capsys.readouterr().out
    assert all(quantity in printed for quantity in table["quantity"])
    assert f"{(table['verdict'] == 'met').sum()} of {len(table)} met" in printed
    assert (tmp_path / "sky" / "sky_check.png").stat().st_size > 10_000


def test_stamps_that_are_not_there_are_told_in_a_line(tmp_path, capsys):
    with pytest.raises(SystemExit) as end:
        main(["check-sky", "--lenses", "1000", "--stamps", str(tmp_path / "none.zarr"), "--output", str(tmp_path)])
    told = [line for line in capsys.readouterr().err.splitlines() if line.startswith("lenspipe: ")]
    assert end.value.code == 2 and len(told) == 1 and "none.zarr" in told[0]
    assert not list(tmp_path.iterdir())
