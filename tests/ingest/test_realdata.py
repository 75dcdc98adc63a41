"""Two real sets of DES coadd stamps: 30 red galaxies, and a lens with a dead corner, weights and PSFs."""

import numpy as np
import pandas as pd
import pytest
from astropy.io import fits

from lenspipe import ingest, store
from lenspipe.surveys import SURVEYS


@pytest.fixture
def j0330(realdata, make):
    def cut(num_pix):
        pattern = f"{realdata}/des_j0330/{{band}}"
        return make(
            [f"{pattern}_sci.fits"],
            ingest.numbered_catalog(1),
            weights=[f"{pattern}_wht.fits"],
            psf=[f"{pattern}_psf.fits"],
            zero_point=dict.fromkeys("griz", 30.0),
            num_pix=num_pix,
        )

    return cut


def test_the_noise_of_thirty_galaxies_agrees_with_independent_measurements(realdata, make):
    folder = realdata / "des_galaxies"
    made = make([f"{folder}/{{band}}.fits"], f"{folder}/galaxies.csv")
    assert len(made.catalog) == 30 and made.refused.empty and "sigma_v_km_s" in made.catalog
    image = store.open_images("cutouts.zarr")["image"]
    with fits.open(folder / "i.fits") as file:
        np.testing.assert_array_equal(image[:, 2], file[0].data[:, 23:68, 23:68])
    table = pd.read_csv(realdata / "des_coadd_sky.csv")
    table = table[table["stamp"].str.startswith("deeplenstronomy_")]
    table["id"] = table["stamp"].str.rpartition("_")[2].astype(int)
    both = made.planes.merge(table, on=["id", "band"], validate="one_to_one")
    ratio = both["sky_sigma"] / both["sky_sigma_zp30"]
    assert len(both) == 120 and ratio.between(0.9, 1.12).all() and ratio.median() == pytest.approx(1, abs=0.04)


def test_the_dead_corner_of_the_lens_is_masked_and_reported(j0330):
    made = j0330(99)
    image = store.open_images("cutouts.zarr")["image"].values
    lost = ~np.isfinite(image[0])
    assert not lost[:3].any() and lost[3].mean() == pytest.approx(0.113, abs=0.002)
    assert not lost[3, :, :40].any() and lost[3, 0, -1]
    lines = ingest.summarise(made.planes, 99, SURVEYS["des_y3"])
    assert any("band z: in 1 stamps, up to 11.5% of one; in 1 cutouts" in line for line in lines), lines
    assert made.planes["psf_fwhm"].between(0.9, 1.2).all() and (made.planes["sky_sigma_from"] == "weights").all()


def test_the_default_cutout_of_the_lens_does_not_include_the_dead_corner(j0330):
    made = j0330(45)
    assert np.isfinite(store.open_images("cutouts.zarr")["image"].values).all()
    assert any(
        "11.5% of one; none in the cutouts" in line for line in ingest.summarise(made.planes, 45, SURVEYS["des_y3"])
    )
    row = made.catalog.iloc[0]
    assert (row["cutout_ra"], row["cutout_dec"]) == pytest.approx((52.7372, -52.4703), abs=2e-4)
