"""Numbers of a network for many images: views, batches and precision."""

import pytest
import torch

from lenspipe.learning.build import build
from lenspipe.learning.inference import outputs

CPU = torch.device("cpu")


@pytest.fixture
def network():
    torch.manual_seed(3)
    return build("cnn", (2, 24, 24), (1,), width=4).eval().requires_grad_(False)


@pytest.fixture
def images():
    return torch.randn(20, 2, 24, 24, generator=torch.Generator().manual_seed(4))


def answers(network, images, image_input, batch_size=20, all_views=False, **options):
    return outputs(network, images, image_input, batch_size=batch_size, all_views=all_views, device=CPU, **options)


def test_the_first_of_eight_views_is_the_image_as_it_lies_and_batches_do_not_matter(network, images, image_input):
    one, eight = answers(network, images, image_input), answers(network, images, image_input, 7, True)
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
