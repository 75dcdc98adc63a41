"""Losses and answers against torch's and scipy's own."""

import numpy as np
import pytest
import torch
from scipy.stats import norm

from lenspipe.models.tasks import Classifier, Regressor, radius, score, sigma_scale


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
