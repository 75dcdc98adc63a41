"""Depth of simulated coadds against published depths."""

import pytest

from lenspipe.surveys import SURVEYS
from lenspipe.validation.depth import check_depth


@pytest.mark.parametrize("name", ["des_y3", "hsc_wide"])  # by apertures, and of stars
def test_depth_is_compared_with_the_survey_s_published_depth(name):
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
