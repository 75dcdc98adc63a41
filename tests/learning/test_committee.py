"""Committees: networks that differ in random numbers alone, and answer together."""

import numpy as np
import pytest
import rings
import torch
from scipy.special import logit
from sklearn.metrics import log_loss

from lenspipe import store
from lenspipe.errors import InputError
from lenspipe.learning.committee import Committee, answer, load_committees
from lenspipe.stages.predict import predict

CPU = torch.device("cpu")
SETTINGS = {"seed": 1, "network": "resnet", "options": {"width": 4}, "epochs": 3, "batch_size": 32}
SETTINGS |= {
    "learning_rate": 4e-3,
    "weight_decay": 1e-3,
    "ema_decay": 0.9,
    "max_shift": 1,
    "imperfect": 0.0,
    "dropout": "none",
    "threads": 1,
}
MEMBERS = {
    "is_lens": ["classifier", "classifier_2", "classifier_3"],
    "einstein_radius": ["regressor", "regressor_2"],
    "kind_and_arc": ["kinds", "kinds_2"],
}


@pytest.fixture(scope="module")
def sky(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sky")
    made = {split: rings.write(folder, split, count) for split, count in (("train", 256), ("val", 200), ("test", 150))}
    return {
        "stores": {split: one for split, (one, _) in made.items()},
        "catalogs": {s: one for s, (_, one) in made.items()},
    }


@pytest.fixture(scope="module")
def models(sky, tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    for task, names in MEMBERS.items():
        for name in names:
            rings.train(task, **sky, output_dir=folder / name, name=name, **SETTINGS)
    return folder


def answers(models, names, path, d4_average=True):
    return predict(path, [models / name for name in names], batch_size=64, d4_average=d4_average)


def test_members_differ_and_a_committee_s_logit_is_their_mean(models, sky):
    path, names = sky["stores"]["test"], MEMBERS["is_lens"]
    together, alone = answers(models, names, path), [answers(models, [name], path)["score"] for name in names]
    assert np.abs(alone[0] - alone[1]).max() > 1e-3
    np.testing.assert_allclose(logit(together["score"]), np.mean(logit(alone), axis=0), rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(together["score_spread"], np.std(alone, axis=0, ddof=1), rtol=1e-5, atol=1e-7)
    assert "score_spread" not in answers(models, names[:1], path)


def test_a_mean_of_logits_has_no_larger_loss_than_the_members_on_average(models, sky):
    """Cross-entropy is convex in the logit."""
    is_lens = store.read_table(sky["catalogs"]["test"])["is_lens"]
    path, names = sky["stores"]["test"], MEMBERS["is_lens"]
    alone = [log_loss(is_lens, answers(models, [name], path)["score"]) for name in names]
    assert log_loss(is_lens, answers(models, names, path)["score"]) <= np.mean(alone)


@pytest.mark.parametrize("d4_average", [True, False])
def test_the_sigma_of_a_committee_covers_68_percent_of_validation(models, sky, d4_average):
    truth = store.read_table(sky["catalogs"]["val"])
    table = answers(models, MEMBERS["einstein_radius"], sky["stores"]["val"], d4_average)
    lenses = truth["is_lens"].to_numpy()
    error = (table["theta_E_pred"] - truth["theta_E"])[lenses].abs()
    assert np.mean(error < table["theta_E_sigma"][lenses]) == pytest.approx(0.6827, abs=1.5 / lenses.sum())
    assert (table["theta_E_pred_spread"] > 0).all()


def test_trainings_of_several_tasks_make_one_table(models, sky):
    names = [*MEMBERS["is_lens"], *MEMBERS["einstein_radius"]]
    table = answers(models, names, sky["stores"]["test"])
    assert {"score", "score_spread", "theta_E_pred", "theta_E_sigma", "theta_E_pred_spread"} <= set(table.columns)


def test_a_committee_may_learn_what_some_objects_have_not(models, sky):
    """Their targets hold NaN, which is not equal to itself."""
    table = answers(models, MEMBERS["kind_and_arc"], sky["stores"]["test"])
    assert (table["score_spread"] > 0).all() and {"p_lens", "kind_pred"} <= set(table.columns)


def test_members_that_learned_from_other_images_are_no_committee(models, sky, tmp_path):
    others = {}
    for split, count in (("train", 64), ("val", 64)):
        others[split] = rings.write(tmp_path, split, count, seed=9)
    stores, catalogs = ({split: made[k] for split, made in others.items()} for k in (0, 1))
    rings.train("is_lens", stores, catalogs, tmp_path / "classifier_2", name="classifier_2", **SETTINGS | {"epochs": 1})
    with pytest.raises(InputError, match="did not learn from the same images as"):
        load_committees([models / "classifier", tmp_path / "classifier_2"])


def test_a_score_is_that_of_the_mean_logit_of_eight_views(classifier):
    images = np.random.default_rng(4).normal(0, 30, (12, 2, 24, 24)).astype(np.float32)
    x = classifier.input.tensor(images)
    views = [v for k in range(4) for v in (torch.rot90(x, k, (2, 3)), torch.rot90(x, k, (2, 3)).flip(3))]
    expected = np.stack([classifier.network(view).numpy() for view in views]).mean(axis=0)[:, 0]
    alone = Committee((classifier,), classifier.task, ()).on(CPU)
    options = {"batch_size": 5, "d4_average": True, "d4_share": 1.0, "device": CPU}
    found = logit(answer([alone], images, **options)["score"])
    np.testing.assert_allclose(found, expected, atol=0.05 * expected.std())  # half precision inside
