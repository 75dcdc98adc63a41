"""A tiny network that is told to tell real stamps from simulated ones, judged on stamps that it never saw."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from lenspipe.learning.augmentation import Augmenter, d4_views
from lenspipe.learning.optimisation import make_optimizer, step_size

STEPS = 150
BATCH = 32  # images of each class in a step
PEAK = 5e-3  # step size of AdamW
DECAY = 1e-2  # of its weights
SIZES = (5, 3, 3)  # of the kernels
SHIFT = 1  # pixels, largest


class Discriminator(nn.Module):
    """Three convolutions, each of which halves the image; mean and maximum over what is left; dense.

    Parameters
    ----------
    num_bands : int
    width : int
        Channels of the first convolution; the others have twice as many.
    """

    def __init__(self, num_bands, width=16):
        super().__init__()
        channels = (num_bands, width, 2 * width, 2 * width)
        self.convolutions = nn.ModuleList(
            nn.Sequential(nn.Conv2d(a, b, size, 2, padding=size // 2, bias=False), nn.BatchNorm2d(b), nn.ReLU())
            for a, b, size in zip(channels[:-1], channels[1:], SIZES, strict=True)
        )
        self.dense = nn.Linear(4 * width, 1)

    def forward(self, x):  # [batch, band, y, x]
        for convolution in self.convolutions:
            x = convolution(x)  # [batch, channel, y / 2, x / 2]
        return self.dense(torch.cat([x.mean(dim=(2, 3)), x.amax(dim=(2, 3))], dim=1))[:, 0]  # [batch]


def judge(images, is_real, fold, seed, threads=1):
    """Logit of each stamp from a network that saw the other folds.

    All views of a stamp are in its own fold: no network is asked about a stamp that it saw turned or mirrored.

    Parameters
    ----------
    images : array [n, band, y, x], float32
    is_real : bool array [n]
    fold : int array [n]
    seed : int
        Of first weights, order and augmentation.
    threads : int
        Folds at a time; changes no answer.

    Returns
    -------
    array [n], float64
        Mean over the eight rotations and mirror images.
    """
    pixels, target = torch.from_numpy(np.ascontiguousarray(images)), torch.from_numpy(np.asarray(is_real, np.float32))
    numbers = np.unique(fold)
    networks = [_fresh(images.shape[1], seed + int(k)) for k in numbers]

    def of_fold(k, network):
        torch.set_num_threads(1)  # of this thread: the networks are too small to share one among cores
        seen, judged = (torch.from_numpy(np.flatnonzero(which)) for which in (fold != k, fold == k))
        mean = pixels[seen].mean(dim=(0, 2, 3), keepdim=True)
        sd = pixels[seen].std(dim=(0, 2, 3), keepdim=True).clamp_min(1e-6)
        scaled = (pixels - mean) / sd
        train(network, scaled[seen], target[seen], seed + int(k))
        with torch.inference_mode():
            return torch.stack([network(view) for view in d4_views(scaled[judged])]).double().mean(dim=0).numpy()

    with ThreadPoolExecutor(threads) as pool:
        found = list(pool.map(of_fold, numbers, networks))
    logits = np.zeros(len(images))
    for k, answers in zip(numbers, found, strict=True):
        logits[fold == k] = answers
    return logits


def _fresh(num_bands, seed):
    """A network with first weights of its own, and torch's random state as it was."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return Discriminator(num_bands)


def train(network, images, target, seed):
    """Train a network on as many real as simulated images in each step.

    Parameters
    ----------
    network : Discriminator
        Ends in evaluation mode.
    images : tensor [n, band, y, x]
        Of mean 0 and standard deviation 1.
    target : tensor [n]
        1 for real ones, 0 for simulated ones.
    seed : int
        Of order and augmentation.
    """
    generator = torch.Generator().manual_seed(seed)
    optimizer, augment = make_optimizer(network, DECAY), Augmenter(images.shape[-1], SHIFT)
    images = images.permute(0, 2, 3, 1).contiguous()  # [n, y, x, band]
    classes = [torch.nonzero(target == label)[:, 0] for label in (1, 0)]
    labels = torch.cat([torch.ones(BATCH), torch.zeros(BATCH)])
    for step in range(STEPS):
        for group in optimizer.param_groups:
            group["lr"] = step_size(step, STEPS, PEAK)
        drawn = [places[torch.randint(len(places), (BATCH,), generator=generator)] for places in classes]
        logits = network(augment(images[torch.cat(drawn)], generator))
        optimizer.zero_grad()
        F.binary_cross_entropy_with_logits(logits, labels).backward()
        optimizer.step()
    network.eval()
