"""Networks by name, with fresh weights."""

from lenspipe.families import NETWORKS


def build(network, input_shape, output_shape, **options):
    """A network with fresh weights, drawn from torch's current random state.

    Parameters
    ----------
    network : str
        One of ``families.NETWORKS``.
    input_shape : tuple of int
        Of one object's input: bands, height and width of an image.
    output_shape : tuple of int
        Of one object's output.
    **options
        Arguments of the network that differ from its defaults.

    Returns
    -------
    torch.nn.Module
    """
    return NETWORKS[network](input_shape, output_shape, **options)
