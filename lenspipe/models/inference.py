"""Images through a network, in float32, batch by batch."""

import torch

from lenspipe.models.augmentation import d4_views


@torch.inference_mode()
def outputs(network, images, batch_size, d4, device):
    """A network's numbers for images, or for all eight views of them.

    float32 throughout: in bfloat16 many scores would be equal, and depend on the size of the batch.

    Parameters
    ----------
    network : torch.nn.Module
        In evaluation mode, on ``device``.
    images : tensor [n, band, y, x], stretched
    batch_size : int
    d4 : bool
    device : torch.device

    Returns
    -------
    tensor [view, n, output], float32
        On the CPU; one view without ``d4``, eight with it.
    """
    parts = []
    for batch in images.split(batch_size):
        batch = batch.to(device, torch.float32)
        views = d4_views(batch) if d4 else [batch]
        parts.append(torch.stack([network(v.contiguous(memory_format=torch.channels_last)) for v in views]).cpu())
    return torch.cat(parts, dim=1)
