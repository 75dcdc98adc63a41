#!/usr/bin/env python3
"""Speed of the training loop beside a bare loop over random tensors of the same shapes.

    python benchmarks/training.py [--objects 3840] [--epochs 4] [--rounds 3] [--threads 2]

The bare loop does forward, backward and a step of the same optimiser in the same precision, and nothing else: no
reading, stretching, turning, shifting, running mean or validation. The training is the stage's own, on few objects to
validate on. Its first epoch is left out, as its time holds the start.

Then where a step of the bare loop spends its time: convolutions and matrix products, with their rate, and everything
else, which passes over arrays.
"""

import argparse
import logging
import tempfile
import time
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from default_sky import PIXELS, SETTINGS, objects
from torch.profiler import ProfilerActivity, profile
from torch.utils.flop_counter import FlopCounterMode

from lenspipe import config
from lenspipe.families import TASKS
from lenspipe.learning.build import build
from lenspipe.learning.hardware import bf16_is_faster, choose_device, keep_freed_memory
from lenspipe.learning.optimisation import make_optimizer
from lenspipe.stages.simulate import simulate
from lenspipe.stages.train import train
from lenspipe.store import write_table

NETWORKS = ("cnn", "resnet")
PRODUCTS = {"aten::mkldnn_convolution", "aten::convolution_backward", "aten::addmm", "aten::mm"}


def bare_step(network, said, threads):
    """A function that does one step of the bare loop."""
    keep_freed_memory()
    torch.set_num_threads(threads)
    device, task, size = choose_device(), TASKS["is_lens"](), said["batch_size"]
    bands, num_pix = len(PIXELS["bands"]), PIXELS["num_pix"]
    net = build(network, (bands, num_pix, num_pix), task.output_shape)
    net = net.to(device, memory_format=torch.channels_last).train()
    optimizer = make_optimizer(net, said["weight_decay"])
    images = torch.randn(size, bands, num_pix, num_pix, device=device).to(memory_format=torch.channels_last)
    target = (torch.rand(size, device=device) < 0.5).float()

    def step():
        with torch.autocast(device.type, torch.bfloat16, enabled=bf16_is_faster(device)):
            numbers = net(images)
        optimizer.zero_grad()
        task.loss(numbers.float(), target).backward()
        optimizer.step()

    return step


def bare(network, said, batches, threads):
    """Seconds a batch."""
    step, start = bare_step(network, said, threads), 0.0
    for batch in range(-2, batches):
        if batch == 0:
            start = time.perf_counter()
        step()
    return (time.perf_counter() - start) / batches


def parts(network, said, threads, steps=20):
    """Milliseconds a step in convolutions and matrix products, and in all else, on the CPU; Gflop a step."""
    step = bare_step(network, said, threads)
    with FlopCounterMode(display=False) as counter:
        step()
    with profile(activities=[ProfilerActivity.CPU]) as profiled:
        for _ in range(steps):
            step()
    spent = {event.key: event.self_cpu_time_total / 1e3 / steps for event in profiled.key_averages()}
    products = sum(spent.get(name, 0.0) for name in PRODUCTS)
    return products, sum(spent.values()) - products, counter.get_total_flops() / 1e9


def trained(network, said, folder, threads, epochs):
    """Seconds an epoch of the stage's own training, start and first epoch left out."""
    recipe = config.recipe_of(said)
    recipe |= {"network": network, "epochs": epochs}
    stores = {split: folder / f"{split}.zarr" for split in ("train", "val")}
    catalogs = {split: folder / f"{split}.parquet" for split in stores}
    moments = []
    with tempfile.TemporaryDirectory() as output:
        train(
            "classifier", "is_lens", stores, catalogs, output_dir=output, seed=1, recipe=recipe, threads=threads,
            progress=lambda *_: moments.append(time.perf_counter()),
        )  # fmt: skip
    return np.median([later - earlier for earlier, later in pairwise(moments)])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--objects", type=int, default=3840)
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    asked = parser.parse_args()
    logging.getLogger("lenspipe").setLevel(logging.ERROR)
    said = SETTINGS["train"]["classifier"]
    batches = asked.objects // said["batch_size"]
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        for split, count in (("train", asked.objects), ("val", 64)):
            write_table(objects(count, split), folder / f"{split}.parquet")
            store = (folder / f"{split}.parquet", folder / f"{split}.zarr")
            simulate([store], **PIXELS, seed=1, keep_planes=False, block=256, workers=1)
        for network in NETWORKS:
            ratios = []
            for _ in range(asked.rounds):
                alone = bare(network, said, batches, asked.threads)
                ratios.append(alone * batches / trained(network, said, folder, asked.threads, asked.epochs))
            print(
                f"{network}: {100 * np.median(ratios):.0f} % of a bare loop's speed, {1e3 * alone:.0f} ms a batch there"
            )
            products, rest, gflop = parts(network, said, asked.threads)
            print(
                f"  of these in convolutions and matrix products {products:.0f} ms, {gflop:.0f} Gflop at "
                f"{gflop / products:.1f} Tflop/s; in passes over arrays {rest:.0f} ms"
            )


if __name__ == "__main__":
    main()
