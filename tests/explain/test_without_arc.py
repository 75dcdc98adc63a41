import numpy as np
import pytest

from lenspipe.explain.without_arc import features
from lenspipe.population.catalog import draw_catalog
from lenspipe.simulate.noise import coadds_of
from lenspipe.simulate.pipeline import simulate_objects
from lenspipe.surveys import SURVEYS

PIXELS = {"bands": ["g", "i"], "num_pix": 31, "survey": SURVEYS["des_y3"], "seed": 7}


@pytest.fixture(scope="module")
def rows(default_priors, settings):
    return draw_catalog(
        "val", 40, lens_fraction=0.5, non_lenses=settings["population"]["non_lenses"], seed=7, priors=default_priors
    )


@pytest.fixture(scope="module")
def made(rows):
    return features(rows, **PIXELS)


def test_the_light_of_a_lens_s_feature_is_its_source_s(rows, made):
    whole, lens = simulate_objects(rows, **PIXELS, keep_planes=True), rows["is_lens"].to_numpy()
    np.testing.assert_allclose(made[0][lens], whole["source_light"][lens], rtol=1e-3, atol=1e-2)


def test_a_lens_without_its_source_keeps_all_of_its_other_noise(rows, made):
    """What is taken away is the source's light with the noise of its own photons, resampled, and none of the sky's."""
    whole, lens = simulate_objects(rows, **PIXELS), rows["is_lens"].to_numpy()
    taken, expected = (whole["image"] - made[1])[lens], made[0][lens]
    np.testing.assert_allclose(taken.sum(axis=(1, 2, 3)), expected.sum(axis=(1, 2, 3)), rtol=0.1)
    scatter = photons = 0.0
    for k, row in enumerate(rows[lens].to_dict("records")):
        for b, coadd in enumerate(coadds_of(row, PIXELS["bands"], PIXELS["survey"])):
            scatter += np.sum((taken[k, b] - expected[k, b]) ** 2) * coadd.gain
            photons += np.sum(expected[k, b]) * coadd.covariance[0, 0]
    assert scatter == pytest.approx(photons, rel=0.1)


def test_a_bare_deflector_has_no_feature_and_every_other_non_lens_has_one(rows, made):
    light = np.abs(made[0]).sum(axis=(1, 2, 3))
    bare = (rows["kind"] == "deflector").to_numpy()
    assert bare.any() and not light[bare].any() and (light[~bare] > 1).all()
