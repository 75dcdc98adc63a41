import pytest
import torch

from lenspipe.learning.build import build
from lenspipe.learning.checkpoint import Checkpoint
from lenspipe.learning.stretch import Stretch


@pytest.fixture
def classifier():
    """An untrained classifier of two-band images of 24 pixels."""
    torch.manual_seed(1)
    arguments = {"num_bands": 2, "num_pix": 24, "num_outputs": 1, "width": 4}
    return Checkpoint(
        network=build("cnn", **arguments).eval().requires_grad_(False),
        network_name="cnn",
        arguments=arguments,
        task="classifier",
        bands=("g", "r"),
        num_pix=24,
        pixel_scale=0.263,
        magnitude_zero_point=30.0,
        unit="counts",
        stretch=Stretch((10.0, 11.0), (0.1, 0.2), (0.9, 0.8)),
        scaling={"mean": 0.0, "sd": 1.0},
        sigma_scale={},
        best_epoch=3,
        seed=1,
    )
