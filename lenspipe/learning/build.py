"""Networks by name, with fresh weights."""

from lenspipe.networks.cnn import CNN
from lenspipe.networks.resnet import ResNet

NETWORKS = {
    "cnn": CNN,
    "resnet": ResNet,
}


def build(name, num_bands, num_pix, num_outputs, **arguments):
    """A network with fresh weights, drawn from torch's current random state.

    Parameters
    ----------
    name : str
        One of ``NETWORKS``.
    num_bands, num_pix, num_outputs : int
        Images [n, num_bands, num_pix, num_pix] in, numbers [n, num_outputs] out.
    **arguments
        The network's own, where they differ from its defaults.

    Returns
    -------
    torch.nn.Module
    """
    return NETWORKS[name](num_bands=num_bands, num_pix=num_pix, num_outputs=num_outputs, **arguments)
