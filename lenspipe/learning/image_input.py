"""Images as the input of a network: square and stretched; rotations and mirror images keep the truth."""

from dataclasses import asdict, dataclass
from typing import ClassVar

import numpy as np
import torch

from lenspipe import store
from lenspipe.errors import InputError
from lenspipe.learning.augmentation import Augmenter, d4_views
from lenspipe.learning.image_spec import ImageSpec, read_image_spec
from lenspipe.learning.imperfections import Imperfections
from lenspipe.learning.pixel_check import PixelCheck, SkyPixels, sky_pixels
from lenspipe.learning.stretch import Stretch, count_missing, fit_stretch

SAMPLE = 2048  # images that the stretch is fitted on


@dataclass(frozen=True)
class ImageInput:
    """The input of a network: the images of a store, stretched.

    Attributes
    ----------
    spec : ImageSpec
    stretch : Stretch
    sky : SkyPixels or None
        Of the training images; None if it is not known.
    first_views : tuple of int
        Of the eight views, the two that images are ranked by before some get all: as they are and turned by half.
    """

    first_views: ClassVar = (0, 2)
    spec: ImageSpec
    stretch: Stretch
    sky: SkyPixels | None = None

    @classmethod
    def fit(cls, dataset, path, count=None):
        """The input that the training images define.

        Parameters
        ----------
        dataset : xarray.Dataset
            From ``store.open_images(path)``.
        path : path
        count : int, optional
            The stretch is fitted on some of the first so many images; of all if not given.

        Raises
        ------
        InputError
            If the store does not say what its images are, or a band has no pixel with a value.
        """
        spec = read_image_spec(dataset, path)
        sample = read_sample(dataset.isel(object=slice(count)))
        empty = ~np.isfinite(sample).any(axis=(0, 2, 3))
        if empty.any():
            band = spec.bands[np.argmax(empty)]
            raise InputError(f"{path}: band {band} has no pixel with a value; make the store again or remove the band")
        return cls(spec, fit_stretch(sample), sky_pixels(sample))

    @property
    def shape(self):
        """Bands, height and width of an image: tuple of int."""
        return (len(self.spec.bands), self.spec.num_pix, self.spec.num_pix)

    def check(self, dataset, path):
        """InputError if the images of a store (``dataset`` at ``path``) are not of this kind."""
        self.spec.check(dataset, path)

    def pixel_check(self, path):
        """A ``PixelCheck`` of the images of the store ``path`` (path) against those of training."""
        return PixelCheck(self.sky, self.spec.bands, path)

    def read(self, dataset, start, stop, *, path, rows=slice(None)):
        """Some images of a store, stretched, and how many of their pixels are missing.

        Parameters
        ----------
        dataset : xarray.Dataset
        start, stop : int
            Places in the store.
        rows : int array [n], optional
            Which of these, counted from ``start``; all if not given.
        path : path
            For the message if an image is empty.

        Returns
        -------
        images : float32 tensor [n, band, y, x]
        missing : int
            Pixels without a value, which became 0: the mean of the training images.
        """
        images = dataset["image"][start:stop].to_numpy()[rows]
        missing = count_missing(images, dataset["id"][start:stop].to_numpy()[rows], path)
        return self.tensor(images), missing

    def tensor(self, images):
        """Stretched images, float32 tensor [n, band, y, x], of ``images``, array [n, band, y, x], counts."""
        return torch.from_numpy(self.stretch(images))

    def augmenter(self, max_shift, imperfect, device):
        """Changes these images at random in training.

        Parameters
        ----------
        max_shift : int, pixels
        imperfect : float
            Share of the images that something is wrong with.
        device : torch.device

        Returns
        -------
        augmentation.Augmenter
        """
        imperfections = Imperfections(imperfect, self.stretch, device) if imperfect else None
        return Augmenter(self.spec.num_pix, max_shift, device, imperfections)

    def views(self, images):
        """All views of a batch that its truth does not change with: list of 8 tensors [n, band, y, x].

        ``images`` is a tensor [n, band, y, x] of stretched images.
        """
        return d4_views(images)

    def place(self, network, device):
        """Move ``network`` (torch.nn.Module) to ``device`` (torch.device), its weights in channels-last order.

        Returns
        -------
        torch.nn.Module
        """
        return network.to(device, memory_format=torch.channels_last)

    def contiguous(self, images):
        """A batch (tensor [n, band, y, x]) laid out as a network computes fastest: the same ``images``."""
        return images.contiguous(memory_format=torch.channels_last)

    def as_dict(self):
        """Its values as a dict that JSON can hold, which ``input_from`` reads."""
        sky = asdict(self.sky) if self.sky else None
        return {"type": "image", **self.spec.as_dict(), "stretch": asdict(self.stretch), "sky": sky}

    @classmethod
    def from_dict(cls, values):
        """The input that ``as_dict`` described as ``values`` (dict, without ``type``)."""
        values = dict(values)
        bands = values["bands"]
        stretch = Stretch(**_by_band(values.pop("stretch"), len(bands), positive=("scale", "sd")))
        sky = values.pop("sky", None)
        sky = SkyPixels(**_by_band(sky, len(bands), positive=())) if sky else None
        return cls(ImageSpec.from_dict(values), stretch, sky)


def _by_band(values, bands, positive):
    """Tuples of numbers, one for each band; ValueError or TypeError if they are something else."""
    numbers = {name: tuple(float(number) for number in given) for name, given in values.items()}
    for name, given in numbers.items():
        if len(given) != bands or not np.isfinite(given).all() or (name in positive and min(given) <= 0):
            raise ValueError(f"{name} is {given}")
    return numbers


INPUTS = {"image": ImageInput}


def input_from(values):
    """The input that a checkpoint describes.

    Parameters
    ----------
    values : dict
        With ``type``, one of ``INPUTS``, and what that type's ``as_dict`` gives.

    Returns
    -------
    ImageInput
    """
    values = dict(values)
    return INPUTS[values.pop("type")].from_dict(values)


def read_sample(dataset):
    """Some images, array [n, band, y, x], of a store (``dataset``): whole chunks evenly from all of it."""
    return np.concatenate([dataset["image"][rows].to_numpy() for rows in sample_rows(dataset.sizes["object"])])


def sample_rows(count):
    """Slices of some of ``count`` (int) objects: list of slice, whole chunks evenly from all of them."""
    chunks = -(-count // store.CHUNK)
    selected = np.unique(np.linspace(0, chunks - 1, min(chunks, SAMPLE // store.CHUNK)).round().astype(int))
    return [slice(int(c) * store.CHUNK, (int(c) + 1) * store.CHUNK) for c in selected]
