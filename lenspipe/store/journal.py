"""The journal of an unfinished store: which chunks a resumed run can keep."""

import glob
import json
import os
import re
from pathlib import Path

from lenspipe.errors import InputError
from lenspipe.provenance import file_sha256
from lenspipe.store import atomic

PART = re.compile(r"journal\.[0-9]+-of-[0-9]+\.jsonl")


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
        for path in journals(self.store):
            finished |= _entries(path, self.digest)
        checked = finished.keys() if chunks is None else finished.keys() & set(chunks)
        return {chunk: finished[chunk] for chunk in sorted(checked) if self._intact(finished[chunk], every_byte)}

    def open(self):
        """Keep the entries of this digest, drop all others and damaged lines, such as the last one of a killed run."""
        kept = _entries(self.path, self.digest)
        lines = [{"digest": self.digest}, *({"chunk": chunk, "files": files} for chunk, files in kept.items())]
        atomic.write(self.path, "".join(json.dumps(line) + "\n" for line in lines))

    def append(self, chunk, files):
        """Add the finished chunk ``chunk`` (int) with its ``files`` (dict of name to sha256), flushed to the disk.

        InputError if the journal was opened by a writer of other images in the meantime.
        """
        with atomic.name_in_errors(self.path), open(self.path, "r+") as file:
            if file.readline() != json.dumps({"digest": self.digest}) + "\n":
                raise InputError(f"{self.store}: is being written with other settings or another catalogue; run again")
            file.seek(0, os.SEEK_END)
            file.write(json.dumps({"chunk": chunk, "files": files}) + "\n")
            file.flush()
            os.fsync(file.fileno())

    def _intact(self, files, every_byte):
        sums = {self.store / file: sha256 for file, sha256 in files.items()}
        return all(path.exists() and (not every_byte or file_sha256(path) == sha256) for path, sha256 in sums.items())


def journals(store):
    """Paths of the journals of ``store`` (path), one a part: list of path."""
    paths = store.parent.glob(f"{glob.escape(store.stem)}.journal.*.jsonl")
    return sorted(path for path in paths if PART.fullmatch(path.name.removeprefix(f"{store.stem}.")))


def _entries(path, digest):
    """Chunks listed in a journal file of this digest; {} if its first line has another digest, or there is none."""
    lines = path.read_text(errors="replace").splitlines() if path.exists() else []
    if not lines or _parsed(lines[0]) != {"digest": digest}:
        return {}
    entries = [_parsed(line) for line in lines[1:]]  # a line may be damaged: its chunk is rendered again
    return {entry["chunk"]: entry["files"] for entry in entries if _is_entry(entry)}


def _parsed(line):
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None


def _is_entry(entry):
    if not isinstance(entry, dict) or type(entry.get("chunk")) is not int or not isinstance(entry.get("files"), dict):
        return False
    return all(isinstance(sha256, str) for sha256 in entry["files"].values())
