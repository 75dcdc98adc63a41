from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch

from lenspipe.diagnostics.attribution import shares_on
from lenspipe.explain.integrated_gradients import integrated_gradients, untrained


@pytest.fixture
def images():
    return np.random.default_rng(0).normal(20, 40, (5, 2, 24, 24)).astype(np.float32)


def test_all_of_a_map_adds_up_to_the_difference_of_the_logits(classifier, images):
    maps, logits, empty = integrated_gradients(classifier, images, steps=200)
    assert maps.shape == images.shape
    x = classifier.input.tensor(np.concatenate([images, np.zeros_like(images[:1])]))
    expected = classifier.network(x)[:, 0].numpy()
    np.testing.assert_allclose([*logits, empty], expected, atol=1e-5)
    difference = logits - empty
    np.testing.assert_allclose(maps.sum(axis=(1, 2, 3)), difference, atol=0.02 * np.abs(difference).max())


class LooksAt(torch.nn.Module):
    """A network whose logit is made of some pixels alone, by a formula that bends."""

    def __init__(self, pixels):
        super().__init__()
        self.pixels = torch.from_numpy(pixels)

    def forward(self, x):
        return (x * self.pixels).sum(dim=(1, 2, 3), keepdim=True)[:, :, 0, 0] ** 3


def test_a_network_that_looks_at_some_pixels_has_all_of_its_attribution_there(classifier, images):
    pixels = np.zeros((24, 24), np.float32)
    pixels[3:7, 10:15] = 1
    maps, logits, empty = integrated_gradients(replace(classifier, network=LooksAt(pixels)), images)
    assert not maps[:, :, pixels == 0].any() and (np.abs(maps).sum(axis=(1, 2, 3)) > 0).all()
    np.testing.assert_allclose(maps.sum(axis=(1, 2, 3)), logits - empty, rtol=1e-4)


def test_a_network_with_random_weights_puts_on_the_arc_what_chance_gives(classifier):
    """Adebayo et al. 2018: what is left of an explanation when the weights are random was never one."""
    rng = np.random.default_rng(3)
    noise = rng.normal(0, 10, (60, 2, 24, 24)).astype(np.float32)
    pixels = np.zeros((60, 24, 24), bool)
    for k in range(60):
        x, y = rng.integers(4, 18, 2)
        pixels[k, y : y + 4, x : x + 3] = True
    shares = pd.concat(
        [shares_on(integrated_gradients(untrained(classifier, seed), noise, 8)[0], pixels) for seed in range(5)]
    )
    for part in ("positive", "absolute"):
        over = (shares[part] - shares[f"{part}_turned"]).to_numpy()
        assert abs(over.mean()) < 3 * over.std() / np.sqrt(len(over))
        assert shares[part].mean() < 3 * shares["area"].mean()


def test_untrained_weights_follow_the_seed_and_leave_other_random_numbers_alone(classifier):
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    one, again, other = (untrained(classifier, seed).network.state_dict() for seed in (1, 1, 2))
    torch.testing.assert_close(torch.rand(3), expected, rtol=0, atol=0)
    assert all(torch.equal(one[name], again[name]) for name in one)
    assert not torch.equal(one["conv1.0.weight"], other["conv1.0.weight"])
