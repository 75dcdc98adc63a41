"""What every network promises, whichever it is."""

import inspect

import pytest
import torch

from lenspipe.families import NETWORKS
from lenspipe.learning.augmentation import d4_views
from lenspipe.learning.build import BuildError, build


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


def test_it_can_be_laid_out_as_images_are(name, image_input):
    network = image_input.place(build(name, (4, 45, 45), (1,)), torch.device("cpu")).eval()
    images = torch.randn(2, 4, 45, 45)
    torch.testing.assert_close(network(image_input.contiguous(images)), network(images), rtol=1e-4, atol=1e-4)


def test_an_answer_does_not_depend_on_its_neighbours_in_the_batch(name):
    torch.manual_seed(0)
    network = build(name, (4, 45, 45), (1,)).eval()
    images = torch.randn(6, 4, 45, 45)
    torch.testing.assert_close(network(images)[2:3], network(images[2:3]), rtol=1e-5, atol=1e-5)


def test_options_are_the_constructor_s(name):
    arguments = list(inspect.signature(NETWORKS[name].__init__).parameters.values())[3:]
    assert NETWORKS.options_of(name) == {argument.name: argument.default for argument in arguments}


def test_every_option_changes_the_network(name):
    """Twice as wide, deep and so on; half the dropout, or some."""
    images = torch.randn(8, 4, 48, 48)

    def answer(**options):
        torch.manual_seed(2)
        return build(name, (4, 48, 48), (1,), **options)(images)

    for option, value in NETWORKS.options_of(name).items():
        other = 2 * value
        if isinstance(value, float):
            other = value / 2 or 0.5
        elif option in ("stem_size", "kernel"):  # which are odd
            other = value + 2
        assert not torch.allclose(answer(**{option: other}), answer()), option


@pytest.mark.parametrize(
    ("name", "options"),
    [("vit", {"heads": 5}), ("feed_forward", {"dropout": 1.5}), ("cnn", {"depth": 3}), ("resnet", {"kernel": 4})],
)
def test_options_that_cannot_be_are_told_in_one_line(name, options):
    with pytest.raises(BuildError, match=rf"^{name} of \(4, 45, 45\) with .* cannot be built \([^\n]+\)$"):
        build(name, (4, 45, 45), (1,), **options)


@pytest.mark.parametrize("size", [16, 33, 45, 46, 64])
@pytest.mark.parametrize("options", [{}, {"width": 3, "depth": 1}], ids=str)
def test_an_equivariant_network_answers_the_same_for_all_views(size, options):
    torch.manual_seed(size)
    network = build("d4_resnet", (4, size, size), (2,), **options)
    images = torch.randn(3, 4, size, size)
    network(images)  # the normalisations' statistics are no longer the trivial ones
    network.eval()
    with torch.no_grad():
        answers = torch.stack([network(view) for view in d4_views(images)])
        maps = torch.stack([turned_back(network.stem(view), k) for k, view in enumerate(d4_views(images))])
    assert answers[0].std() > 100 * (answers - answers[0]).abs().max()
    torch.testing.assert_close(answers, answers[0].expand_as(answers), rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(maps, maps[0].expand_as(maps), rtol=1e-4, atol=1e-4)


def turned_back(maps, view):
    """Mean over the orientations of each channel, as it would be without the view: tensor [n, channel, y, x]."""
    mean = maps.unflatten(1, (-1, 8)).mean(dim=2)
    return torch.rot90(mean if view < 4 else mean.flip(-1), -(view % 4), dims=(-2, -1))


def test_a_network_without_equivariance_does_not():
    torch.manual_seed(1)
    network = build("resnet", (4, 45, 45), (1,)).eval()
    images = torch.randn(3, 4, 45, 45)
    with torch.no_grad():
        answers = torch.stack([network(view) for view in d4_views(images)])
    assert (answers - answers[0]).abs().max() > 0.01 * answers.std()
