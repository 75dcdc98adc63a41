"""LeNet-5 (LeCun et al. 1998, Proc. IEEE 86, 2278), with its successors' activation and pooling."""

from torch import nn


class Network(nn.Module):
    """Convolution, activation and pooling twice, then three dense layers.

    Parameters
    ----------
    input_shape : (int, int, int)
        Bands, height and width of the images; 16 pixels or more a side.
    output_shape : (int,)
        Numbers for each image.
    width : int
        Channels of the first convolution, 6 in the original; the other layers grow with it.
    """

    feature_layers = ("conv1", "pool1", "conv2", "pool2")

    def __init__(self, input_shape, output_shape, width=6):
        super().__init__()
        bands, height, breadth = input_shape
        (outputs,) = output_shape
        second, dense1, dense2 = (round(width * channels / 6) for channels in (16, 120, 84))
        self.conv1 = nn.Sequential(nn.Conv2d(bands, width, 5, padding=2), nn.ReLU())
        self.pool1 = nn.MaxPool2d(2)
        self.conv2 = nn.Sequential(nn.Conv2d(width, second, 5), nn.ReLU())
        self.pool2 = nn.MaxPool2d(2)
        height, breadth = ((side // 2 - 4) // 2 for side in (height, breadth))
        self.dense1 = nn.Linear(second * height * breadth, dense1)
        self.dense2 = nn.Linear(dense1, dense2)
        self.dense3 = nn.Linear(dense2, outputs)

    def forward(self, x):  # [batch, band, y, x]
        """Outputs [batch, output] for images ``x`` (tensor [batch, band, y, x])."""
        x = self.pool1(self.conv1(x))  # [batch, width, y/2, x/2]
        x = self.pool2(self.conv2(x))  # [batch, second, y/4 - 2, x/4 - 2]
        x = self.dense1(x.flatten(1)).relu()
        return self.dense3(self.dense2(x).relu())  # [batch, output]
