"""The journal of an unfinished store: which chunks a resumed run can keep."""

import json
import os
from pathlib import Path

from lenspipe.provenance import file_sha256
from lenspipe.store import atomic


class Journal:
    """A file of JSON lines: first the digest of all inputs, then a line per finished chunk with its files' sha256.

    Only one process writes a journal. Each of several parallel parts writes a journal of its own; all journals with the
    same digest are read.

    Parameters
    ----------
    store : path
        The store, ``x.zarr``. The journal is ``x.journal.<k>-of-<n>.jsonl`` next to it.
    digest : str
        Digest of everything that the pixels depend on.
    part : tuple of int
        ``(k, n)``: part k of n, from 1.
    """

    def __init__(self, store, digest, part=(1, 1)):
        self.store = Path(store)
        self.digest = digest
        k, n = part
        self.path = self.store.with_name(f"{self.store.stem}.journal.{k}-of-{n}.jsonl")

    def intact_chunks(self, chunks=None, *, every_byte=True):
        """Finished chunks of this digest whose files are unchanged.

        Parameters
        ----------
        chunks : collection of int, optional
            Numbers of the chunks to check; all if not given.
        every_byte : bool
            Compare the sha256 of every file. If False, only check that the files exist.

        Returns
        -------
        dict of int to dict
            By chunk: sha256 by file.
        """
        finished = {}
        for path in sorted(self.store.parent.glob(f"{self.store.stem}.journal.*.jsonl")):
            finished |= _entries(path, self.digest)
        checked = finished.keys() if chunks is None else finished.keys() & set(chunks)
        return {chunk: finished[chunk] for chunk in sorted(checked) if self._intact(finished[chunk], every_byte)}

    def open(self):
        """Keep the entries of this digest, drop all others, and drop a last line that a killed run left incomplete."""
        kept = _entries(self.path, self.digest)
        lines = [{"digest": self.digest}, *({"chunk": chunk, "files": files} for chunk, files in kept.items())]
        atomic.write(self.path, "".join(json.dumps(line) + "\n" for line in lines))

    def append(self, chunk, files):
        """Add the finished chunk ``chunk`` (int) with its ``files`` (dict of name to sha256), flushed to the disk."""
        with atomic.name_in_errors(self.path), open(self.path, "a") as file:
            file.write(json.dumps({"chunk": chunk, "files": files}) + "\n")
            file.flush()
            os.fsync(file.fileno())

    def _intact(self, files, every_byte):
        sums = {self.store / file: sha256 for file, sha256 in files.items()}
        return all(path.exists() and (not every_byte or file_sha256(path) == sha256) for path, sha256 in sums.items())


def _entries(path, digest):
    """Chunks listed in a journal file of this digest; {} if its first line has another digest, or there is none."""
    lines = []
    for text in path.read_text().splitlines() if path.exists() else []:
        try:
            lines.append(json.loads(text))
        except json.JSONDecodeError:
            break  # the line that was being written when the run was killed
    if not lines or lines[0] != {"digest": digest}:
        return {}
    return {line["chunk"]: line["files"] for line in lines[1:]}
