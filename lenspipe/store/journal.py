"""The journal of a store that is being written: what resume may trust."""

import json
import os
from pathlib import Path

from lenspipe.provenance import file_sha256
from lenspipe.store import atomic


class Journal:
    """First line: digest of all that the pixels follow from. Then a line per finished chunk with its files' sums.

    Only one process writes a journal. ``part`` k of n writes its own; all those with the same first line are read.
    """

    def __init__(self, store, digest, part=(1, 1)):
        self.store = Path(store)
        self.digest = digest
        k, n = part
        self.path = self.store.with_name(f"{self.store.stem}.journal.{k}-of-{n}.jsonl")

    def trusted(self, among=None, every_byte=True):
        """Chunks finished under this digest whose files still are what was written: dict of chunk to files' sums.

        ``among`` names the chunks to look at; all if it is not given. Without ``every_byte`` only their files' presence
        is looked at.
        """
        chunks = {}
        for path in sorted(self.store.parent.glob(f"{self.store.stem}.journal.*.jsonl")):
            chunks |= _entries(path, self.digest)
        looked_at = chunks.keys() if among is None else chunks.keys() & set(among)
        return {chunk: chunks[chunk] for chunk in sorted(looked_at) if self._intact(chunks[chunk], every_byte)}

    def open(self):
        """Start afresh unless the file is already this digest's; mend a last line that a kill cut short."""
        kept = _entries(self.path, self.digest)
        lines = [{"digest": self.digest}, *({"chunk": chunk, "files": files} for chunk, files in kept.items())]
        atomic.write(self.path, "".join(json.dumps(line) + "\n" for line in lines))

    def append(self, chunk, files):
        """Note a finished chunk; on disk when this returns."""
        with atomic.naming(self.path), open(self.path, "a") as file:
            file.write(json.dumps({"chunk": chunk, "files": files}) + "\n")
            file.flush()
            os.fsync(file.fileno())

    def _intact(self, files, every_byte):
        paths = {self.store / file: said for file, said in files.items()}
        return all(path.exists() and (not every_byte or file_sha256(path) == said) for path, said in paths.items())


def _entries(path, digest):
    """Chunks in a journal file with the given first line; {} for another first line or none."""
    lines = []
    for text in path.read_text().splitlines() if path.exists() else []:
        try:
            lines.append(json.loads(text))
        except json.JSONDecodeError:
            break  # the line that was being written at a kill
    if not lines or lines[0] != {"digest": digest}:
        return {}
    return {line["chunk"]: line["files"] for line in lines[1:]}
