import pytest
import torch

from lenspipe.learning.build import build
from lenspipe.learning.checkpoint import Checkpoint
from lenspipe.learning.image_input import ImageInput
from lenspipe.learning.image_spec import ImageSpec
from lenspipe.learning.stretch import Stretch
from lenspipe.tasks import is_lens


@pytest.fixture
def image_input():
    """Two-band images of 24 pixels."""
    spec = ImageSpec(("g", "r"), num_pix=24, pixel_scale=0.263, magnitude_zero_point=30.0, unit="counts")
    return ImageInput(spec, Stretch((10.0, 11.0), (0.1, 0.2), (0.9, 0.8)))


@pytest.fixture
def classifier(image_input):
    """An untrained classifier."""
    torch.manual_seed(1)
    network = build("cnn", image_input.shape, is_lens.Task.output_shape, width=4)
    return Checkpoint(
        network=network.eval().requires_grad_(False),
        network_name="cnn",
        task_name="is_lens",
        task=is_lens.Task(),
        input=image_input,
        best_epoch=3,
        seed=1,
        options={"width": 4},
    )
