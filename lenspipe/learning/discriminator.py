"""A tiny network that separates real stamps from simulated ones, cross-validated by stamp."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from lenspipe.learning.augmentation import Augmenter, d4_views
from lenspipe.learning.optimisation import make_optimizer, step_size

STEPS = 150
BATCH = 32  # images of each class in a step
PEAK = 5e-3  # largest learning rate of AdamW
DECAY = 1e-2  # weight decay
SIZES = (5, 3, 3)  # of the kernels, in pixels
SHIFT = 1  # largest shift of the augmentation, in pixels


class Discriminator(nn.Module):
    """Three convolutions with stride 2, mean and maximum over the remaining pixels, one dense layer.

    Parameters
    ----------
    num_bands : int
        Bands of the images.
    width : int
        Channels of the first convolution; later ones have twice as many.
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
        """Logits [batch] of images ``x`` (tensor [batch, band, y, x]); higher is more real."""
        for convolution in self.convolutions:
            x = convolution(x)  # [batch, channel, y / 2, x / 2]
        return self.dense(torch.cat([x.mean(dim=(2, 3)), x.amax(dim=(2, 3))], dim=1))[:, 0]  # [batch]


def cross_validated_logits(images, is_real, fold, *, seed, threads=1):
    """Logit of each stamp from a network trained on the other folds.

    Rotations and mirror images of a stamp belong to its fold, so no network scores a stamp that it was trained on.

    Parameters
    ----------
    images : array [n, band, y, x], float32
    is_real : bool array [n]
    fold : int array [n]
    seed : int
        Seed of initial weights, order and augmentation.
    threads : int
        Folds trained at a time; does not change the result.

    Returns
    -------
    array [n], float64
        Mean over the eight rotations and mirror images.
    """
    pixels, target = torch.from_numpy(np.ascontiguousarray(images)), torch.from_numpy(np.asarray(is_real, np.float32))
    folds = np.unique(fold)
    networks = [_new_network(images.shape[1], seed + int(k)) for k in folds]

    def train_and_test(k, network):
        torch.set_num_threads(1)  # of this thread: the networks are too small to share one among cores
        training, test = (torch.from_numpy(np.flatnonzero(mask)) for mask in (fold != k, fold == k))
        mean = pixels[training].mean(dim=(0, 2, 3), keepdim=True)
        sd = pixels[training].std(dim=(0, 2, 3), keepdim=True).clamp_min(1e-6)
        scaled = (pixels - mean) / sd
        train(network, scaled[training], target[training], seed=seed + int(k))
        with torch.inference_mode():
            return torch.stack([network(view) for view in d4_views(scaled[test])]).double().mean(dim=0).numpy()

    with ThreadPoolExecutor(threads) as pool:
        results = list(pool.map(train_and_test, folds, networks))
    logits = np.zeros(len(images))
    for k, result in zip(folds, results, strict=True):
        logits[fold == k] = result
    return logits


def _new_network(num_bands, seed):
    """A network with initial weights from the seed; torch's global random state does not change."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return Discriminator(num_bands)


def train(network, images, target, *, seed):
    """Train a network, with as many real as simulated images in each step.

    Parameters
    ----------
    network : Discriminator
        Left in evaluation mode.
    images : tensor [n, band, y, x]
        Mean 0 and standard deviation 1 in each band.
    target : tensor [n]
        1 for real, 0 for simulated images.
    seed : int
        Seed of order and augmentation.
    """
    generator = torch.Generator().manual_seed(seed)
    optimizer, augment = make_optimizer(network, DECAY), Augmenter(images.shape[-1], SHIFT)
    images = images.permute(0, 2, 3, 1).contiguous()  # [n, y, x, band]
    classes = [torch.nonzero(target == label)[:, 0] for label in (1, 0)]
    labels = torch.cat([torch.ones(BATCH), torch.zeros(BATCH)])
    for step in range(STEPS):
        for group in optimizer.param_groups:
            group["lr"] = step_size(step, STEPS, PEAK)
        drawn = [rows[torch.randint(len(rows), (BATCH,), generator=generator)] for rows in classes]
        logits = network(augment(images[torch.cat(drawn)], generator))
        optimizer.zero_grad()
        F.binary_cross_entropy_with_logits(logits, labels).backward()
        optimizer.step()
    network.eval()
