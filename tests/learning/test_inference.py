"""Numbers of a network for many images: views, batches and precision."""

import pytest
import torch
from torch import nn

from lenspipe.learning.build import build
from lenspipe.learning.inference import ALL_VIEWS, FIRST_VIEW, answers_of, for_answers, outputs

CPU = torch.device("cpu")


@pytest.fixture
def network():
    torch.manual_seed(3)
    return build("cnn", (2, 24, 24), (1,), width=4).eval().requires_grad_(False)


@pytest.fixture
def images():
    return torch.randn(20, 2, 24, 24, generator=torch.Generator().manual_seed(4))


def answers(network, images, image_input, batch_size=20, views=FIRST_VIEW, **options):
    return outputs(network, images, image_input, batch_size=batch_size, views=views, device=CPU, **options)


def test_the_first_of_eight_views_is_the_image_as_it_lies_and_batches_do_not_matter(network, images, image_input):
    one, eight = answers(network, images, image_input), answers(network, images, image_input, 7, ALL_VIEWS)
    assert one.shape == (1, 20, 1) and eight.shape == (8, 20, 1)
    torch.testing.assert_close(eight[0], one[0])
    turned = answers(network, torch.rot90(images, 1, dims=(-2, -1)), image_input)
    torch.testing.assert_close(eight[1], turned[0])


def test_bfloat16_is_coarse_and_asked_for_alone(network, images, image_input):
    exact, coarse = (answers(network, images, image_input, bf16=bf16) for bf16 in (False, True))
    assert coarse.dtype == exact.dtype == torch.float32
    error = (coarse - exact).abs().max() / exact.abs().max()
    assert 1e-5 < error < 0.05
    torch.testing.assert_close(exact[0], network(images))


@pytest.mark.parametrize("name", ["cnn", "resnet", "d4_resnet", "vit", "lenet", "feed_forward"])
def test_a_network_for_answers_gives_the_same_ones_to_rounding(name, image_input):
    torch.manual_seed(5)
    network = build(name, (2, 24, 24), (3,))
    images = torch.randn(64, 2, 24, 24)
    with torch.no_grad():
        network(images)  # the normalisations' statistics are no longer the trivial ones
    network.eval()
    before = {key: tensor.clone() for key, tensor in network.state_dict().items()}
    exact, faster = (answers(one, images, image_input) for one in (network, for_answers(network)))
    torch.testing.assert_close(faster, exact, rtol=1e-4, atol=1e-4)
    assert all(torch.equal(tensor, network.state_dict()[key]) for key, tensor in before.items())


POOLS = ({"kernel_size": 2}, {"kernel_size": (2, 2), "stride": (2, 2)})
OTHER_POOLS = ({"kernel_size": 3}, {"kernel_size": 2, "stride": 1}, {"kernel_size": 2, "ceil_mode": True})


@pytest.mark.parametrize("pool", [*POOLS, *OTHER_POOLS], ids=str)
def test_the_largest_pixels_are_those_of_torch(pool):
    """To the last bit, of images with odd sides, too; and every other kind of pooling stays torch's."""
    network = nn.Sequential(nn.Conv2d(2, 4, 3), nn.ReLU(), nn.MaxPool2d(**pool)).eval()
    faster = for_answers(network)
    assert isinstance(faster[2], nn.MaxPool2d) == (pool in OTHER_POOLS)
    for sides in ((24, 24), (25, 28), (28, 25), (31, 33)):
        images = torch.randn(3, 2, *sides, generator=torch.Generator().manual_seed(7))
        with torch.inference_mode():
            assert torch.equal(faster(images), network(images))


def test_half_precision_before_the_last_layer_makes_no_two_scores_equal(image_input):
    torch.manual_seed(6)
    network = build("resnet", (2, 24, 24), (1,)).eval()
    images = torch.randn(512, 2, 24, 24)
    options = {"batch_size": 64, "views": FIRST_VIEW, "device": CPU, "bf16": True}
    half, kept = (outputs(one, images, image_input, **options)[0, :, 0] for one in (network, for_answers(network)))
    assert len(kept.unique()) == 512 > len(half.unique())
    exact = answers(network, images, image_input)[0, :, 0]
    assert (kept - exact).abs().max() < 0.1 * exact.std()


def test_answers_do_not_depend_on_the_batches(network, images, image_input):
    faster = for_answers(network)
    one, other = (answers_of(faster, images, image_input, batch_size=n, views=ALL_VIEWS, device=CPU) for n in (20, 3))
    torch.testing.assert_close(one, other, rtol=1e-3, atol=1e-3)
