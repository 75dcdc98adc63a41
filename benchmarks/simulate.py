#!/usr/bin/env python3
"""Objects per second of the simulate stage, with noise and writing, for 1 and 2 workers in turns.

    python benchmarks/simulate.py [--objects 15000] [--rounds 3]

Start-up of the worker processes is counted, as a user waits for it.
"""

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np

from lenspipe import config
from lenspipe.cli._priors import priors_from
from lenspipe.population import draw_catalog
from lenspipe.simulate import simulate
from lenspipe.store import write_table

ROOT = Path(__file__).resolve().parents[1]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--objects", type=int, default=15000)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    said = config.load([ROOT / "config" / "config.yaml"]).model_dump()
    priors = priors_from(said["survey"], said["bands"], said["population"])
    rates = {1: [], 2: []}
    with tempfile.TemporaryDirectory() as folder:
        catalog = Path(folder) / "train.parquet"
        write_table(draw_catalog("train", asked.objects, 0.5, said["population"]["non_lenses"], 1, priors), catalog)
        for turn in range(asked.rounds):
            for workers, measured in rates.items():
                start = time.perf_counter()
                simulate(
                    [(catalog, Path(folder) / f"{turn}_{workers}.zarr")],
                    bands=said["bands"],
                    num_pix=said["num_pix"],
                    survey=priors.survey,
                    seed=1,
                    keep_planes=False,
                    block=said["simulate"]["block"],
                    workers=workers,
                )
                measured.append(asked.objects / (time.perf_counter() - start))
    for workers, measured in rates.items():
        print(f"{workers} workers: {np.median(measured):.0f} objects/s (median of {asked.rounds})")


if __name__ == "__main__":
    main()
