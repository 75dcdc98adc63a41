"""The plain network: convolution, activation, pooling, three times over; dropout; dense."""

from torch import nn


class Network(nn.Module):
    """Convolution, activation and pooling in turn, then dropout and dense layers.

    Parameters
    ----------
    input_shape : (int, int, int)
        Bands, height and width of the images; 16 pixels or more a side.
    output_shape : (int,)
        Numbers for each image.
    width : int
        Channels of the first convolution; later ones have twice as many.
    """

    feature_layers = ("conv1", "pool1", "conv2", "pool2", "conv3", "pool3")

    def __init__(self, input_shape, output_shape, width=32):
        super().__init__()
        bands, height, breadth = input_shape
        (outputs,) = output_shape
        self.conv1 = convolution(bands, width, size=5)
        self.pool1 = nn.MaxPool2d(2)
        self.conv2 = convolution(width, 2 * width, size=3)
        self.pool2 = nn.MaxPool2d(2)
        self.conv3 = convolution(2 * width, 2 * width, size=3)
        self.pool3 = nn.MaxPool2d(2)
        self.dropout = nn.Dropout(0.5)
        self.dense1 = nn.Linear(2 * width * (height // 8) * (breadth // 8), 4 * width)
        self.dense2 = nn.Linear(4 * width, outputs)

    def forward(self, x):  # [batch, band, y, x]
        """Outputs [batch, output] for images ``x`` (tensor [batch, band, y, x])."""
        x = self.pool1(self.conv1(x))  # [batch, width, y/2, x/2]
        x = self.pool2(self.conv2(x))  # [batch, 2 width, y/4, x/4]
        x = self.pool3(self.conv3(x))  # [batch, 2 width, y/8, x/8]
        x = self.dropout(x.flatten(1))  # [batch, 2 width * y/8 * x/8]
        return self.dense2(self.dense1(x).relu())  # [batch, output]


def convolution(inputs, outputs, *, size):
    """Convolution that keeps the image's size, normalisation over the batch, activation: an ``nn.Module``.

    Parameters
    ----------
    inputs, outputs : int
        Channels.
    size : int, pixels
        Of the kernel, odd.
    """
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, size, padding=size // 2, bias=False), nn.BatchNorm2d(outputs), nn.ReLU()
    )
