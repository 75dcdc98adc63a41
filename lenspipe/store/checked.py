"""A store whose chunks are compared with the sums of its manifest as they are read."""

import asyncio
import hashlib
import json
import traceback

from zarr.storage import LocalStore, WrapperStore

from lenspipe.errors import InputError

METADATA = (".zarray", ".zgroup", ".zmetadata", "zarr.json")
DECODING = ("/zarr/", "/numcodecs/")


def undecodable(error):
    """The store whose chunk could not be decoded.

    A user's store has no sums, so that a torn chunk is noticed only where its values are used.

    Parameters
    ----------
    error : Exception

    Returns
    -------
    path or None
        None if ``error`` is of another kind.
    """
    frames = traceback.extract_tb(error.__traceback__)
    return CheckedStore.last_path if frames and any(part in frames[-1].filename for part in DECODING) else None


def _unpickles(metadata):
    """Whether arrays of this metadata (JSON) are decoded by pickle; numcodecs did this unasked before 0.16.6."""
    if isinstance(metadata, dict):
        codec = metadata.get("id", metadata.get("name"))
        inner = (part for key, part in metadata.items() if key != "attributes" and not key.endswith(".zattrs"))
        return str(codec).rpartition(".")[2] == "pickle" or any(map(_unpickles, inner))
    return isinstance(metadata, list) and any(map(_unpickles, metadata))


class CheckedStore(WrapperStore):
    """The files of an image store, each compared with its sha256 when it is read.

    Parameters
    ----------
    path : path
    sums : dict of str to str
        sha256 by file, relative to the store; files without one are not compared.
    """

    last_path = None  # of the store that was read last, for `undecodable`

    def __init__(self, path, sums):
        super().__init__(LocalStore(path, read_only=True))
        self.path, self.sums = path, sums

    def with_read_only(self, read_only=False):
        """The same store: it is only read. ``read_only`` (bool) is not looked at."""
        return self

    async def get(self, key, prototype=None, byte_range=None):
        """The bytes of a file; InputError if they are not those that were written.

        Parameters
        ----------
        key : str
            The file.
        prototype : zarr.core.buffer.BufferPrototype, optional
        byte_range : zarr.abc.store.ByteRequest, optional
            A part, which is not compared: our chunks are read whole.

        Returns
        -------
        zarr.core.buffer.Buffer or None
        """
        CheckedStore.last_path = self.path
        data = await self._store.get(key, prototype, byte_range)
        if data is not None and key.rpartition("/")[2] in METADATA and _unpickles(json.loads(data.to_bytes())):
            raise InputError(
                f"{self.path}: {key} names the codec pickle, which can run any code; write the store without"
            )
        expected = self.sums.get(key)
        if data is not None and byte_range is None and expected:
            found = await asyncio.to_thread(lambda: hashlib.sha256(data.as_numpy_array()).hexdigest())
            if found != expected:
                raise InputError(
                    f"{self.path}: {key} is damaged, its bytes are not those that were written; run `lenspipe verify "
                    f"{self.path}`, then recreate the store"
                )
        return data
