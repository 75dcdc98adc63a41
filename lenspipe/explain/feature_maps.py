"""Feature maps of the layers of a network."""

import torch


@torch.no_grad()
def activations(checkpoint, images):
    """Feature maps from the input through a network's ``feature_layers``.

    Parameters
    ----------
    checkpoint : Checkpoint
    images : array [n, band, y, x], counts

    Returns
    -------
    dict of str to array [n, channel, y, x], float32
        In the order of the layers; first ``input``, the stretched images.
    """
    network = checkpoint.network
    stretched = checkpoint.input.tensor(images)
    maps = {"input": stretched.numpy()}

    def keep(name):
        return lambda module, inputs, output: maps.update({name: output.float().cpu().numpy()})

    hooks = [network.get_submodule(name).register_forward_hook(keep(name)) for name in network.feature_layers]
    try:
        network(stretched)
    finally:
        for hook in hooks:
            hook.remove()
    return maps
