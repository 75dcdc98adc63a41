#!/usr/bin/env python3
"""Peak memory and speed of a training for numbers of objects that may be more than fit into memory.

    python benchmarks/training_memory.py results/talk [--objects 15000 60000 240000 500000] [--network feed_forward]

The larger stores are the run's own training images again and again, as links to its files, with other ids: they take no
disk. Prints the largest memory of one epoch's training, its files on disk that the system may forget left out, and the
examples per second of reading alone.
"""

import argparse
import logging
import os
import tempfile
import time
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import psutil
import torch
import zarr

from lenspipe import config, store
from lenspipe.learning.examples import StoredExamples
from lenspipe.learning.image_input import ImageInput
from lenspipe.stages.train import train


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("run", type=Path)
    parser.add_argument("--objects", type=int, nargs="+", default=[15_000, 60_000, 240_000, 500_000])
    parser.add_argument("--network", default="feed_forward")
    asked = parser.parse_args()
    logging.getLogger("lenspipe").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory(dir=asked.run) as folder:
        for count in asked.objects:
            stores, catalogs = repeated(asked.run, Path(folder), count)
            peak, seconds = peak_memory((stores, catalogs, Path(folder) / f"{count}", asked.network))
            print(f"{count:,} objects: {peak / 1e6:.0f} MB at most, {seconds:.0f} s", flush=True)
            print(f"  reading alone: {reading_speed(stores['train']):,.0f} objects/s", flush=True)


def repeated(run, folder, count):
    """Stores and catalogues of a run, dicts of str to path, whose training split was repeated to ``count`` objects."""
    source, made = run / "images" / "train.zarr", folder / f"{count}.zarr"
    dataset = store.open_images(source)
    whole = dataset.sizes["object"] // store.CHUNK
    bands = [str(band) for band in dataset["band"].values]
    layout = {"bands": bands, "num_pix": dataset.sizes["y"], "planes": False, "attributes": dict(dataset.attrs)}
    store.create(made, count, **layout)
    for array in (path.parent for path in source.glob("*/c") if path.parent.name not in ("id", "band")):
        for chunk in range(-(-count // store.CHUNK)):
            first = array / "c" / str(chunk % whole)
            for file in [first] if first.is_file() else (path for path in first.rglob("*") if path.is_file()):
                link = made / array.name / "c" / str(chunk) / file.relative_to(first)
                link.parent.mkdir(parents=True, exist_ok=True)
                os.link(file, link)
    zarr.open_array(made / "id", mode="r+")[:] = np.arange(count)
    catalog = store.read_table(run / "catalog" / "train.parquet")
    rows = np.arange(count) % (whole * store.CHUNK)
    store.write_table(catalog.iloc[rows].assign(id=np.arange(count)), folder / f"{count}.parquet")
    images = {"train": made, "val": run / "images" / "val.zarr"}
    return images, {"train": folder / f"{count}.parquet", "val": run / "catalog" / "val.parquet"}


def learn(stores, catalogs, output, network):
    training = config.load([config.defaults_path()]).model_dump()["train"]["classifier"]
    recipe = config.recipe_of(training) | {"network": network, "epochs": 1}
    train("classifier", training["task"], stores, catalogs, output_dir=output, seed=1, recipe=recipe, threads=2)


def peak_memory(arguments):
    """Largest memory of ``learn``, bytes, without mapped files; looked at every 0.1 s. And its seconds."""
    process = get_context("spawn").Process(target=learn, args=arguments)
    started, peak = time.monotonic(), 0
    process.start()
    while process.is_alive():
        try:
            memory = psutil.Process(process.pid).memory_info()
            peak = max(peak, memory.rss - memory.shared)
        except psutil.NoSuchProcess:
            break
        time.sleep(0.1)
    process.join()
    if process.exitcode:
        raise SystemExit(process.exitcode)
    return peak, time.monotonic() - started


def reading_speed(path):
    dataset = store.open_images(path)
    count = dataset.sizes["object"]
    ids, target = dataset["id"].to_numpy(), torch.zeros(count)
    examples = StoredExamples(dataset, np.arange(count), target, ids, ImageInput.fit(dataset, path), path)
    started = time.monotonic()
    seen = sum(len(target) for _, target in examples.batches(128, torch.Generator().manual_seed(1)))
    return seen / (time.monotonic() - started)


if __name__ == "__main__":
    main()
