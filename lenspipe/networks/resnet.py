"""A narrow ResNet-18 (He et al. 2016, arXiv 1512.03385): a quarter of its channels, no pooling after the stem."""

import torch
from torch import nn


class Network(nn.Module):
    """Four stages of residual blocks, mean over the image, dense.

    Parameters
    ----------
    input_shape : (int, int, int)
        Bands, height and width of the images; 16 pixels or more a side. The weights depend on the bands alone.
    output_shape : (int,)
        Numbers for each image.
    width : int
        Channels of the first stage; each later stage has twice those of the one before.
    depth : int
        Residual blocks in each stage.
    stem_stride : int
        Step of the first convolution: 2 halves the image, 1 keeps it, at four times the cost.
    stem_size : int, pixels
        Side of the first convolution's kernel, odd.
    kernel : int, pixels
        Side of the blocks' kernels, odd.
    dropout : float
        Before the dense layer.
    """

    feature_layers = ("stem", "stage1", "stage2", "stage3", "stage4")

    def __init__(self, input_shape, output_shape, width=16, depth=2, stem_stride=2, stem_size=5, kernel=3, dropout=0.0):
        super().__init__()
        bands, _, _ = input_shape
        (outputs,) = output_shape
        if not stem_size % 2 or not kernel % 2:
            raise ValueError(f"stem_size {stem_size} and kernel {kernel} must be odd")
        self.stem = nn.Sequential(normalised(bands, width, size=stem_size, stride=stem_stride), nn.ReLU())
        blocks = {"depth": depth, "kernel": kernel}
        self.stage1 = stage(width, width, stride=1, **blocks)
        self.stage2 = stage(width, 2 * width, stride=2, **blocks)
        self.stage3 = stage(2 * width, 4 * width, stride=2, **blocks)
        self.stage4 = stage(4 * width, 8 * width, stride=2, **blocks)
        self.dropout = nn.Dropout(dropout) if dropout else nn.Identity()
        self.dense = nn.Linear(8 * width, outputs)

    def forward(self, x):  # [batch, band, y, x]
        """Outputs [batch, output] for images ``x`` (tensor [batch, band, y, x])."""
        x = self.stage1(self.stem(x))  # [batch, width, y/2, x/2], with a stem of stride 2
        x = self.stage4(self.stage3(self.stage2(x)))  # [batch, 8 width, y/16, x/16]
        return self.dense(self.dropout(x.mean(dim=(2, 3), dtype=torch.float32)))  # [batch, output]


class Block(nn.Module):
    """Two convolutions whose result is added to the input.

    Parameters
    ----------
    inputs, outputs : int
        Channels.
    stride : int
        1, or 2 to halve the image.
    convolution : callable
        Makes a convolution with normalisation, as ``normalised`` does.
    kernel : int, pixels
        Side of the kernels, odd.
    """

    def __init__(self, inputs, outputs, stride, convolution, kernel):
        super().__init__()
        self.first = convolution(inputs, outputs, size=kernel, stride=stride)
        self.second = convolution(outputs, outputs, size=kernel, stride=1)
        same = stride == 1 and inputs == outputs
        self.shortcut = nn.Identity() if same else convolution(inputs, outputs, size=1, stride=stride)

    def forward(self, x):  # [batch, inputs, y, x] -> [batch, outputs, y/stride, x/stride]
        """Feature maps [batch, outputs, y/stride, x/stride] of ``x`` (tensor [batch, inputs, y, x])."""
        return (self.second(self.first(x).relu()) + self.shortcut(x)).relu()


def normalised(inputs, outputs, *, size, stride):
    """Convolution and normalisation over the batch: an ``nn.Module`` from ``inputs`` to ``outputs`` channels (int).

    ``size`` (int, pixels) is the kernel's, ``stride`` (int) its step.
    """
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, size, stride, padding=size // 2, bias=False), nn.BatchNorm2d(outputs)
    )


def stage(inputs, outputs, *, stride, depth, convolution=normalised, kernel=3):
    """Blocks, the first of which may halve the image: an ``nn.Module``.

    Parameters
    ----------
    inputs, outputs : int
        Channels.
    stride : int
        Of the first block.
    depth : int
        Blocks.
    convolution : callable
    kernel : int, pixels
        As of ``Block``.
    """
    first = Block(inputs, outputs, stride, convolution, kernel)
    return nn.Sequential(first, *(Block(outputs, outputs, 1, convolution, kernel) for _ in range(depth - 1)))
