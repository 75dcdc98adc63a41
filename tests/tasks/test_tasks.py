"""Losses and answers against torch's and scipy's own."""

import numpy as np
import pytest
import torch
from scipy.stats import norm

from lenspipe.learning.tasks import (
    UNKNOWN,
    Classifier,
    KindClassifier,
    Regressor,
    lens_logit,
    probabilities,
    radius,
    score,
    sigma_scale,
)

KINDS = ("lens", "ring", "star")


def test_the_regressor_s_loss_is_minus_the_gaussian_log_likelihood():
    outputs, target = torch.tensor([[0.3, -0.5], [1.0, 0.7]]), torch.tensor([0.1, -0.4])
    log_likelihood = norm.logpdf(target.numpy(), outputs[:, 0].numpy(), np.exp(outputs[:, 1].numpy()))
    expected = -np.mean(log_likelihood) - 0.5 * np.log(2 * np.pi)
    assert Regressor.loss(outputs, target).item() == pytest.approx(expected, rel=1e-5)


def test_the_classifier_s_loss_is_the_cross_entropy_of_its_score():
    outputs, target = torch.tensor([[2.0], [-1.0], [0.2]]), torch.tensor([1.0, 0.0, 0.0])
    p = score(outputs[None].numpy())
    expected = -np.mean(np.log(np.where(target.numpy() > 0, p, 1 - p)))
    assert Classifier.loss(outputs, target).item() == pytest.approx(expected, rel=1e-5)


@pytest.fixture
def logits():
    """Of 50 images in eight views, some of them sure [view, n, class]."""
    rng = np.random.default_rng(4)
    return rng.normal(0, 6, (50, 3)) + rng.normal(0, 0.5, (8, 50, 3))


def test_the_score_of_a_classifier_of_kinds_is_the_lens_s_of_probabilities_that_add_up_to_one(logits):
    p = probabilities(logits)
    np.testing.assert_allclose(p.sum(axis=1), 1, rtol=1e-12)
    np.testing.assert_allclose(score(logits, KINDS), p[:, 0], rtol=1e-10)
    assert p[:, 0].min() < 1e-4 and p[:, 0].max() > 0.999
    two = logits[:, :, :2]  # of two classes, the logit is their difference
    np.testing.assert_allclose(score(two, KINDS[:2]), score(two[:, :, :1] - two[:, :, 1:]), rtol=1e-10)


def test_the_order_of_the_classes_does_not_matter(logits):
    order = [2, 0, 1]
    permuted = tuple(KINDS[k] for k in order)
    np.testing.assert_allclose(score(logits[:, :, order], permuted), score(logits, KINDS), rtol=1e-12)
    target = torch.arange(50) % 3
    found = KindClassifier(KINDS).measure(torch.from_numpy(logits[0]), target, {})
    of_order = torch.tensor([order.index(k) for k in range(3)])
    again = KindClassifier(permuted).measure(torch.from_numpy(logits[0][:, order]), of_order[target], {})
    assert again == pytest.approx(found)


def test_a_kind_that_is_not_learned_counts_as_a_non_lens_and_not_in_the_loss(logits):
    outputs, target = torch.from_numpy(logits[0]), torch.arange(50) % 3
    task, strange = KindClassifier(KINDS), torch.where(torch.arange(50) % 6 == 1, UNKNOWN, target)
    kept = strange != UNKNOWN
    p = probabilities(logits[:1])[kept.numpy(), target[kept].numpy()]
    assert task.loss(outputs, strange).item() == pytest.approx(-np.log(p).mean(), rel=1e-6)
    found, without = (task.measure(outputs[rows], strange[rows], {}) for rows in (slice(None), kept))
    assert found["val_balanced_accuracy"] == without["val_balanced_accuracy"]
    assert found["val_auroc"] == task.measure(outputs, target, {})["val_auroc"] != without["val_auroc"]
    binary = Classifier.loss(lens_logit(outputs, KINDS)[:, None], (target == 0).double())
    assert found["val_lens_loss"] == pytest.approx(binary.item(), rel=1e-6)


def test_views_are_averaged_in_logit_mean_and_variance():
    views = np.array([[[0.0, np.log(0.1)]], [[1.0, np.log(0.3)]]])
    theta_E, sigma = radius(views, {"mean": 1.5, "sd": 2.0})
    assert theta_E == pytest.approx([1.5 + 2 * 0.5])
    assert sigma == pytest.approx([2 * np.sqrt((0.1**2 + 0.3**2) / 2)])
    assert score(views[:, :, :1]) == pytest.approx([1 / (1 + np.exp(-0.5))])


def test_a_radius_is_never_negative():
    assert radius(np.array([[[-9.0, 0.0]]]), {"mean": 1.5, "sd": 0.6})[0] == [0.0]


def test_calibrated_sigmas_cover_68_percent():
    rng = np.random.default_rng(2)
    true = rng.uniform(0.5, 3, 20_000)
    predicted = true + rng.normal(0, 0.3, true.size)
    scaling = {"mean": 1.7, "sd": 0.7}
    claimed = 0.1  # three times too sure
    outputs = np.stack([(predicted - 1.7) / 0.7, np.full(true.size, np.log(claimed / 0.7))], axis=1)[None]
    assert sigma_scale(outputs, true, scaling) == pytest.approx(3.0, rel=0.03)


def test_measures_are_in_arcsec():
    outputs, target = torch.tensor([[1.0, 0.0], [0.0, 0.0]]), torch.tensor([0.0, 0.0])
    assert Regressor.measure(outputs, target, {"sd": 0.5, "mean": 9}) == pytest.approx(
        {"val_rmse": np.sqrt(0.125), "val_bias": 0.25}
    )
