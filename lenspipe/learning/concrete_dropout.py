"""Dropout whose rates are learned, and whose masks are drawn again for each view of an image (Monte Carlo dropout).

Gal, Hron & Kendall 2017, arXiv 1705.07832. A network with one mask is a draw from an approximate posterior of its
weights: the answers of several say how far the training objects determine them.
"""

from contextlib import contextmanager

import torch
from torch import nn

CONCRETE = "concrete"
START = 0.1  # rate before the training
TEMPERATURE = 0.1  # of the relaxed masks in training (their section 3)
LENGTH_SCALE = 1e-4  # of the weights' normal prior, as in the authors' experiments


def with_dropout(network, kind):
    """A network with dropout before its layers.

    Parameters
    ----------
    network : torch.nn.Module
        Its convolutions and dense layers are changed, but for the first layer, which sees the pixels, and for those
        within a transformer, whose weights torch may use without calling them.
    kind : str
        ``concrete``; with ``none`` the network stays as it is.

    Returns
    -------
    torch.nn.Module
    """
    if kind == CONCRETE:
        for name in _behind_the_first(network):
            network.set_submodule(name, ConcreteDropout(network.get_submodule(name)))
    return network


def _behind_the_first(network):
    """Names of convolutions and dense layers that do not see the pixels."""
    weighted = [
        (name, module)
        for name, module in network.named_modules()
        if name and any(weights.ndim > 1 for weights in module.parameters(recurse=False))
    ]
    within = [name for name, module in network.named_modules() if isinstance(module, nn.TransformerEncoderLayer)]
    return [
        name
        for name, module in weighted[1:]
        if isinstance(module, nn.Conv2d | nn.Linear) and not any(name.startswith(f"{one}.") for one in within)
    ]


class ConcreteDropout(nn.Module):
    """Dropout of whole channels before a layer, at a rate that is learned with the weights.

    Parameters
    ----------
    layer : torch.nn.Conv2d or torch.nn.Linear
    """

    def __init__(self, layer):
        super().__init__()
        self.layer = layer
        self.logit = nn.Parameter(torch.logit(torch.tensor(START)))
        self.channels = layer.in_channels if isinstance(layer, nn.Conv2d) else layer.in_features
        self.number = None  # of the mask; without one, the network that all masks have in the mean

    def forward(self, x):
        """Output of the layer for ``x`` (tensor [batch, channel, ...]), some of whose channels are dropped."""
        rate = torch.sigmoid(self.logit)
        if self.training:
            noise = torch.rand(x.shape[:2], device=x.device).clamp(1e-6, 1 - 1e-6)
            kept = torch.sigmoid((torch.logit(noise) - self.logit) / TEMPERATURE)
        elif self.number is not None:
            kept = (self.drawn().to(x.device) >= rate).float()
        else:
            return self.layer(x)
        scaled = (kept / (1 - rate)).to(x.dtype)
        return self.layer(x * scaled.reshape(*scaled.shape, *[1] * (x.ndim - scaled.ndim)))

    def drawn(self):
        """Uniform numbers, tensor [1, channel], that decide on the mask: the same for all objects and batches."""
        seeded = torch.Generator().manual_seed(self.number)
        return torch.rand(1, self.channels, generator=seeded)

    def divergence(self):
        """Kullback-Leibler divergence of the layer's masked weights from their prior, up to a constant: tensor [].

        Their appendix A: l^2 |W|^2 / (2 (1 - p)) - K H(p), with W the weights that see scaled inputs.
        """
        rate = torch.sigmoid(self.logit)
        entropy = -(rate * torch.log(rate) + (1 - rate) * torch.log1p(-rate))
        return LENGTH_SCALE**2 * self.layer.weight.square().sum() / (2 * (1 - rate)) - self.channels * entropy


def divergence(network):
    """Sum of the layers' divergences from their priors: tensor []; 0.0 for a ``network`` (torch.nn.Module) without."""
    return sum((one.divergence() for one in _dropouts(network)), start=0.0)


@contextmanager
def thinned(network, number):
    """Give a network one mask while the block runs. Yields None.

    Parameters
    ----------
    network : torch.nn.Module
        In evaluation mode. If it has no dropout of this kind, nothing happens.
    number : int
        Of the mask; with 0, the network is whole.
    """
    dropouts = _dropouts(network)
    for place, one in enumerate(dropouts):
        one.number = number * len(dropouts) + place if number else None
    try:
        yield
    finally:
        for one in dropouts:
            one.number = None


def _dropouts(network):
    return [module for module in network.modules() if isinstance(module, ConcreteDropout)]
