"""Dense layers on the pixels, which know nothing of their places: what a network gains by being convolutional."""

import itertools

from torch import nn


class Network(nn.Module):
    """The pixels in one row, then dense layers with normalisation, activation and dropout.

    Parameters
    ----------
    input_shape : (int, int, int)
        Bands, height and width of the images.
    output_shape : (int,)
        Numbers for each image.
    width : int
        Numbers that each dense layer makes.
    depth : int
        Dense layers before the last one.
    dropout : float
        Share of the numbers that each layer loses in training, from 0 to below 1.
    """

    feature_layers = ()  # no layer has a map

    def __init__(self, input_shape, output_shape, width=128, depth=2, dropout=0.5):
        super().__init__()
        bands, height, breadth = input_shape
        (outputs,) = output_shape
        sizes = [bands * height * breadth, *[width] * depth]
        layers = []
        for before, after in itertools.pairwise(sizes):
            layers += [nn.Linear(before, after, bias=False), nn.BatchNorm1d(after), nn.ReLU(), nn.Dropout(dropout)]
        self.layers = nn.Sequential(*layers)
        self.dense = nn.Linear(sizes[-1], outputs)

    def forward(self, x):  # [batch, band, y, x]
        """Outputs [batch, output] for images ``x`` (tensor [batch, band, y, x])."""
        return self.dense(self.layers(x.flatten(1)))
