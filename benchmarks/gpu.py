#!/usr/bin/env python3
"""What a GPU makes of it: objects per second in training and in scoring, memory, and whether the scores stay the same.

    python benchmarks/gpu.py [--objects 16384] [--epochs 4] [--networks cnn resnet d4_resnet vit] [--processor]

One command measures everything, on a sky that it draws itself. Each network is trained by the stage and scores images
by eight views, as predictions are made, in the precision that the device gets and in float32; on all GPUs together,
where there are several. With --processor the same without a GPU, to compare with; so does a machine that has none.
"""

import argparse
import itertools
import json
import logging
import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from unittest import mock

import numpy as np
import pandas as pd
import torch
from default_sky import PIXELS, SETTINGS, objects

from lenspipe import config, store
from lenspipe.learning import inference, loop
from lenspipe.learning.committee import answer, load_committees
from lenspipe.learning.hardware import bf16_is_faster, choose_device, keep_freed_memory
from lenspipe.learning.history import read_history
from lenspipe.stages.simulate import simulate
from lenspipe.stages.train import train

COMPARED = 512  # images scored on the processor in float32, too
CPU = torch.device("cpu")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--objects", type=int, default=16384)
    parser.add_argument("--validation", type=int, default=2048)
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--networks", nargs="+", default=["cnn", "resnet", "d4_resnet", "vit"])
    parser.add_argument("--processor", action="store_true")
    asked = parser.parse_args()
    logging.getLogger("lenspipe").setLevel(logging.ERROR)
    gpus = torch.cuda.device_count()
    name = torch.cuda.get_device_name() if gpus else "none"
    print(f"GPUs: {gpus} ({name}); torch {torch.__version__}; {os.cpu_count()} cores", flush=True)
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        make_sky(folder, {"train": asked.objects, "val": asked.validation})
        for network, device in itertools.product(asked.networks, [*["gpu"] * bool(gpus), *["cpu"] * need_cpu(asked)]):
            for precision in precisions(device):
                row = {"network": network, "device": device, "precision": precision}
                row |= in_a_process(device, measured, folder, network, precision, asked.epochs)
                print(", ".join(f"{key} {value}" for key, value in row.items()), flush=True)
                rows.append(row)
            if device == "gpu" and gpus > 1:
                row = {"network": network, "device": f"{gpus} gpus", "precision": precisions(device)[0]}
                rows.append(row | together(folder, network, asked.epochs, gpus))
    print(pd.DataFrame(rows).to_string(index=False, float_format="{:.4g}".format))


def need_cpu(asked):
    return asked.processor or not torch.cuda.is_available()


def precisions(device):
    """Those worth a row: the device's own and float32."""
    faster = bf16_is_faster(choose_device() if device == "gpu" else CPU)
    return ["bfloat16", "float32"] if faster else ["float32"]


def make_sky(folder, counts):
    """Stores and catalogues of the default sky, by all cores."""
    for split, count in counts.items():
        store.write_table(objects(count, split), folder / f"{split}.parquet")
        pair = (folder / f"{split}.parquet", folder / f"{split}.zarr")
        simulate([pair], **PIXELS, seed=1, keep_planes=False, block=256, workers=os.cpu_count())


def files(folder):
    splits = ("train", "val")
    return tuple({split: folder / f"{split}.{ending}" for split in splits} for ending in ("zarr", "parquet"))


def in_a_process(device, function, *arguments):
    """Its result, from a new process that sees the GPUs or none: memory is measured from its start."""
    hidden = {} if device == "gpu" else {"CUDA_VISIBLE_DEVICES": ""}
    with mock.patch.dict(os.environ, hidden), ProcessPoolExecutor(1, get_context("spawn")) as pool:
        return pool.submit(function, *arguments).result()


def measured(folder, network, precision, epochs):
    """Speeds, loss and memory of one network, dict."""
    keep_freed_memory()
    torch.set_num_threads(os.cpu_count())
    logging.getLogger("lenspipe").setLevel(logging.ERROR)
    device, half = choose_device(), precision == "bfloat16"
    stores, catalogs = files(folder)
    training = SETTINGS["train"]["classifier"]
    recipe = config.recipe_of(training) | {"network": network, "epochs": epochs}
    moments = []
    output = folder / f"{network}-{device.type}-{precision}"
    with (
        mock.patch.object(loop, "bf16_is_faster", lambda _: half),
        mock.patch.object(inference, "bf16_is_faster", lambda _: half),
    ):
        place = {"output_dir": output, "seed": 1, "threads": os.cpu_count()}
        told = {"progress": lambda *_: moments.append(time.perf_counter())}
        train("classifier", training["task"], stores, catalogs, recipe=recipe, **place, **told)
        images = store.open_images(stores["val"])["image"].to_numpy()
        committees = load_committees([output])
        ready = [one.on(device) for one in committees]
        options = SETTINGS["predict"] | {"d4_share": 1.0}
        answer(ready, images[:256], **options, device=device)  # the first call chooses algorithms
        start = time.perf_counter()
        scores = answer(ready, images, **options, device=device)["score"].to_numpy()
        seconds = time.perf_counter() - start
    with mock.patch.object(inference, "bf16_is_faster", lambda _: False):
        exact = answer([one.on(CPU) for one in committees], images[:COMPARED], **options, device=CPU)["score"]
    count = len(store.read_table(catalogs["train"]))
    last = read_history(output).iloc[-1]
    return {
        "trained, objects/s": count * (len(moments) - 1) / (moments[-1] - moments[0]),
        "scored, images/s": len(images) / seconds,
        "loss": last["val_loss"],
        "AUROC": last["val_auroc"],
        "largest difference of scores": np.abs(scores[:COMPARED] - exact).max(),
        "GPU memory, MB": torch.cuda.max_memory_allocated() / 1e6 if device.type == "cuda" else np.nan,
    }


def together(folder, network, epochs, processes):
    """Speed and loss of a training by one process for each GPU, dict: the difference of two numbers of epochs."""
    stores, catalogs = files(folder)
    output, seconds = folder / f"{network}-together", {}
    for passes in (1, epochs + 1):
        settings = output.with_suffix(f".{passes}.json")
        training = SETTINGS["train"]["classifier"] | {"network": network, "epochs": passes}
        settings.write_text(json.dumps({"seed": 1, "classifier": training}))
        named = {
            f"{split}-{part}": pair[split]
            for part, pair in (("images", stores), ("catalog", catalogs))
            for split in pair
        }
        arguments = [f"--{key}={value}" for key, value in named.items()]
        arguments += [f"--settings={settings}", f"--output={output}-{passes}", f"--processes={processes}"]
        start = time.perf_counter()
        subprocess.run([sys.executable, "-m", "lenspipe", "train", "classifier", *arguments], check=True)
        seconds[passes] = time.perf_counter() - start
    count = len(store.read_table(catalogs["train"]))
    last = read_history(Path(f"{output}-{epochs + 1}")).iloc[-1]
    speed = count * epochs / (seconds[epochs + 1] - seconds[1])
    return {"trained, objects/s": speed, "loss": last["val_loss"], "AUROC": last["val_auroc"]}


if __name__ == "__main__":
    main()
