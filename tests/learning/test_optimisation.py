import numpy as np
import pytest
import torch

from lenspipe.learning.optimisation import RunningMean, make_optimizer, step_size


def test_the_step_size_rises_then_falls_as_a_cosine():
    rates = np.array([step_size(step, 1000, 2e-3) for step in range(1000)])
    top = rates.argmax()
    assert rates.max() == pytest.approx(2e-3) and 45 <= top <= 55
    assert np.all(np.diff(rates[: top + 1]) > 0) and np.all(np.diff(rates[top + 1 :]) < 0)
    assert rates[-1] < 1e-7 and rates[525] == pytest.approx(1e-3, rel=0.01)


def test_the_running_mean_is_the_formula():
    network = torch.nn.Linear(1, 1, bias=False)
    mean, expected = RunningMean(network, 0.9), network.weight.item()
    for step, value in enumerate([1.0, -2.0, 5.0, 0.5] * 30):
        network.weight.data.fill_(value)
        mean.update(network)
        d = min(0.9, (1 + step) / (10 + step))
        expected = d * expected + (1 - d) * value
    assert mean.network.weight.item() == pytest.approx(expected, rel=1e-5)


def test_decay_zero_keeps_the_last_weights():
    network = torch.nn.BatchNorm1d(2)
    mean = RunningMean(network, 0.0)
    network(torch.randn(8, 2))
    mean.update(network)
    for name, value in network.state_dict().items():
        torch.testing.assert_close(mean.network.state_dict()[name], value)


def test_only_matrices_decay():
    network = torch.nn.Sequential(torch.nn.Conv2d(1, 2, 3), torch.nn.BatchNorm2d(2))
    decayed, free = make_optimizer(network, 0.1).param_groups
    assert decayed["weight_decay"] == 0.1 and [p.ndim for p in decayed["params"]] == [4]
    assert free["weight_decay"] == 0 and len(free["params"]) == 3
