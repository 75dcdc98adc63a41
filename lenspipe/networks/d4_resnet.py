"""A residual network whose answer is the same for all eight rotations and mirror images of an image.

Every filter is used in its eight orientations, and a map has eight orientations too, which the group permutes (group
convolutions: Cohen & Welling 2016, arXiv 1602.07576). The answer is the mean over places and orientations.
"""

import functools

import torch
from torch import nn
from torch.nn import functional as F

from lenspipe.networks.resnet import stage

ORDER = 8  # of the group: four rotations, mirrored or not


class Network(nn.Module):
    """The stages of ``resnet``, each convolution one of the group.

    Parameters
    ----------
    input_shape : (int, int, int)
        Bands, height and width of the images; 16 pixels or more a side. The weights depend on the bands alone.
    output_shape : (int,)
        Numbers for each image.
    width : int
        Channels of the first stage, each in eight orientations; each later stage has twice those of the one before.
    depth : int
        Residual blocks in each stage.
    """

    feature_layers = ("stem", "stage1", "stage2", "stage3", "stage4")

    def __init__(self, input_shape, output_shape, width=2, depth=2):
        super().__init__()
        bands, _, _ = input_shape
        (outputs,) = output_shape
        self.stem = nn.Sequential(GroupConvolution(bands, width, size=5, stride=2, lifting=True), nn.ReLU())
        blocks = {"depth": depth, "convolution": GroupConvolution}
        self.stage1 = stage(width, width, stride=1, **blocks)
        self.stage2 = stage(width, 2 * width, stride=2, **blocks)
        self.stage3 = stage(2 * width, 4 * width, stride=2, **blocks)
        self.stage4 = stage(4 * width, 8 * width, stride=2, **blocks)
        self.dense = nn.Linear(8 * width, outputs)

    def forward(self, x):  # [batch, band, y, x]
        """Outputs [batch, output] for images ``x`` (tensor [batch, band, y, x])."""
        x = self.stage1(self.stem(x))  # [batch, width * 8, y/2, x/2]
        x = self.stage4(self.stage3(self.stage2(x)))  # [batch, 8 width * 8, y/16, x/16]
        return self.dense(x.unflatten(1, (-1, ORDER)).mean(dim=(2, 3, 4), dtype=torch.float32))  # [batch, output]


class GroupConvolution(nn.Module):
    """Convolution with filters in eight orientations, and normalisation that all orientations share.

    Parameters
    ----------
    inputs, outputs : int
        Channels, each in eight orientations; of ``inputs`` without orientation if ``lifting``.
    size : int, pixels
        Of the filters, odd.
    stride : int
        1 or 2. With 2, the places that stay are symmetric about the image's centre, which an even side allows only
        after averaging two neighbours.
    lifting : bool
        The input is an image.
    """

    def __init__(self, inputs, outputs, *, size, stride, lifting=False):
        super().__init__()
        self.stride, self.padding = stride, size // 2
        self.orientations = 1 if lifting else ORDER
        spread = (2 / (inputs * self.orientations * size**2)) ** 0.5  # He et al. 2015, for the ReLU behind
        self.filters = nn.Parameter(spread * torch.randn(outputs, inputs * self.orientations, size, size))
        self.norm = nn.BatchNorm3d(outputs)
        self.order = [[0]] * ORDER if lifting else relative_orientations()

    def weight(self):
        """All orientations of the filters: tensor [outputs * 8, inputs * orientations, size, size].

        Orientation g of an output looks at orientation h of an input with filter g^-1 h, turned by g.
        """
        turned = orientations(self.filters.unflatten(1, (-1, self.orientations)))
        views = [view[:, :, order] for view, order in zip(turned, self.order, strict=True)]
        return torch.stack(views, dim=1).flatten(2, 3).flatten(0, 1)

    def forward(self, x):
        """Feature maps of ``x`` (tensor [batch, inputs * orientations, y, x]).

        Returns
        -------
        tensor [batch, outputs * 8, y/stride, x/stride]
        """
        if self.stride == 2:
            x = F.avg_pool2d(x, [2 - side % 2 for side in x.shape[-2:]], stride=1)
        x = F.conv2d(x, self.weight(), stride=self.stride, padding=self.padding)
        return self.norm(x.unflatten(1, (-1, ORDER))).flatten(1, 2)


def orientations(filters):
    """The eight rotations and mirror images: list of 8 tensors [..., y, x], of ``filters``, tensor [..., y, x]."""
    turned = [torch.rot90(filters, quarters, dims=(-2, -1)) for quarters in range(4)]
    return turned + [filter.flip(-1) for filter in turned]


@functools.cache
def relative_orientations():
    """g^-1 h for all g and h, by their places in ``orientations``: list [g] of list [h] of int.

    Each view is found by what it makes of a picture without symmetry.
    """
    picture = torch.arange(9, device="cpu").reshape(3, 3)  # also where weights are laid out on no device
    views = orientations(picture)
    table = [[0] * ORDER for _ in range(ORDER)]
    for first in range(ORDER):
        for second in range(ORDER):
            both = orientations(views[second])[first]  # the second, then the first
            product = next(k for k, view in enumerate(views) if torch.equal(view, both))
            table[first][product] = second  # first^-1 product = second
    return table
