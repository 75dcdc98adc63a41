"""Changes to an image that leave its truth as it is: the eight rotations and mirror images, and small shifts."""

import torch

from lenspipe.learning.imperfections import OFFSET, largest_shifts


def d4_views(images):
    """The eight rotations and mirror images of square images: a group, of which the first is the identity.

    Parameters
    ----------
    images : tensor [..., y, x]

    Returns
    -------
    list of 8 tensors [..., y, x]
        Number k is turned by k quarters for k < 4, and mirrored after k - 4 quarters otherwise.
    """
    turned = [torch.rot90(images, k, dims=(-2, -1)) for k in range(4)]
    return turned + [view.flip(-1) for view in turned]


class Augmenter:
    """Draws one of the eight views and a shift for each image. Pixels that a shift brings in are 0: mean sky.

    Parameters
    ----------
    num_pix : int
    max_shift : int, pixels
        Shifts are whole pixels from -max_shift to max_shift, uniform, in y and x.
    device : str or torch.device
        Where the images are.
    imperfections : imperfections.Imperfections, optional
        What else is changed.
    """

    def __init__(self, num_pix, max_shift, device="cpu", imperfections=None):
        self.max_shift, self.imperfections = max_shift, imperfections
        self.margin = margin = max(max_shift, OFFSET) if imperfections else max_shift
        self.padded = num_pix + 2 * margin
        # Where in the padded, flattened image each pixel of each view comes from; a shift adds a constant.
        rows = torch.arange(margin, margin + num_pix)
        places = rows[:, None] * self.padded + rows[None, :]  # [y, x]
        self.places = torch.stack(d4_views(places)).reshape(8, -1).to(device)  # [view, y * x]
        self.num_pix, self.device = num_pix, device

    def __call__(self, images, generator, *, whole=None, share=slice(None)):
        """Change a batch, or a part of one, at random.

        Parameters
        ----------
        images : tensor [n, y, x, band]
        generator : torch.Generator
            On the CPU.
        whole : int, optional
            Number of images of the whole batch, whose draws are the same whatever the part.
        share : slice
            Which of them these are.

        Returns
        -------
        tensor [n, band, y, x]
            In channels-last memory order.
        """
        n, m = whole or len(images), self.max_shift
        view = torch.randint(8, (n,), generator=generator)
        if not self.imperfections:
            shift = torch.randint(-m, m + 1, (2, n), generator=generator)
            return self.apply(images, view[share], shift[:, share])
        kind = self.imperfections.draw(n, generator)
        limit = largest_shifts(kind, m)
        shift = (torch.rand((2, n), generator=generator) * (2 * limit + 1)).long() - limit
        images = self.imperfections(images, kind, generator, share)
        return self.apply(images, view[share], shift[:, share])

    def apply(self, images, view, shift):
        """Shift each image, then turn it.

        Parameters
        ----------
        images : tensor [n, y, x, band]
        view : int tensor [n]
            Number of the view, 0 to 7, as of ``d4_views``.
        shift : int tensor [2, n], pixels
            Rows and columns by which the content moves.

        Returns
        -------
        tensor [n, band, y, x]
        """
        n, m, bands = len(images), self.margin, images.shape[-1]
        device = images.device
        padded = torch.nn.functional.pad(images, (0, 0, m, m, m, m)).reshape(n, -1, bands)
        offset = (-shift[0] * self.padded - shift[1]).to(device)
        places = self.places[view.to(device)] + offset[:, None]  # [n, y * x]
        moved = padded[torch.arange(n, device=device)[:, None], places]  # [n, y * x, band]
        return moved.reshape(n, self.num_pix, self.num_pix, bands).permute(0, 3, 1, 2)
