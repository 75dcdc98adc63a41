"""Any architecture of timm (github.com/huggingface/pytorch-image-models), with fresh weights."""

import timm
from torch import nn
from torch.nn import functional as F


class Network(nn.Module):
    """An architecture of timm, made for as many bands and pixels as the images have.

    Parameters
    ----------
    input_shape : (int, int, int)
        Bands, height and width of the images.
    output_shape : (int,)
        Numbers for each image.
    name : str
        As timm has it, for example ``convnext_atto``.
    size : int, pixels
        Side length to which images are interpolated before they enter; 0: as they are. Some architectures halve an
        image so often that nothing would be left of a stamp.
    """

    def __init__(self, input_shape, output_shape, size=0, *, name):
        super().__init__()
        bands, height, breadth = input_shape
        (outputs,) = output_shape
        self.size = (size, size) if size else (height, breadth)
        made = {"pretrained": False, "in_chans": bands, "num_classes": outputs}
        try:
            self.network = timm.create_model(name, img_size=self.size, **made)
            self.feature_layers = ()  # tokens or patches, not maps
        except TypeError:  # a network for images of any size
            self.network = timm.create_model(name, **made)
            layers = [info["module"] for info in getattr(self.network, "feature_info", ())]
            self.feature_layers = tuple(f"network.{layer}" for layer in layers)

    def forward(self, x):  # [batch, band, y, x]
        """Outputs [batch, output] for images ``x`` (tensor [batch, band, y, x])."""
        if x.shape[-2:] != self.size:
            x = F.interpolate(x, self.size, mode="bilinear", antialias=False)
        return self.network(x)
