"""Several processes that train one network: each computes its share of every batch (torch's distributed training).

``cluster.launcher`` starts the processes and tells each its number. Weights, loss and history are those of one process
with the same batches, to rounding, but for dropout, whose draws are each process's own.
"""

import logging
import os
import time
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import distributed, nn
from torch.nn.parallel import DistributedDataParallel

log = logging.getLogger(__name__)
LOST = 75  # exit status of a process that has lost another one
OF_GLOO = "gloo/transport"  # in the texts of errors of torch's library for processes without GPUs


@dataclass(frozen=True)
class Group:
    """The processes that train one network.

    Attributes
    ----------
    rank : int
        Number of this one, from 0.
    size : int
    size_here : int
        Processes on this node.
    """

    rank: int = 0
    size: int = 1
    size_here: int = 1

    def share(self, batch_size):
        """This process's part (slice) of a batch of ``batch_size`` (int) objects, a multiple of ``size``."""
        each = batch_size // self.size
        return slice(self.rank * each, (self.rank + 1) * each) if self.size > 1 else slice(None)

    def wrapped(self, network):
        """The module to be called in training, whose gradients are those of all processes together.

        Parameters
        ----------
        network : torch.nn.Module
            It keeps the weights; its normalisations become those of whole batches.

        Returns
        -------
        torch.nn.Module
        """
        if self.size == 1:
            return network
        for module in network.modules():
            module.__class__ = SYNCHRONISED.get(type(module), type(module))
        return DistributedDataParallel(network, gradient_as_bucket_view=True)

    def gathered(self, outputs):
        """Outputs of all processes for the whole batch, tensor [batch, ...]; gradients flow into ``outputs`` alone.

        ``outputs`` (tensor [share, ...]) are this process's. A loss of the result has to be multiplied by ``size``,
        since the module of ``wrapped`` takes the mean of the gradients over processes.
        """
        if self.size == 1:
            return outputs
        parts = [torch.empty_like(outputs) for _ in range(self.size)]
        distributed.all_gather(parts, outputs.detach().contiguous())
        parts[self.rank] = outputs
        return torch.cat(parts)

    def wait(self):
        """Return when all processes are here."""
        if self.size > 1:
            distributed.barrier()


ALONE = Group()


@contextmanager
def process_group():
    """Join the processes that torch's launcher has started, one on each GPU where there are GPUs.

    If one of the others has ended, so does this one, by SystemExit with the status ``LOST``: the other knows why.

    Yields
    ------
    Group
        ``ALONE`` if it started none.
    """
    size = int(os.environ.get("WORLD_SIZE", 1))
    if size == 1:
        yield ALONE
        return
    on_gpus = torch.cuda.is_available()
    if on_gpus:
        torch.cuda.set_device(int(os.environ["LOCAL_RANK"]) % torch.cuda.device_count())
    distributed.init_process_group("nccl" if on_gpus else "gloo")
    try:
        yield Group(distributed.get_rank(), size, int(os.environ["LOCAL_WORLD_SIZE"]))
    except RuntimeError as error:
        if not (isinstance(error, distributed.DistError) or OF_GLOO in str(error)):
            raise
        log.info("another process of this training has ended: %s", error)
        time.sleep(1.0)  # the launcher is to see that one's end first
        raise SystemExit(LOST) from error
    finally:
        distributed.destroy_process_group()


class _Sum(torch.autograd.Function):
    """Sum over processes, each of which has it; so its gradient is the sum of all processes' gradients."""

    @staticmethod
    def forward(ctx, x):
        total = x.clone()
        distributed.all_reduce(total)
        return total

    @staticmethod
    def backward(ctx, gradient):
        return _Sum.forward(None, gradient)


class _OfTheWholeBatch:
    """Batch normalisation by mean and variance over the batches of all processes. The evaluation is the usual one.

    torch's ``SyncBatchNorm`` does the same, but on GPUs alone.
    """

    def forward(self, x):
        if not self.training:
            return super().forward(x)
        dims = [0, *range(2, x.ndim)]
        shape = [1, -1, *[1] * (x.ndim - 2)]
        values = x.float()
        count = distributed.get_world_size() * values.numel() / values.shape[1]
        mean = _Sum.apply(values.sum(dims)) / count
        centred = values - mean.view(shape)
        variance = _Sum.apply((centred**2).sum(dims)) / count
        with torch.no_grad():
            self.num_batches_tracked += 1
            self.running_mean.lerp_(mean, self.momentum)
            self.running_var.lerp_(variance * count / (count - 1), self.momentum)
        scaled = centred * torch.rsqrt(variance + self.eps).view(shape)
        return (scaled * self.weight.view(shape) + self.bias.view(shape)).to(x.dtype)


class _BatchNorm1d(_OfTheWholeBatch, nn.BatchNorm1d):
    pass


class _BatchNorm2d(_OfTheWholeBatch, nn.BatchNorm2d):
    pass


class _BatchNorm3d(_OfTheWholeBatch, nn.BatchNorm3d):
    pass


SYNCHRONISED = {nn.BatchNorm1d: _BatchNorm1d, nn.BatchNorm2d: _BatchNorm2d, nn.BatchNorm3d: _BatchNorm3d}
