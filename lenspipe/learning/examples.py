"""Objects of a split with their targets: in memory, or more than fit there, read from the store in random order."""

import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from lenspipe import store

log = logging.getLogger("lenspipe")
BLOCK = 8 * store.CHUNK  # images read at once
IN_MEMORY = 2**30  # bytes of images, above which they stay in the store
WINDOW = 2**28  # bytes of images that are then in memory and shuffled at a time; the next so many are read meanwhile
PIXEL = 2  # bytes: float16, whose rounding, 5e-4 of the stretched noise, is far below it


@dataclass(frozen=True)
class Examples:
    """Inputs with their targets, in memory.

    Attributes
    ----------
    images : tensor [n, y, x, band]
        Stretched, float16.
    target : tensor [n] or [n, number], float32
        The task's.
    ids : array [n]
    """

    images: torch.Tensor
    target: torch.Tensor
    ids: np.ndarray

    def batches(self, batch_size, generator, share=slice(None)):
        """One pass in random order; an incomplete last batch is left out, unless there is no other.

        Parameters
        ----------
        batch_size : int
        generator : torch.Generator
        share : slice
            Of each batch, whose images are asked for.

        Yields
        ------
        images : tensor [share, y, x, band], float16
        target : tensor [batch] or [batch, number]
        """
        n = len(self.target)
        order = torch.randperm(n, generator=generator)
        for rows in order[: max(n - n % batch_size, min(n, batch_size))].split(batch_size):
            yield self.images[rows[share]], self.target[rows]

    def blocks(self):
        """All images in their order, some at a time: an iterator of tensors [some, y, x, band]."""
        yield self.images


@dataclass(frozen=True)
class StoredExamples:
    """Inputs that stay in their store, with their targets.

    A pass reads the store's chunks in random order, as many at a time as are shuffled together, and the next ones while
    a network learns from these. Objects are drawn independently of each other, so that those of a hundred chunks are as
    good a sample as any.

    Attributes
    ----------
    dataset : xarray.Dataset
    rows : int array [n]
        Places in the store.
    target, ids
        As of ``Examples``.
    network_input : ImageInput
    path : path
        The store's, for messages.
    """

    dataset: Any
    rows: np.ndarray
    target: torch.Tensor
    ids: np.ndarray
    network_input: Any
    path: str | Path

    def batches(self, batch_size, generator, share=slice(None)):
        """One pass in random order, as of ``Examples``: yields tensors of images and targets.

        Parameters
        ----------
        batch_size : int
        generator : torch.Generator
        share : slice
        """
        chunks = torch.randperm(-(-int(self.rows[-1] + 1) // store.CHUNK), generator=generator)
        windows = chunks.split(max(1, WINDOW // (store.CHUNK * self.bytes_each)))
        images, target = self._empty(0), self.target[:0]
        with ThreadPoolExecutor(1) as reader:
            following = reader.submit(self._window, windows[0])
            for k in range(len(windows)):
                more, more_target = following.result()
                if k + 1 < len(windows):
                    following = reader.submit(self._window, windows[k + 1])
                images, target = torch.cat([images, more]), torch.cat([target, more_target])
                del more
                order = torch.randperm(len(target), generator=generator)
                whole = len(order) - len(order) % batch_size
                for rows in order[:whole].split(batch_size) if whole else ():
                    yield images[rows[share]], target[rows]
                images, target = images[order[whole:]], target[order[whole:]]

    def blocks(self):
        """As of ``Examples``: an iterator of tensors. Says how many pixels were missing."""
        missing = 0
        for start in range(0, int(self.rows[-1]) + 1, BLOCK):
            images, _, lost = self._between(start, start + BLOCK)
            missing += lost
            yield images
        if missing:
            log.warning("%s: %d missing pixels were taken as mean sky", self.path, missing)

    def _window(self, chunks):
        """Images and targets of some chunks, int tensor [chunk], in their order."""
        parts = [self._between(int(c) * store.CHUNK, (int(c) + 1) * store.CHUNK) for c in chunks.sort().values]
        return torch.cat([images for images, _, _ in parts]), torch.cat([target for _, target, _ in parts])

    def _between(self, start, stop):
        """Images and targets of the rows from ``start`` to before ``stop``, and how many pixels were missing."""
        first, last = np.searchsorted(self.rows, (start, stop))
        if first == last:
            return self._empty(0), self.target[:0], 0
        inside = {"path": self.path, "rows": self.rows[first:last] - start}
        block, missing = self.network_input.read(self.dataset, start, stop, **inside)
        return block.permute(0, 2, 3, 1).to(torch.float16), self.target[first:last], missing

    @property
    def shape(self):
        """Of an image here: height, width and bands, tuple of int."""
        bands, height, width = self.network_input.shape
        return height, width, bands

    @property
    def bytes_each(self):
        """Of an image in memory: int."""
        return PIXEL * int(np.prod(self.shape))

    def _empty(self, n):
        return torch.empty((n, *self.shape), dtype=torch.float16)


def read_examples(dataset, target, network_input, *, path, in_memory=True):
    """The objects of a split that have a target.

    Parameters
    ----------
    dataset : xarray.Dataset
        From ``store.open_images(path)``.
    target : array [n] or [n, number]
        Of the store's first n objects; only they are read, and those with NaN (the first number) are left out.
    network_input : ImageInput
    path : path
    in_memory : bool
        However many there are; else only if they are not more than ``IN_MEMORY``.

    Returns
    -------
    Examples or StoredExamples
    """
    first = target if target.ndim == 1 else target[:, 0]
    rows, ids = np.flatnonzero(np.isfinite(first)), dataset["id"].to_numpy()[: len(target)]
    stored = StoredExamples(dataset, rows, torch.from_numpy(target[rows]), ids[rows], network_input, path)
    if not in_memory and len(rows) * stored.bytes_each > IN_MEMORY:
        log.info("%s: %d objects, more than stay in memory: they are read in every epoch", path, len(rows))
        return stored
    images = torch.empty((len(rows), *stored.shape), dtype=torch.float16)
    filled = 0
    for block in stored.blocks():
        images[filled : filled + len(block)] = block
        filled += len(block)
    return Examples(images, stored.target, stored.ids)
