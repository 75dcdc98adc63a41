"""Many faults and many hostile inputs, and a table of what came of them.

python tests/faults/campaign.py --faults 1000 --inputs 1000 --output docs/reliability.md
"""

import argparse
import hashlib
import json
import os
import random
import re
import sys
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import children
import inputs
import points
import works

COLUMNS = ("times", "lost", "wrong", "traceback")
NOT_COMPARED = ("resume.pt",)  # torch's files hold no times, but need not be the same
DAMAGES = ("a flipped bit", "a torn file", "two files exchanged")


class Table:
    """Counts by kind: how often it was tried, and what was lost, wrong, or ended with a traceback."""

    def __init__(self):
        self.counts = {}
        self.told = []  # of each failure: kind, case and what was printed

    def add(self, kind, **found):
        row = self.counts.setdefault(kind, Counter())
        row["times"] += 1
        for name, case in found.items():
            if case:
                row[name] += 1
                self.told.append((kind, name, case))

    def markdown(self):
        rows = [f"| {kind} | {' | '.join(str(row[name]) for name in COLUMNS)} |" for kind, row in self.counts.items()]
        return "\n".join(["| kind | times | lost | wrong | traceback |", "|---|---|---|---|---|", *rows]) + "\n"


def faults(count, folder, seed=1):
    """Try ``count`` faults, evenly over the points and modes of all works: Table."""
    folder, rng, table = Path(folder), random.Random(seed), Table()
    cases = []
    for name in works.WORKS:
        expected = folder / f"{name}_expected"
        expected.mkdir()
        status, printed = children.run(_count, name, expected)
        assert status == 0, printed
        passed = json.loads(printed.splitlines()[-1])
        cases += [(name, number, mode) for number in range(len(passed)) for mode in points.MODES]
    rng.shuffle(cases)
    share = (4 * count) // 5
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        wanted = [cases[k % len(cases)] for k in range(share)]
        for found in pool.map(lambda k: _fault(folder, k, *wanted[k]), range(share)):
            table.add(**found)
        damages = [(DAMAGES[k % len(DAMAGES)], k) for k in range(count - share)]
        for found in pool.map(lambda case: _damage(folder, *case), damages):
            table.add(**found)
    return table


def _work(name, folder):
    os.chdir(folder)  # names in tables and manifests are those that the user gave
    works.WORKS[name](Path())


def _count(name, folder):
    with points.counted() as passed:
        _work(name, folder)
    print(json.dumps(passed))


def _with_fault(name, folder, number, mode):
    from lenspipe.errors import InputError

    with points.failing_at(number, mode):
        try:
            _work(name, folder)
        except InputError as error:
            print(f"lenspipe: {error}")
            sys.exit(2)
        except OSError as error:
            if error.errno not in points.REFUSALS.values():
                raise
            sys.exit(2)


def _fault(folder, k, name, number, mode):
    """One fault in a new folder, and what the work makes of it when it is called again."""
    own, expected = folder / f"{name}_{k}", digests(folder / f"{name}_expected")
    own.mkdir()
    status, printed = children.run(_with_fault, name, own, number, mode)
    case = f"{name}, point {number}, {mode}"
    traceback = case + printed if status not in (0, 2, points.KILLED) else ""
    wrong = _wrong(own, expected)
    kept = _finished_chunks(own)
    status, printed = children.run(_work, name, own)
    traceback = traceback or (case + printed if status else "")
    wrong = wrong or digests(own).items() ^ expected.items() or _leftovers(own)
    lost = [file for file, mark in kept.items() if _mark(own / file) != mark]
    return {
        "kind": f"{mode} ({name})",
        "lost": lost and case,
        "wrong": wrong and f"{case}: {wrong}",
        "traceback": traceback,
    }


def _damage(folder, damage, k):
    """A finished store or training whose files are damaged: reading tells, and the work makes it whole again."""
    rng, name = random.Random(k), ("images", "training")[k // len(DAMAGES) % 2]
    own, expected = folder / f"damage_{k}", digests(folder / f"{name}_expected")
    own.mkdir()
    status, printed = children.run(_work, name, own)
    assert status == 0, printed
    files = sorted(own.glob("val.zarr/*/c/**/0") if name == "images" else [own / "resume.pt"])
    files = [file for file in files if file.is_file()]
    one, other = rng.choice(files), rng.choice(files)
    data = bytearray(one.read_bytes())
    if damage == "a flipped bit":
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    elif damage == "a torn file":
        data = data[: rng.randrange(len(data))]
    else:
        data, before = bytearray(other.read_bytes()), data
        other.write_bytes(before)
    one.write_bytes(data)
    unnoticed = ""
    if name == "images" and digests(own) != expected:
        status, printed = children.run(_read_all, own)
        unnoticed = "" if status == 2 else f"{one} is read: {printed}"
    elif name == "training":
        for made in ("model.json", "weights.safetensors", "history.csv"):
            (own / made).unlink()
    status, printed = children.run(_work, name, own)
    wrong = unnoticed or digests(own).items() ^ expected.items()
    case = f"{name}, {damage} of {one.relative_to(own)}"
    return {
        "kind": f"{damage} ({name})",
        "wrong": wrong and f"{case}: {wrong}",
        "traceback": f"{case}: {printed}" if status else "",
    }


def _read_all(folder):
    from lenspipe import store
    from lenspipe.errors import InputError

    try:
        dataset = store.open_images(folder / "val.zarr")
        for name in dataset:
            dataset[name].to_numpy()
    except InputError as error:
        print(f"lenspipe: {error}")
        sys.exit(2)


def digests(folder):
    """sha256 of all files by name, without journals and locks."""
    paths = [path for path in folder.rglob("*") if path.is_file()]
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in paths
        if path.name not in NOT_COMPARED
        and ".journal." not in path.name
        and not any(part.endswith((".lock", ".draft", ".partial")) for part in path.relative_to(folder).parts)
    }


def _wrong(folder, expected):
    """Files with a final name that are not what they should be; chunks of a store count once it has a manifest."""
    made = digests(folder)
    finished = {name.partition(".")[0] for name in made if name.endswith(".json") and "/" not in name}
    return [
        name
        for name, digest in made.items()
        if digest != expected.get(name)
        and (".zarr/" not in name or name.partition(".")[0] in finished)
        and not name.endswith(".naming")
    ]


def _finished_chunks(folder):
    """Inode and time of the files that journals say are finished, as long as their bytes are those."""
    kept = {}
    for journal in folder.glob("*.journal.*.jsonl"):
        store = journal.name.split(".")[0] + ".zarr"
        for line in journal.read_text().splitlines()[1:]:
            for file, sha256 in json.loads(line)["files"].items() if line.endswith("}") else ():
                path = folder / store / file
                if path.exists() and hashlib.sha256(path.read_bytes()).hexdigest() == sha256:
                    kept[f"{store}/{file}"] = _mark(path)
    return kept


def _mark(path):
    stat = path.stat() if path.exists() else None
    return stat and (stat.st_ino, stat.st_mtime_ns)


def _leftovers(folder):
    return [str(path) for path in folder.rglob("*") if path.name.endswith((".draft", ".naming"))]


def hostile_inputs(count, folder, seed=1):
    """Try ``count`` inputs, evenly over the kinds: Table."""
    folder, table = Path(folder), Table()
    kinds = list(inputs.KINDS)
    status, printed = children.run(inputs.prepare, folder)
    assert status == 0, printed
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for found in pool.map(lambda k: _input(folder, kinds[k % len(kinds)], seed * 10**6 + k), range(count)):
            table.add(**found)
    return table


def _input(folder, kind, number):
    own = folder / f"{kind.replace(' ', '_')}_{number}"
    own.mkdir()
    status, printed = children.run(inputs.hand_in, kind, number, folder, own)
    case = f"{kind} {number}: status {status}\n{printed[-1500:]}"
    told = [line for line in printed.splitlines() if line.startswith("lenspipe: ")]
    bad = status not in (0, 2) or "Traceback" in printed or (status == 2 and len(told) != 1)
    return {"kind": f"input: {kind}", "traceback": bad and case}


def write_into(page, table):
    """Replace what stands between the page's two markers."""
    begin, end = "<!-- faults: begin -->\n", "<!-- faults: end -->"
    page.write_text(re.sub(f"{begin}.*?{end}", lambda _: begin + table + end, page.read_text(), flags=re.DOTALL))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--faults", type=int, default=1000)
    parser.add_argument("--inputs", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--output", type=Path, help="page whose table is replaced")
    options = parser.parse_args()
    both = Table()
    for part, count in ((faults, options.faults), (hostile_inputs, options.inputs)):
        with tempfile.TemporaryDirectory() as folder:
            found = part(count, folder, options.seed)
        both.counts |= found.counts
        both.told += found.told
    print(both.markdown(), end="")
    for kind, name, case in both.told:
        print(f"--- {name}: {kind}: {case}")
    if options.output:
        write_into(options.output, both.markdown())


if __name__ == "__main__":
    main()
