"""Pictures of twins: all but the source is the lens's, bit for bit, and the source's light is as much."""

import numpy as np
import pytest

from lenspipe.population.catalog import draw_catalog
from lenspipe.population.twins import make_twins
from lenspipe.simulate.pipeline import simulate_objects
from lenspipe.surveys import SURVEYS

DES = SURVEYS["des_y3"]
BANDS = ["g", "r", "i", "z"]
OF_SOURCE = ("source", "part")


@pytest.fixture(scope="module")
def lenses(default_priors):
    drawn = draw_catalog("test", 24, lens_fraction=0.5, non_lenses={"deflector": 1}, seed=7, priors=default_priors)
    return drawn[drawn["is_lens"]].reset_index(drop=True)


@pytest.fixture(scope="module")
def twins(lenses):
    return make_twins(lenses, BANDS)


def made(rows, num_pix=45):
    return simulate_objects(rows, BANDS, num_pix, DES, seed=5, keep_planes=True)


def test_without_photons_of_the_source_lens_and_twins_are_the_same_bytes(lenses, twins):
    """A source too faint for a single photon leaves sky, galaxy, field, read noise: those of the same streams."""

    def dark(rows):
        return rows.assign(
            **{f"{of}_magnitude_{b}": rows[f"{of}_magnitude_{b}"] + 70 for of in OF_SOURCE for b in BANDS}
        )

    image = made(dark(lenses))["image"]
    bare, unlensed = twins.iloc[::2], twins.iloc[1::2]
    assert made(bare)["image"].tobytes() == image.tobytes() == made(dark(unlensed))["image"].tobytes()
    assert (made(lenses)["image"] != image).any(axis=(1, 2, 3)).all()


def test_the_light_of_all_but_the_source_is_the_same(lenses, twins):
    lens, twin = made(lenses), made(twins)
    for k in (0, 1):
        assert twin["lens_light"][k::2].tobytes() == lens["lens_light"].tobytes()
    assert not twin["source_light"][0::2].any() and not twin["arc_snr"][0::2].any()
    assert (twin["arc_snr"][1::2] > 0).all()


def test_lensed_and_unlensed_source_have_equal_light_in_every_band(lenses, twins):
    """On a stamp of 33 arcsec, beyond whose edge next to nothing falls; that of a run cuts both off."""
    rows = lenses.nsmallest(6, "source_R_sersic")
    unlensed = twins.iloc[1::2].set_index("noise_id", drop=False).loc[rows["id"]]
    flux = [made(table, num_pix=127)["source_light"].sum(axis=(2, 3)) for table in (rows, unlensed)]
    np.testing.assert_allclose(flux[1], flux[0], rtol=0.01)
    assert rows["part_R_sersic"].map(len).nunique() > 2
    magnified = rows["magnification"] * 10 ** (-0.4 * (rows["source_magnitude_i"] - DES.magnitude_zero_point))
    np.testing.assert_allclose(flux[0][:, BANDS.index("i")], magnified, rtol=0.01)
