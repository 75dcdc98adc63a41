"""Pieces of work under faults: killed, refused, out of memory, stopped, beside another writer, with damaged files."""

import hashlib
import json
import os
import random
import resource
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import children
import points
import works
from table import Table

NOT_COMPARED = ("resume.pt",)  # torch's files hold no times, but need not be the same
DAMAGES = ("a flipped bit", "a torn file", "two files exchanged")
NO_MEMORY, FULL_FILE = "no memory", "a write refused"
WRITERS = (points.STOPPED, "two writers at once")
SECOND_WRITER = ("is writing it", "is being written", "already exists")  # why a second writer may be refused
ABORTED = (-signal.SIGABRT, -signal.SIGSEGV, -signal.SIGBUS)  # of libraries that get no memory: as a kill
MODES = (*points.MODES, NO_MEMORY, FULL_FILE, *WRITERS, *DAMAGES)


def faults(count, folder, seed=1):
    """Try ``count`` faults, evenly over the modes, and over the works and their points: Table."""
    folder, rng, table = Path(folder), random.Random(seed), Table()
    passed = {}
    for name in works.WORKS:
        expected = folder / f"{name}_expected"
        expected.mkdir()
        works.prepare(name, expected)
        status, printed = children.run(_count, name, expected)
        assert status == 0, printed
        passed[name] = len(json.loads(printed.splitlines()[-1]))
    cases = []
    for k in range(count):
        mode, name = MODES[k % len(MODES)], list(works.WORKS)[k // len(MODES) % len(works.WORKS)]
        if mode in DAMAGES:
            name = "images" if name in ("images", "tables") else "training"
        cases.append((k, name, mode, rng.randrange(passed[name])))
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for found in pool.map(lambda case: _try(folder, *case), cases):
            table.add(**found)
    return table


def _try(folder, k, name, mode, number):
    own = folder / f"{name}_{k}"
    own.mkdir()
    works.prepare(name, own)
    if mode in DAMAGES:
        return _damage(folder, own, k, name, mode)
    return _fault(folder, own, k, name, mode, number)


def _work(name, folder, before_printing=lambda: None):
    from lenspipe.cli._app import line_about

    os.chdir(folder)  # names in tables and manifests are those that the user gave
    try:
        works.WORKS[name](Path())
    except Exception as error:
        before_printing()
        if (line := line_about(error)) is None:
            raise
        print(f"lenspipe: {line}")
        sys.exit(2)


def _count(name, folder):
    with points.counted() as passed:
        _work(name, folder)
    print(json.dumps(passed))


def _with_fault(name, folder, k, mode, number):
    rng = random.Random(k)
    if mode == NO_MEMORY:
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        most = pages * os.sysconf("SC_PAGE_SIZE") + rng.choice([0, 1, 4, 16, 64, 128]) * (1 << 20)
        _limited(resource.RLIMIT_AS, most, name, folder)
    elif mode == FULL_FILE:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        expected = folder.parent / f"{name}_expected"
        size = rng.choice([path.stat().st_size for path in expected.rglob("*") if path.is_file()])
        _limited(resource.RLIMIT_FSIZE, rng.randrange(max(size, 1)), name, folder)
    else:
        with points.failing_at(number, mode):
            _work(name, folder)


def _limited(what, most, name, folder):
    """The work with less of ``what``; there is enough again when its end is printed."""
    before = resource.getrlimit(what)
    resource.setrlimit(what, (most, before[1]))
    try:
        _work(name, folder, lambda: resource.setrlimit(what, before))
    finally:
        resource.setrlimit(what, before)


def _fault(folder, own, k, name, mode, number):
    """One fault in a new folder, and what the work makes of it when it is called again."""
    expected = digests(folder / f"{name}_expected")
    case = f"{name}, {mode}, point {number}, case {k}"
    traceback = ""
    if mode == WRITERS[1]:
        both = [children.Child(_work, name, own) for _ in range(2)]
        ended = [child.result() for child in both]
    else:
        first = children.Child(_with_fault, name, own, k, mode, number)
        ended = []
        if mode == points.STOPPED and first.stopped():
            ended = [children.run(_work, name, own)]
            first.go_on()
        ended.append(first.result())
    allowed = (0, 2, points.KILLED, *(ABORTED if mode == NO_MEMORY else ()))
    for status, printed in ended:
        refused_alone = mode in WRITERS and status == 2 and not any(words in printed for words in SECOND_WRITER)
        if status not in allowed or refused_alone:
            traceback = f"{case}: {printed}"
    wrong = _wrong(own, expected)
    kept = _finished_chunks(own)
    status, printed = children.run(_work, name, own)
    traceback = traceback or (f"{case}: {printed}" if status else "")
    wrong = wrong or digests(own).items() ^ expected.items() or _leftovers(own)
    lost = [file for file, mark in kept.items() if _mark(own / file) != mark]
    return {
        "kind": f"{mode} ({name})",
        "lost": lost and case,
        "wrong": wrong and f"{case}: {wrong}",
        "traceback": traceback,
    }


def _damage(folder, own, k, name, damage):
    """A finished store or training whose files are damaged: reading tells, and the work makes it whole again."""
    rng, expected = random.Random(k), digests(folder / f"{name}_expected")
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
        for made in ("model.json", "weights.safetensors", "history.csv", "validation.safetensors"):
            (own / made).unlink()
    status, printed = children.run(_work, name, own)
    wrong = unnoticed or digests(own).items() ^ expected.items()
    case = f"{name}, {damage} of {one.relative_to(own)}, case {k}"
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
