"""What may be wrong with a user's image, drawn at random in training so that a network has seen it.

The figure ``robustness`` measures what the same does to a trained network (``explain.changed_images``).
"""

import torch
from torch.nn import functional as F

from lenspipe.learning.stretch import SOFTENING

OFFSET = 4  # pixels in y and in x, at most
MISSING = 0.2  # of the pixels, at most
ZERO_POINT = 0.05  # mag rms, of each band
BLUR = 1.7  # pixels, largest sigma: seeing of 0.95 arcsec made worse by a half, in pixels of 0.263 arcsec
REACH = 6  # pixels of the blurring kernel to each side
KINDS = ("offset", "missing band", "missing pixels", "zero point", "seeing")


class Imperfections:
    """Makes a share of a batch's images off-centre, incomplete, miscalibrated or blurred: each in one of these ways.

    Parameters
    ----------
    share : float
        Of the images, 0 to 1.
    stretch : Stretch
        Of the images.
    device : str or torch.device
        Where the images are.
    """

    def __init__(self, share, stretch, device="cpu"):
        self.share, self.device = share, device
        self.scale, self.mean, self.sd = (
            torch.tensor(values, dtype=torch.float32, device=device)
            for values in (stretch.scale, stretch.mean, stretch.sd)
        )

    def draw(self, count, generator):
        """What is wrong with each image of a batch: int tensor [count], a place in ``KINDS``, -1 for nothing.

        ``count`` is int, ``generator`` a torch.Generator on the CPU.
        """
        kind = torch.randint(len(KINDS), (count,), generator=generator)
        return torch.where(torch.rand(count, generator=generator) < self.share, kind, -1)

    def __call__(self, images, kind, generator, part=slice(None)):
        """Change images of a batch; an offset is left to the augmenter.

        Parameters
        ----------
        images : tensor [n, y, x, band]
            Stretched; those of ``part``.
        kind : int tensor [batch]
            Of ``draw``, for the whole batch: the random numbers of an image do not depend on the part.
        generator : torch.Generator
            On the CPU.
        part : slice
            Of the batch.

        Returns
        -------
        tensor [n, y, x, band]
            The images given are not changed.
        """
        changed, places = images.clone(), torch.arange(len(kind))[part]
        height, width, bands = images.shape[1:]
        makers = {"missing band": self.without_band, "missing pixels": self.without_pixels}
        makers |= {"zero point": self.miscalibrated, "seeing": self.blurred}
        shapes = {"missing band": (), "missing pixels": (height, width), "zero point": (bands,)}
        for name, make in makers.items():
            inside = kind == KINDS.index(name)
            n = int(inside.sum())
            amount = torch.rand(n, generator=generator)
            shape = shapes.get(name, (height, width, bands))
            numbers = (torch.randn if name in ("zero point", "seeing") else torch.rand)(
                (n, *shape), generator=generator
            )
            mine = torch.isin(torch.nonzero(inside)[:, 0], places)
            if mine.any():
                rows = torch.nonzero(inside[places])[:, 0].to(images.device)
                amount, numbers = amount[mine].to(images.device), numbers[mine].to(images.device)
                changed[rows] = make(images[rows].float(), amount, numbers).to(images.dtype)
        return changed

    def without_band(self, images, amount, numbers):
        """Images, tensor [n, y, x, band], without the band that ``numbers`` (tensor [n], 0 to 1) selects.

        ``images`` are such a tensor; ``amount`` is not used.
        """
        band = (numbers * images.shape[-1]).long()
        return images * (torch.arange(images.shape[-1], device=images.device) != band[:, None])[:, None, None]

    def without_pixels(self, images, amount, numbers):
        """Images, tensor [n, y, x, band], without a share of the pixels, the same in all bands.

        ``images`` are such a tensor, ``amount`` (tensor [n], 0 to 1) times ``MISSING`` is the share, and ``numbers``
        (tensor [n, y, x], 0 to 1) select.
        """
        return images * (numbers >= MISSING * amount[:, None, None])[..., None]

    def miscalibrated(self, images, amount, numbers):
        """Images, tensor [n, y, x, band], with an error of each band's zero point.

        ``images`` are such a tensor; ``numbers`` (tensor [n, band]) are unit normal; ``amount`` is not used.
        """
        return self._stretched(self._counts(images) * (10 ** (0.4 * ZERO_POINT * numbers))[:, None, None])

    def blurred(self, images, amount, numbers):
        """Images, tensor [n, y, x, band], in worse seeing; the noise that blurring takes away is added again.

        ``images`` are such a tensor, ``amount`` (tensor [n], 0 to 1) times ``BLUR`` is the sigma of the normal law, in
        pixels; ``numbers`` (tensor [n, y, x, band]) are unit normal.
        """
        n, height, width, bands = images.shape
        x = torch.arange(-REACH, REACH + 1, device=images.device, dtype=torch.float32)
        profile = torch.exp(-0.5 * (x / (BLUR * amount.clamp(min=1e-3))[:, None]) ** 2)
        profile = profile / profile.sum(dim=1, keepdim=True)
        kernel = profile[:, :, None] * profile[:, None, :]  # [n, y, x]
        planes = self._counts(images).permute(0, 3, 1, 2).reshape(1, n * bands, height, width)
        around = F.pad(planes, (REACH,) * 4, mode="reflect")
        weight = kernel.repeat_interleave(bands, dim=0)[:, None]
        smooth = F.conv2d(around, weight, groups=n * bands).reshape(n, bands, height, width).permute(0, 2, 3, 1)
        lost = torch.sqrt((1 - (kernel**2).sum(dim=(1, 2))).clamp(min=0))[:, None, None, None]
        return self._stretched(smooth + lost * numbers * self.scale / SOFTENING)

    def _counts(self, stretched):
        return torch.sinh(stretched * self.sd + self.mean) * self.scale

    def _stretched(self, counts):
        return (torch.asinh(counts / self.scale) - self.mean) / self.sd


def largest_shifts(kind, usual):
    """Largest shift of each image, int tensor [n], pixels: ``OFFSET`` for those off-centre, else ``usual`` (int).

    ``kind`` (int tensor [n]) is from ``Imperfections.draw``.
    """
    return torch.where(kind == KINDS.index("offset"), max(OFFSET, usual), usual)
