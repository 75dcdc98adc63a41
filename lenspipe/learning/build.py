"""Networks by name, with fresh weights."""

import torch

from lenspipe.errors import InputError
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
    InputError
        If the library of the network is not installed here.
    """
    try:
        make = NETWORKS[network]
    except (ImportError, RuntimeError) as error:  # of a library of networks, which may not be whole
        raise InputError(f"{network}: cannot be imported ({_first_line(error)}); install its library again") from None
    try:
        return make(input_shape, output_shape, **options)
    except (ValueError, TypeError, AssertionError, ZeroDivisionError, RuntimeError) as error:
        raise BuildError(f"{network} of {input_shape} with {options} cannot be built ({_first_line(error)})") from None


def try_out(network, input_shape):
    """BuildError, in one line, if ``network`` (torch.nn.Module) fails on objects of ``input_shape`` (tuple of int)."""
    was_training = network.training
    try:
        with torch.inference_mode():
            network.eval()(torch.zeros(2, *input_shape))
    except (ValueError, AssertionError, RuntimeError) as error:
        raise BuildError(f"the network fails on inputs of {input_shape} ({_first_line(error)})") from None
    finally:
        network.train(was_training)


def take_weights(network, weights, source):
    """Give a network the weights of a trained one. The last layer stays as it is if its outputs are others.

    Parameters
    ----------
    network : torch.nn.Module
    weights : dict of str to tensor
        The ``state_dict`` of the trained network.
    source : str
        Where they come from, for the message.

    Raises
    ------
    BuildError
        If they are of another architecture.
    """
    own = network.state_dict()
    last = list(own)[-1].rpartition(".")[0]
    other = [name for name in own if name not in weights or weights[name].shape != own[name].shape]
    if own.keys() != weights.keys() or not all(name.rpartition(".")[0] == last for name in other):
        raise BuildError(
            f"its network is not that of {source}: they must be of one name, with the same options and dropout"
        )
    network.load_state_dict({name: own[name] if name in other else weights[name] for name in own})


def _first_line(error):
    return str(error).partition("\n")[0] or type(error).__name__
