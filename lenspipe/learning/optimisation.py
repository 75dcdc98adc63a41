"""Optimizer, learning-rate schedule, and running mean of the weights."""

import copy
import math

import torch

WARM_UP = 0.05  # of all steps


def make_optimizer(network, weight_decay):
    """AdamW without weight decay of biases and normalisations.

    Parameters
    ----------
    network : torch.nn.Module
    weight_decay : float

    Returns
    -------
    torch.optim.AdamW

    Source: Loshchilov & Hutter 2019, arXiv 1711.05101.
    """
    decayed = [p for p in network.parameters() if p.ndim > 1]
    free = [p for p in network.parameters() if p.ndim <= 1]
    groups = [{"params": decayed, "weight_decay": weight_decay}, {"params": free, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=0.0, fused=True)


def step_size(step, steps, peak):
    """Linear rise over the first 5 % of the steps, then half a cosine down to almost 0.

    Parameters
    ----------
    step : int
        From 0 to ``steps - 1``.
    steps : int
    peak : float

    Returns
    -------
    float
    """
    warm = max(1, round(WARM_UP * steps))
    if step < warm:
        return peak * (step + 1) / warm
    return peak * 0.5 * (1 + math.cos(math.pi * (step - warm + 1) / (steps - warm + 1)))


class RunningMean:
    """Exponential running mean of a network's weights and of the statistics of its normalisations.

    mean <- d mean + (1 - d) weights, with d = min(decay, (1 + t) / (10 + t)) at step t = 0, 1, ...: short at first, so
    that the first weights do not dominate a short training. decay 0 keeps the last weights.

    Parameters
    ----------
    network : torch.nn.Module
    decay : float
        Per step.
    """

    def __init__(self, network, decay):
        self.network = copy.deepcopy(network).eval().requires_grad_(False)
        self.decay = decay
        self.step = 0

    @torch.no_grad()
    def update(self, network):
        """Include the weights of ``network`` (torch.nn.Module) after one more step."""
        d = min(self.decay, (1 + self.step) / (10 + self.step))
        self.step += 1
        for mean, now in zip(self.network.state_dict().values(), network.state_dict().values(), strict=True):
            if mean.is_floating_point():
                mean.lerp_(now, 1 - d)
            else:
                mean.copy_(now)
