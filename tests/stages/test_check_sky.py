"""The command check-sky, and the comparison with real stamps."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from lenspipe import store
from lenspipe.cli import main
from lenspipe.population.catalog import draw_catalog
from lenspipe.simulate.pipeline import simulate_objects
from lenspipe.validation.field_stamps import check_stamps


@pytest.fixture(scope="module")
def deflector_stamps(default_priors, tmp_path_factory):
    """A store of simulated deflectors that take the place of real ones."""
    rows = draw_catalog("train", 24, lens_fraction=0.0, non_lenses={"deflector": 1}, seed=9, priors=default_priors)
    images = simulate_objects(rows, list("griz"), default_priors.num_pix, default_priors.survey, 9)["image"]
    path = tmp_path_factory.mktemp("stamps") / "real.zarr"
    attributes = {"pixel_scale": 0.263, "magnitude_zero_point": 30.0, "unit": "counts"}
    data = {"image": (("object", "band", "y", "x"), images), "id": ("object", np.arange(24))}
    xr.Dataset(data, coords={"band": list("griz")}, attrs=attributes).to_zarr(path)
    return path


def test_simulated_stamps_have_the_simulated_number_of_sources(deflector_stamps, default_priors):
    table = check_stamps(store.open_images(deflector_stamps), default_priors, seed=5, path=deflector_stamps).set_index(
        "quantity"
    )
    numbers = table[table.index.str.startswith("sources per stamp")]
    assert len(numbers) == 4 and (numbers["verdict"] == "met").all()
    assert (numbers["least"] < numbers["reference"]).all() and (numbers["reference"] < numbers["most"]).all()


def test_the_command_prints_and_draws_every_check(deflector_stamps, tmp_path, capsys):
    with pytest.raises(SystemExit) as end:
        main(["check-sky", "--lenses", "2000", "--stamps", str(deflector_stamps), "--output", str(tmp_path / "sky")])
    assert not end.value.code
    table = pd.read_csv(tmp_path / "sky" / "sky_check.csv")
    printed = capsys.readouterr().out
    assert all(quantity in printed for quantity in table["quantity"])
    assert f"{(table['verdict'] == 'met').sum()} of {len(table)} met" in printed
    assert (tmp_path / "sky" / "sky_check.png").stat().st_size > 10_000


def test_missing_stamps_are_reported_in_one_line(tmp_path, capsys):
    with pytest.raises(SystemExit) as end:
        main(["check-sky", "--lenses", "1000", "--stamps", str(tmp_path / "none.zarr"), "--output", str(tmp_path)])
    errors = [line for line in capsys.readouterr().err.splitlines() if line.startswith("lenspipe: ")]
    assert end.value.code == 2 and len(errors) == 1 and "none.zarr" in errors[0]
    assert not list(tmp_path.iterdir())
