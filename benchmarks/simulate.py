#!/usr/bin/env python3
"""Speed and memory of the simulate stage, with noise and writing.

    python benchmarks/simulate.py [--objects 15000] [--rounds 3]
    python benchmarks/simulate.py --memory 5000 50000

The first prints objects per second for 1 and 2 workers in turns; start-up of the worker processes is counted, as a user
waits for it, and told apart. The second prints the peak memory of the stage with 2 workers for each number of objects.
"""

import argparse
import multiprocessing
import tempfile
import time
from pathlib import Path

import numpy as np
import psutil

from lenspipe.stages.simulate import simulate
from lenspipe.store import write_table


def draw(count, catalog):
    from default_sky import objects

    write_table(objects(count, "train"), catalog)


def run(catalog, store, workers, progress=None):
    from default_sky import PIXELS, SETTINGS  # not above: new workers run what stands there, as the stage's do not

    said = PIXELS | {"seed": 1, "keep_planes": False, "block": SETTINGS["simulate"]["block"]}
    simulate([(catalog, store)], **said, workers=workers, progress=progress)


def speeds(folder, count, rounds):
    catalog = folder / "train.parquet"
    draw(count, catalog)
    whole, steady = {1: [], 2: []}, {1: [], 2: []}
    for turn in range(rounds):
        for workers in whole:
            seen = [(time.perf_counter(), 0)]
            run(
                catalog,
                folder / f"{turn}_{workers}.zarr",
                workers,
                lambda done, _, s=seen: s.append((time.perf_counter(), done)),
            )
            (start, _), (first, before), (last, done) = seen[0], seen[workers], seen[-1]
            whole[workers].append(count / (time.perf_counter() - start))
            steady[workers].append((done - before) / (last - first))
    for workers in whole:
        rate, later = np.median(whole[workers]), np.median(steady[workers])
        print(f"{workers} workers: {rate:.0f} objects/s, {later:.0f} after the first blocks (medians of {rounds})")
    for name, rates in (("start counted", whole), ("after the first blocks", steady)):
        print(f"parallel efficiency {name}: {np.median(rates[2]) / np.median(rates[1]) / 2:.2f}")


def peak_memory(folder, count):
    """Largest sum of unique and shared memory of the stage and its workers, bytes; looked at every 0.1 s."""
    catalog = folder / f"{count}.parquet"
    draw(count, catalog)
    process = multiprocessing.get_context("spawn").Process(target=run, args=(catalog, folder / f"{count}.zarr", 2))
    process.start()
    peak = 0
    while process.is_alive():
        family = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
        peak = max(peak, sum(_share(one) for one in family))
        time.sleep(0.1)
    process.join()
    return peak


def _share(process):
    try:
        return process.memory_full_info().pss
    except psutil.NoSuchProcess:
        return 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--objects", type=int, default=15000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--memory", type=int, nargs="+", metavar="OBJECTS", default=[])
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if not asked.memory:
            speeds(Path(folder), asked.objects, asked.rounds)
        for count in asked.memory:
            print(f"{count:,} objects: {peak_memory(Path(folder), count) / 1e6:.0f} MB at most")


if __name__ == "__main__":
    main()
