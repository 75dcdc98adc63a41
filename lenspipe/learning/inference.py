"""Objects through a network, batch by batch."""

import torch


@torch.inference_mode()
def outputs(network, inputs, network_input, *, batch_size, all_views, device, bf16=False):
    """A network's outputs for objects, or for all views of them.

    Parameters
    ----------
    network : torch.nn.Module
        In evaluation mode, on ``device``.
    inputs : tensor [n, *input_shape]
        As ``network_input`` reads them: stretched images.
    network_input : ImageInput
        What the inputs are; it knows their views.
    batch_size : int
    all_views : bool
        Of images, the eight rotations and mirror images.
    device : torch.device
    bf16 : bool
        Compute in bfloat16: good for a loss, not for scores, of which many would be equal.

    Returns
    -------
    tensor [view, n, *output_shape], float32
        On the CPU; one view unless ``all_views``.
    """
    parts = []
    for batch in inputs.split(batch_size):
        batch = batch.to(device, torch.float32)
        views = network_input.views(batch) if all_views else [batch]
        with torch.autocast(device.type, torch.bfloat16, enabled=bf16):
            results = [network(network_input.contiguous(view)) for view in views]
        parts.append(torch.stack(results).float().cpu())
    return torch.cat(parts, dim=1)
