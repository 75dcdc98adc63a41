"""What every network promises, whichever it is."""

import pytest
import torch

from lenspipe.families import NETWORKS
from lenspipe.learning.build import build


@pytest.fixture(params=sorted(NETWORKS))
def name(request):
    return request.param


@pytest.mark.parametrize(
    ("input_shape", "output_shape"),
    [((1, 16, 16), (1,)), ((4, 45, 45), (2,)), ((5, 64, 64), (1,)), ((2, 24, 40), (3,))],
)
def test_any_bands_and_size_go_in_and_the_task_s_numbers_come_out(name, input_shape, output_shape):
    network = build(name, input_shape, output_shape).eval()
    assert network(torch.zeros(3, *input_shape)).shape == (3, *output_shape)


def test_feature_layers_exist_are_maps_and_come_in_order(name):
    network = build(name, (4, 45, 45), (1,)).eval()
    seen = []
    for layer in network.feature_layers:
        module = network.get_submodule(layer)
        module.register_forward_hook(lambda _, inputs, output, layer=layer: seen.append((layer, output.shape)))
    network(torch.zeros(2, 4, 45, 45))
    assert [layer for layer, _ in seen] == list(network.feature_layers)
    sides = [shape[-1] for _, shape in seen]
    assert all(len(shape) == 4 for _, shape in seen) and sides == sorted(sides, reverse=True)


def test_the_same_random_state_gives_the_same_weights(name):
    networks = []
    for _ in range(2):
        torch.manual_seed(5)
        networks.append(build(name, (4, 45, 45), (1,)).state_dict())
    assert all(torch.equal(a, b) for a, b in zip(*(n.values() for n in networks), strict=True))


def test_every_weight_takes_part(name):
    network = build(name, (4, 45, 45), (2,))
    network(torch.randn(8, 4, 45, 45)).square().sum().backward()
    idle = [n for n, p in network.named_parameters() if p.grad is None or not p.grad.abs().sum() > 0]
    assert not idle


def test_an_answer_does_not_depend_on_its_neighbours_in_the_batch(name):
    torch.manual_seed(0)
    network = build(name, (4, 45, 45), (1,)).eval()
    images = torch.randn(6, 4, 45, 45)
    torch.testing.assert_close(network(images)[2:3], network(images[2:3]), rtol=1e-5, atol=1e-5)
