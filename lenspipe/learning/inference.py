"""Objects through a network, batch by batch."""

import copy
import itertools

import torch
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from lenspipe.learning.concrete_dropout import thinned
from lenspipe.learning.hardware import bf16_is_faster

ALL_VIEWS, FIRST_VIEW = slice(None), slice(1)


@torch.inference_mode()
def outputs(network, inputs, network_input, *, batch_size, views, device, bf16=False):
    """A network's outputs for views of objects. One with concrete dropout has another mask for each view but the first.

    Parameters
    ----------
    network : torch.nn.Module
        In evaluation mode, on ``device``.
    inputs : tensor [n, *input_shape]
        As ``network_input`` reads them: stretched images.
    network_input : ImageInput
        What the inputs are; it knows their views.
    batch_size : int
    views : slice or sequence of int
        Of those of ``network_input``: of images, the eight rotations and mirror images, the image itself first.
    device : torch.device
    bf16 : bool
        Compute in bfloat16: good for a loss; for scores, of which many would be equal, with ``for_answers``.

    Returns
    -------
    tensor [view, n, *output_shape], float32
        On the CPU.
    """
    parts = []
    for batch in inputs.split(batch_size):
        batch = batch.to(device, torch.float32)
        results = []
        numbered = list(enumerate(network_input.views(batch)))
        for number, view in numbered[views] if isinstance(views, slice) else [numbered[k] for k in views]:
            with torch.autocast(device.type, torch.bfloat16, enabled=bf16), thinned(network, number):
                results.append(network(network_input.contiguous(view)))
        parts.append(torch.stack(results).float().cpu())
    return torch.cat(parts, dim=1)


def answers_of(network, inputs, network_input, *, batch_size, views, device):
    """Outputs in the precision of ``for_answers``: what predictions and calibration are made of.

    Parameters
    ----------
    network, inputs, network_input, batch_size, views, device
        As of ``outputs``.

    Returns
    -------
    tensor [view, n, *output_shape], float32
        On the CPU.
    """
    options = {"batch_size": batch_size, "views": views, "device": device, "bf16": bf16_is_faster(device)}
    return outputs(network, inputs, network_input, **options)


def for_answers(network):
    """A copy of a network that answers faster and as finely.

    Normalisations are folded into the convolutions before them, activations after them write over their input, and the
    largest of 2 x 2 pixels is taken from slices. That changes nothing but rounding. Under autocast the last dense
    layer stays in float32: it decides whether two scores are equal, and bfloat16 has only 8 bits.

    Parameters
    ----------
    network : torch.nn.Module
        In evaluation mode.

    Returns
    -------
    torch.nn.Module
    """
    faster = copy.deepcopy(network)
    dense = [name for name, module in faster.named_modules() if isinstance(module, nn.Linear)]
    for name, module in list(faster.named_modules()):
        if isinstance(module, nn.Sequential):
            _fold(module)
        elif isinstance(module, nn.MaxPool2d) and _is_of_pairs(module):
            faster.set_submodule(name, _LargestOfPairs())
    if dense:
        faster.set_submodule(dense[-1], _Float32(faster.get_submodule(dense[-1])))
    return faster


def _fold(sequence):
    for (first, layer), (second, following) in itertools.pairwise(list(sequence.named_children())):
        if isinstance(layer, nn.Conv2d) and isinstance(following, nn.BatchNorm2d) and following.track_running_stats:
            setattr(sequence, first, fuse_conv_bn_eval(layer, following))
            setattr(sequence, second, nn.Identity())
        elif isinstance(layer, nn.Conv2d | nn.BatchNorm2d) and isinstance(following, nn.ReLU):
            following.inplace = True


def _is_of_pairs(pool):
    """Whether it takes the largest of 2 x 2 pixels, and nothing else."""
    options = ((pool.kernel_size, 2), (pool.stride, 2), (pool.padding, 0), (pool.dilation, 1))
    plain = all(value in (number, (number, number)) for value, number in options)
    return plain and not (pool.ceil_mode or pool.return_indices)


class _LargestOfPairs(nn.Module):
    """``nn.MaxPool2d(2)`` where nobody asks which pixel it was: on a CPU in two thirds of the time."""

    def forward(self, x):
        height, width = (side // 2 * 2 for side in x.shape[-2:])
        x = torch.maximum(x[..., 0:height:2, :width], x[..., 1:height:2, :width])
        return torch.maximum(x[..., 0::2], x[..., 1::2])


class _Float32(nn.Module):
    """A layer that computes in float32, whatever the precision around it."""

    def __init__(self, layer):
        super().__init__()
        self.layer = layer

    def forward(self, x):
        with torch.autocast(x.device.type, enabled=False):
            return self.layer(x.float())
