"""What a network is: an ``nn.Module`` from arrays of one shape to arrays of another. It holds no loss.

A network is a file of this folder with a class ``Network``.
"""

from typing import Protocol

import torch


class Network(Protocol):
    """The interface of every network: ``Network(input_shape, output_shape)``, with fresh weights.

    Attributes
    ----------
    feature_layers : tuple of str
        Submodules whose outputs the figure of feature maps shows, in order.
    """

    feature_layers: tuple[str, ...]

    def __init__(self, input_shape: tuple[int, ...], output_shape: tuple[int, ...]) -> None: ...

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """From ``x`` [batch, *input_shape] to a tensor [batch, *output_shape]."""
