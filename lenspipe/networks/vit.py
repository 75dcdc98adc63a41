"""A vision transformer (Dosovitskiy et al. 2021, arXiv 2010.11929) with small patches, for small images."""

import torch
from torch import nn
from torch.nn import functional as F


class Network(nn.Module):
    """Patches become tokens with a learned place; layers of attention; the mean over the tokens; dense.

    An image whose side is no multiple of the patch gets a border of 0, mean sky, on its far sides.

    Parameters
    ----------
    input_shape : (int, int, int)
        Bands, height and width of the images.
    output_shape : (int,)
        Numbers for each image.
    width : int
        Numbers of a token; a multiple of ``heads``.
    depth : int
        Layers of attention.
    heads : int
        Of each layer.
    patch : int, pixels
        Side of a patch.
    dropout : float
        Share of a layer's numbers that are lost in training, from 0 to below 1.
    """

    feature_layers = ("patches",)

    def __init__(self, input_shape, output_shape, width=64, depth=4, heads=4, patch=5, dropout=0.1):
        super().__init__()
        bands, height, breadth = input_shape
        (outputs,) = output_shape
        self.border = (0, -breadth % patch, 0, -height % patch)  # pixels right, and at the far side in y
        tokens = -(-height // patch) * -(-breadth // patch)
        self.patches = nn.Conv2d(bands, width, patch, stride=patch)
        self.places = nn.Parameter(0.02 * torch.randn(1, tokens, width))
        layers = [
            nn.TransformerEncoderLayer(
                width, heads, 4 * width, dropout, activation="gelu", batch_first=True, norm_first=True
            )
            for _ in range(depth)
        ]
        self.layers = nn.Sequential(*layers)
        self.norm = nn.LayerNorm(width)
        self.dense = nn.Linear(width, outputs)

    def forward(self, x):  # [batch, band, y, x]
        """Outputs [batch, output] for images ``x`` (tensor [batch, band, y, x])."""
        x = self.patches(F.pad(x, self.border))  # [batch, width, y/patch, x/patch]
        x = x.flatten(2).transpose(1, 2) + self.places  # [batch, token, width]
        return self.dense(self.norm(self.layers(x)).mean(dim=1))  # [batch, output]
