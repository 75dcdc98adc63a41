"""Attribution of a classifier's logit to pixels: integrated gradients."""

from dataclasses import replace

import numpy as np
import torch

STEPS = 32  # of the integral: leaves an error of some hundredths of a logit
FEW_STEPS = 4  # enough for untrained networks, which are nearly linear
BATCH = 128  # images, of one object or of several, that are at the network at once


def integrated_gradients(checkpoint, images, steps=STEPS):
    """Share of the logit that each pixel of an image has, against an empty image.

    The gradient of the logit, averaged over images on the straight line (after the stretch) from an image of no light
    and no noise to the image itself, times their difference. Over all pixels it adds up to the difference of the two
    logits: shares of it mean something, and no window blurs it, as occlusion's would, which is wider than an arc.
    Against the same object without its source everything would lie on the arc by construction.

    Parameters
    ----------
    checkpoint : Checkpoint
        Of a classifier, on the CPU; if it predicts kinds, the logit is that of the score, lens against all other kinds.
    images : array [n, band, y, x], counts
        One view, although a score may be the mean of eight.
    steps : int
        Of a Gauss-Legendre quadrature.

    Returns
    -------
    maps : array [n, band, y, x], float32
    logits : array [n]
        Of the images.
    empty : float
        Logit of the empty image.

    Source: Sundararajan, Taly & Yan 2017, arXiv 1703.01365, equation 1; captum's implementation.
    """
    from captum.attr import IntegratedGradients  # takes half a second

    def logit(x):
        return checkpoint.task.logit(checkpoint.network(x))

    explain = IntegratedGradients(logit)
    start = checkpoint.input.tensor(np.zeros_like(images[:1]))
    stretched = checkpoint.input.tensor(images)
    maps = [
        explain.attribute(batch, start, n_steps=steps, method="gausslegendre")
        for batch in stretched.split(max(1, BATCH // steps))
    ]
    with torch.no_grad():
        return torch.cat(maps).float().numpy(), logit(stretched).numpy(), float(logit(start))


def untrained(checkpoint, seed):
    """The same checkpoint with random weights.

    Parameters
    ----------
    checkpoint : Checkpoint
    seed : int
        Of the weights.

    Returns
    -------
    Checkpoint
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = checkpoint.untrained()
    return replace(checkpoint, network=network.eval().requires_grad_(False))
