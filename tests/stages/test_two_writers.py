"""A store has one writer, and a writer that comes too late fails: nothing of another sky gets into a finished store."""

import multiprocessing
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pandas as pd
import pytest

from lenspipe import store
from lenspipe.errors import InputError
from lenspipe.simulate.worker_processes import WorkerProcesses
from lenspipe.stages import simulate as stage
from lenspipe.surveys import SURVEYS

COUNT = 1024
PIXELS = {"bands": ["g"], "num_pix": 17, "survey": SURVEYS["des_y3"], "keep_planes": False, "block": 256}


def fast(rows, bands, num_pix, survey, seed, **_):
    """Images that hold the seed alone."""
    n = len(rows)
    noise = np.full((n, len(bands)), seed, np.float32)
    known = {"sky_sigma": noise, "psf_fwhm": noise, "depth": noise, "arc_snr": noise[:, 0], "forecast_snr": noise}
    image = np.full((n, len(bands), num_pix, num_pix), seed, np.float32)
    return known | {"image": image, "id": rows["id"].to_numpy()}


@pytest.fixture
def catalog(tmp_path, monkeypatch):
    monkeypatch.setattr(stage, "simulate_objects", fast)
    path = tmp_path / "val.parquet"
    store.write_table(pd.DataFrame({"id": np.arange(COUNT)}), path)
    return path


def make(catalog, seed=1, progress=None, **options):
    path = catalog.with_suffix(".zarr")
    stage.simulate([(catalog, path)], **PIXELS | {"workers": 1} | options, seed=seed, progress=progress)
    return path


def seeds_in(path):
    return set(np.unique(store.open_images(path)["image"].values))


def test_a_second_writer_is_refused_with_the_name_of_the_first(catalog):
    def meanwhile(done, total):
        with pytest.raises(InputError, match=rf"process {os.getpid()} on .* is writing it; wait for it"):
            make(catalog, seed=2)

    path = make(catalog, progress=meanwhile)
    assert store.verify(path) == [] and seeds_in(path) == {1}
    assert [name for name in os.listdir(catalog.parent) if name.endswith(".lock")] == []


def test_parts_share_a_store_and_the_whole_does_not(catalog):
    def meanwhile(done, total):
        make(catalog, part=(2, 2))
        with pytest.raises(InputError, match="is writing it"):
            make(catalog)

    make(catalog, part=(1, 2), progress=meanwhile)
    assert store.verify(make(catalog)) == []


def test_the_lock_of_a_killed_writer_is_free(catalog):
    code = f"""
import time
from lenspipe import store
with store.locked({str(catalog.with_suffix(".zarr"))!r}):
    print("held", flush=True)
    time.sleep(60)
"""
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    process.stdout.readline()
    with pytest.raises(InputError, match=f"process {process.pid}"):
        make(catalog)
    process.kill()
    process.wait()
    assert seeds_in(make(catalog)) == {1}


def test_a_writer_whose_store_was_taken_over_fails_and_leaves_it_whole(catalog, monkeypatch):
    """As one that was stopped on a disk without locks, and goes on when another sky is finished."""
    monkeypatch.setattr("lenspipe.store.lock.fcntl.flock", no_locks)
    taken = []

    def meanwhile(done, total):
        if not taken:
            taken.append(make(catalog, seed=2))

    with pytest.raises(InputError, match="is being written with other settings or another catalogue; run again"):
        make(catalog, seed=1, progress=meanwhile)
    assert store.verify(taken[0]) == [] and seeds_in(taken[0]) == {2}


def no_locks(*_):
    raise OSError(95, "Operation not supported")


@pytest.mark.parametrize("when", ["before a block", "at the end"])
def test_a_catalogue_that_is_replaced_meanwhile_is_noticed(catalog, when):
    def meanwhile(done, total):
        if done == (total if when == "at the end" else 256):
            store.write_table(pd.DataFrame({"id": np.arange(COUNT) + 5}), catalog)

    with pytest.raises(InputError, match=r"val\.parquet: was replaced while it was being rendered; run simulate again"):
        make(catalog, progress=meanwhile)
    path = make(catalog)
    assert store.verify(path) == []
    np.testing.assert_array_equal(store.open_images(path)["id"], np.arange(COUNT) + 5)


@pytest.mark.parametrize("name", ["a[1]", "a*", "a b", "[ab]", "{x}"])
def test_names_with_brackets_are_names(catalog, name):
    other = catalog.with_name(f"{name}.parquet")
    catalog.rename(other)
    make(other, part=(1, 2))
    path = make(other)
    assert store.verify(path) == [] and seeds_in(path) == {1}
    assert sorted(store.Journal(path, store.read_manifest(path)["digest"]).intact_chunks()) == [0, 1, 2, 3]


def test_stray_files_do_not_block_a_store(catalog):
    make(catalog, part=(1, 2))
    path = catalog.with_suffix(".zarr")
    for stray in (".DS_Store", ".nfs000000000001", "image/.DS_Store", "image/c/.DS_Store", "image/c/._0"):
        (path / stray).write_bytes(b"left by a desktop")
    (path.parent / "val.journal.txt").write_text("a user's own")
    (path.parent / "val.journal.1-of-3.jsonl").write_bytes(b"\xff\xfe broken\n[1]\n")
    assert store.verify(make(catalog)) == [] and seeds_in(path) == {1}


def test_a_damaged_line_of_the_journal_costs_its_chunk_alone(catalog):
    make(catalog, part=(1, 1))
    path = catalog.with_suffix(".zarr")
    journal = next(catalog.parent.glob("val.journal.*"))
    lines = journal.read_text().splitlines()
    for damaged in ('{"chunk": 1}', "[]", "\0\0", '{"chunk": "1", "files": {}}', '{"chunk": 1, "files": [1]}'):
        journal.write_text("\n".join([lines[0], damaged, *lines[2:]]) + "\n")
        made = []
        assert store.verify(make(catalog, progress=lambda done, total, made=made: made.append(total))) == []
        assert made == [256]
    assert seeds_in(path) == {1}


def job(seconds, kill=None):
    if kill is not None:
        os.kill(os.getpid(), kill)
    time.sleep(seconds)
    return seconds


@pytest.mark.slow
def test_a_stopped_worker_is_told_and_replaced(monkeypatch, caplog):
    monkeypatch.setattr("lenspipe.simulate.worker_processes.PATIENCE", 3.0)
    monkeypatch.setattr("lenspipe.simulate.worker_processes.CHECKED", 0.5)
    stopped = []
    with WorkerProcesses(2) as processes:
        for index, _ in processes.run(job, [(0.1,)] * 6):
            if not stopped:
                stopped.append(processes.workers[index % 2].process.pid)
                os.kill(stopped[0], signal.SIGSTOP)
    assert "a worker has not gone on for 3 s; another one makes its block" in caplog.text


@pytest.mark.slow
def test_workers_end_with_their_parent():
    code = """
import time
from lenspipe.simulate.worker_processes import WorkerProcesses
import test_two_writers
if __name__ == "__main__":
    with WorkerProcesses(2) as processes:
        tasks = processes.run(test_two_writers.job, [(0.0,), (0.0,), (300.0,), (300.0,)])
        next(tasks), next(tasks)
        print(*(worker.process.pid for worker in processes.workers), flush=True)
        next(tasks)
"""
    here = os.path.dirname(__file__)
    process = subprocess.Popen([sys.executable, "-c", code], cwd=here, stdout=subprocess.PIPE, text=True)
    workers = [int(word) for word in process.stdout.readline().split()]
    assert len(workers) == 2
    process.kill()
    process.wait()
    deadline = time.monotonic() + 5
    while (alive := [pid for pid in workers if os.path.exists(f"/proc/{pid}")]) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not alive


def test_no_port_is_open_while_workers_work():
    with WorkerProcesses(2) as processes:
        for _ in processes.run(job, [(0.2,)] * 4):
            for worker in processes.workers:
                assert listening(worker.process.pid) == set()
    assert multiprocessing.active_children() == []


def listening(pid):
    """Inodes of the listening TCP sockets of a process."""
    sockets = set()
    for descriptor in os.scandir(f"/proc/{pid}/fd"):
        target = os.readlink(descriptor.path)
        if target.startswith("socket:["):
            sockets.add(target[8:-1])
    listed = set()
    for name in ("tcp", "tcp6"):
        with open(f"/proc/net/{name}") as file:
            listed |= {line.split()[9] for line in file.readlines()[1:] if line.split()[3] == "0A"}
    return sockets & listed
