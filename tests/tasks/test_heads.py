"""Laws of one number against torch's and scipy's, and against their own densities."""

import numpy as np
import pytest
import torch
from scipy import integrate
from scipy.stats import norm

from lenspipe.tasks._heads import HEADS, quantiles_of

Z = np.linspace(-2.5, 2.5, 11)


@pytest.fixture(params=sorted(HEADS))
def name(request):
    if request.param == "flow":
        pytest.importorskip("zuko")
    return request.param


@pytest.fixture
def outputs(name):
    return torch.randn(6, HEADS[name].numbers, generator=torch.Generator().manual_seed(3), dtype=torch.float64)


def test_a_density_has_area_one_and_its_quantiles_bound_the_probabilities(name, outputs):
    quantiles = quantiles_of(name, outputs.numpy(), Z)
    assert quantiles.shape == (6, len(Z)) and (np.diff(quantiles, axis=1) > 0).all()
    y = torch.linspace(-60, 60, 400_001, dtype=torch.float64)
    for row, bounds in zip(outputs, quantiles, strict=True):
        below = integrate.cumulative_simpson(torch.exp(HEADS[name].log_prob(row[None], y)), x=y, initial=0)
        assert below[-1] == pytest.approx(1, abs=1e-4)
        np.testing.assert_allclose(np.interp(bounds, y, below), norm.cdf(Z), atol=1e-4)


def test_the_gradient_is_finite_however_far_the_outputs_and_the_target(name):
    for scale in (0.0, 30.0):
        outputs = scale * torch.randn(8, HEADS[name].numbers, generator=torch.Generator().manual_seed(1))
        outputs.requires_grad_(True)
        for target in (0.0, 9.0):
            loss = -HEADS[name].log_prob(outputs, torch.full((8,), target)).mean()
            (gradient,) = torch.autograd.grad(loss, outputs)
            assert torch.isfinite(loss) and torch.isfinite(gradient).all()


def test_a_head_may_say_a_unit_normal_law(name):
    """A mixture of equal ones; a flow with a straight spline."""
    outputs = torch.zeros(1, HEADS[name].numbers, dtype=torch.float64)
    y = torch.linspace(-3, 3, 7, dtype=torch.float64)
    got = HEADS[name].log_prob(outputs.expand(7, -1), y)
    np.testing.assert_allclose(got, norm.logpdf(y.numpy()), atol=1e-6)
    np.testing.assert_allclose(quantiles_of(name, outputs.numpy(), Z)[0], Z, atol=1e-5)


def test_a_law_can_learn_two_peaks():
    """Two radii that explain an image equally well: a normal law cannot say it."""
    pytest.importorskip("zuko")
    generator = torch.Generator().manual_seed(5)
    target = torch.where(torch.rand(1000, generator=generator) < 0.5, -1.2, 1.2)
    target = target + 0.3 * torch.randn(1000, generator=generator)
    losses = {}
    for name, head in HEADS.items():
        outputs = (0.1 * torch.randn(1, head.numbers, generator=generator)).requires_grad_(True)
        optimizer = torch.optim.Adam([outputs], lr=0.1)
        for _ in range(150):
            optimizer.zero_grad()
            loss = -head.log_prob(outputs.expand(1000, -1), target).mean()
            loss.backward()
            optimizer.step()
        losses[name] = loss.item()
    entropy = 0.5 * np.log(2 * np.pi * np.e * 0.3**2) + np.log(2)
    assert losses["mixture"] == pytest.approx(entropy, abs=0.05) and losses["flow"] == pytest.approx(entropy, abs=0.1)
    assert losses["gaussian"] > entropy + 0.4
