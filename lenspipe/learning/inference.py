"""Images through a network, batch by batch."""

import torch

from lenspipe.learning.augmentation import d4_views


@torch.inference_mode()
def outputs(network, images, batch_size, d4, device, bf16=False):
    """A network's numbers for images, or for all eight views of them.

    Parameters
    ----------
    network : torch.nn.Module
        In evaluation mode, on ``device``.
    images : tensor [n, band, y, x], stretched
    batch_size : int
    d4 : bool
    device : torch.device
    bf16 : bool
        Compute in bfloat16: good for a loss, not for scores, of which many would be equal.

    Returns
    -------
    tensor [view, n, output], float32
        On the CPU; one view without ``d4``, eight with it.
    """
    parts = []
    for batch in images.split(batch_size):
        batch = batch.to(device, torch.float32)
        views = d4_views(batch) if d4 else [batch]
        with torch.autocast(device.type, torch.bfloat16, enabled=bf16):
            numbers = [network(v.contiguous(memory_format=torch.channels_last)) for v in views]
        parts.append(torch.stack(numbers).float().cpu())
    return torch.cat(parts, dim=1)
