"""What a network's outputs say about one standardised number: a normal law, a mixture of such laws, or a flow."""

import math
from importlib.util import find_spec

import numpy as np
import torch
from torch.distributions import Categorical, MixtureSameFamily, Normal

from lenspipe.errors import InputError

# Bounds on log sigma of the standardised target: a single outlier cannot break a training.
LOG_SIGMA = (-4.0, 2.0)
CONSTANT = 0.5 * math.log(2 * math.pi)
COMPONENTS = 3  # of a mixture
BINS, BOUND = 8, 5.0  # of a flow's spline, which is the identity beyond the bound
POINTS = 64  # of a flow's mean
FARTHEST = 12.0  # standard deviations of all targets; no quantile is sought beyond
HALVINGS = 40


class Gaussian:
    """A normal law: mean and log sigma."""

    numbers = 2

    def mean(self, outputs):
        """Mean, tensor [...], of ``outputs`` (tensor [..., numbers])."""
        return outputs[..., 0]

    def log_prob(self, outputs, target):
        """Log density, tensor [n], of ``target`` (tensor [n]), from ``outputs`` (tensor [n, numbers])."""
        mean, log_sigma = outputs[..., 0], outputs[..., 1].clamp(*LOG_SIGMA)
        return -0.5 * ((target - mean) * torch.exp(-log_sigma)) ** 2 - log_sigma - CONSTANT

    def quantiles(self, outputs, z):
        """Quantiles, tensor [..., z], of the laws of ``outputs`` (tensor [..., numbers]).

        ``z`` (tensor [z]) are the quantiles of a unit normal variable at the same probabilities.
        """
        mean, sigma = outputs[..., :1], torch.exp(outputs[..., 1:2].clamp(*LOG_SIGMA))
        return mean + sigma * z


class Mixture:
    """Three normal laws with weights: two solutions that both explain an image."""

    numbers = 3 * COMPONENTS

    def law(self, outputs):
        """torch's distribution [...] for ``outputs`` (tensor [..., numbers])."""
        weights, means, log_sigmas = outputs.split(COMPONENTS, dim=-1)
        return MixtureSameFamily(Categorical(logits=weights), Normal(means, torch.exp(log_sigmas.clamp(*LOG_SIGMA))))

    def mean(self, outputs):
        """Mean, tensor [...], of ``outputs`` (tensor [..., numbers])."""
        return self.law(outputs).mean

    def log_prob(self, outputs, target):
        """Log density, tensor [n], of ``target`` (tensor [n]), from ``outputs`` (tensor [n, numbers])."""
        return self.law(outputs).log_prob(target)

    def quantiles(self, outputs, z):
        """As of ``Gaussian``, tensor [..., z], of ``outputs`` at ``z``: by halving an interval."""
        law, wanted = self.law(outputs[..., None, :]), torch.special.ndtr(z)
        low = torch.full((*outputs.shape[:-1], len(z)), -FARTHEST, dtype=outputs.dtype)
        high = -low
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            below = law.cdf(middle) < wanted
            low, high = torch.where(below, middle, low), torch.where(below, high, middle)
        return (low + high) / 2


class Flow:
    """A unit normal variable, bent by a monotone rational-quadratic spline, moved and scaled: any law of one number.

    The network's outputs are the spline's own numbers, so that the flow has no weights besides the network's (Durkan et
    al. 2019, arXiv 1906.04032; zuko's implementation).
    """

    numbers = 2 + 3 * BINS - 1

    def parts(self, outputs):
        """Mean, sigma (tensors [...]) and zuko's spline, of ``outputs`` (tensor [..., numbers])."""
        from zuko.transforms import MonotonicRQSTransform  # an optional library

        normal, widths, heights, slopes = outputs.split([2, BINS, BINS, BINS - 1], dim=-1)
        sigma = torch.exp(normal[..., 1].clamp(*LOG_SIGMA))
        return normal[..., 0], sigma, MonotonicRQSTransform(widths, heights, slopes, bound=BOUND)

    def mean(self, outputs):
        """Mean over quantiles of equal probability, tensor [...], of ``outputs`` (tensor [..., numbers])."""
        levels = (torch.arange(POINTS, dtype=outputs.dtype) + 0.5) / POINTS
        return self.quantiles(outputs, torch.special.ndtri(levels)).mean(dim=-1)

    def log_prob(self, outputs, target):
        """Log density, tensor [n], of ``target`` (tensor [n]), from ``outputs`` (tensor [n, numbers])."""
        mean, sigma, spline = self.parts(outputs)
        z, log_slope = spline.call_and_ladj((target - mean) / sigma)
        return -0.5 * z**2 + log_slope - torch.log(sigma) - CONSTANT

    def quantiles(self, outputs, z):
        """As of ``Gaussian``, tensor [..., z], of ``outputs`` at ``z``."""
        mean, sigma, spline = self.parts(outputs[..., None, :])
        return mean + sigma * spline.inv(z.expand(*outputs.shape[:-1], len(z)))


HEADS = {"gaussian": Gaussian(), "mixture": Mixture(), "flow": Flow()}


def check_library(head):
    """InputError if the library of a ``head`` (str) is not installed here."""
    if head == "flow" and find_spec("zuko") is None:
        raise InputError("head flow: needs the library zuko; install it with pip install 'lenspipe[flow]'")


def quantiles_of(head, outputs, z):
    """Quantiles of a law.

    Parameters
    ----------
    head : str
        One of ``HEADS``.
    outputs : array [..., numbers]
    z : array [z]
        Of a unit normal variable.

    Returns
    -------
    array [..., z], float64
    """
    with torch.inference_mode():
        tensors = torch.from_numpy(np.asarray(outputs, np.float64)), torch.from_numpy(np.asarray(z, np.float64))
        return HEADS[head].quantiles(*tensors).numpy()
