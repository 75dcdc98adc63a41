"""Networks by name, with fresh weights."""

from lenspipe.families import NETWORKS


class BuildError(ValueError):
    """A network has no such options, or not for images of this size."""


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

    Raises
    ------
    BuildError
        In one line.
    """
    make = NETWORKS[network]
    try:
        return make(input_shape, output_shape, **options)
    except (ValueError, TypeError, AssertionError, ZeroDivisionError, RuntimeError) as error:
        first = str(error).partition("\n")[0] or type(error).__name__
        raise BuildError(f"{network} of {input_shape} with {options} cannot be built ({first})") from None
