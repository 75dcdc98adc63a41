#!/usr/bin/env python3
"""Networks at equal compute: what each finds, how well its scores are calibrated, and what is left of it on bad images.

    python benchmarks/networks.py results/talk [--objects 15000] [--epochs 12] [--test 12000] [--seeds 1]

Each network is trained on the run's images with as many multiply-adds as the default resnet in --epochs passes over
--objects, and scores --test test objects by the mean over eight views. A training that has finished is not repeated:
delete its folder under --output to do so. Networks that need a library that is not installed are left out.
"""

import argparse
import itertools
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from sklearn.metrics import roc_auc_score

from lenspipe import config, store
from lenspipe.diagnostics.summary import populations_of
from lenspipe.errors import InputError
from lenspipe.explain.changed_images import changes
from lenspipe.learning.architecture_search import BACKWARD, Budget, multiply_adds
from lenspipe.learning.build import build
from lenspipe.learning.checkpoint import MODEL, load
from lenspipe.learning.committee import answer, load_committees
from lenspipe.learning.hardware import choose_device, keep_freed_memory
from lenspipe.stages.train import train
from lenspipe.stats.rates import threshold_at

NETWORKS = {
    "cnn": {},
    "resnet": {},
    "resnet, width 32": {"width": 32},
    "resnet, stem of stride 1": {"stem_stride": 1},
    "d4_resnet": {},
    "vit": {},
    "lenet": {},
    "feed_forward": {},
    "timm:convnext_atto": {},
    "timm:efficientnet_b0": {},
}
RATES = (1e-2, 1e-3)
BAD = {("shift", 4.0): "shift of 4 pixels", ("seeing", 1.25): "seeing 1.25 times", ("zero point", 0.05): "0.05 mag"}
BLOCK = 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path)
    parser.add_argument("--objects", type=int, default=15000)
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--test", type=int, default=12000)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    parser.add_argument("--networks", nargs="+", default=list(NETWORKS))
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--output", type=Path, default=Path("results/networks"))
    asked = parser.parse_args()
    keep_freed_memory()
    torch.set_num_threads(asked.threads)
    rows = []
    for seed, name in itertools.product(asked.seeds, asked.networks):
        try:
            rows.append({"network": name, "seed": seed} | measured(asked, name, seed))
        except InputError as error:
            print(f"{name}: left out, {error}", flush=True)
            continue
        print(", ".join(f"{key} {value}" for key, value in rows[-1].items()), flush=True)
    table = pd.DataFrame(rows).drop(columns="seed").groupby("network", sort=False).median()
    print(table.to_string(float_format="{:.3f}".format))


def measured(asked, name, seed):
    """One network's row."""
    network, options = name.partition(",")[0], NETWORKS[name]
    folder = asked.output / f"{name.replace(':', '.').replace(', ', '-').replace(' ', '_')}-seed{seed}" / "classifier"
    training = config.load([config.defaults_path()]).model_dump()["train"]["classifier"]
    stores, catalogs = (
        {split: asked.run / part / f"{split}.{ending}" for split in ("train", "val", "test")}
        for part, ending in (("images", "zarr"), ("catalog", "parquet"))
    )
    shape = (4, 45, 45)
    each = {
        key: multiply_adds(build(*one, shape, (16,), **more), shape)
        for key, one, more in (("usual", ("resnet",), {}), ("this", (network,), options))
    }
    budget = Budget(BACKWARD * each["usual"] * asked.objects * asked.epochs, asked.objects)
    objects, epochs = budget.plan(each["this"])
    if not (folder / MODEL).exists():
        recipe = config.recipe_of(training) | {"network": network, "options": options, "epochs": epochs}
        place = {"output_dir": folder, "seed": seed, "count": objects, "threads": asked.threads}
        train("classifier", training["task"], stores, catalogs, recipe=recipe, **place)
    row = {"multiply-adds, M": each["this"] / 1e6, "objects": objects, "epochs": epochs}
    return row | found(load_committees([folder]), stores["test"], catalogs["test"], asked.test, load(folder).input.spec)


def found(committees, images, catalog, count, spec):
    """Completeness of discoverable lenses on the images as they are and on bad ones, at the thresholds of the first."""
    dataset = store.open_images(images)
    ids = dataset["id"][:count].to_numpy()
    objects = store.read_table(catalog).set_index("id", drop=False).loc[ids]
    objects = objects.assign(arc_snr=dataset["arc_snr"][:count].to_numpy())
    is_lens = objects["is_lens"].to_numpy()
    _, lenses = list(populations_of(objects).items())[-1]
    discoverable = objects.index.isin(lenses.index)
    device, rng = choose_device(), np.random.default_rng(1)
    ready = [one.on(device) for one in committees]
    said = config.load([config.defaults_path()]).model_dump()["predict"]
    scores = {}
    for start in range(0, count, BLOCK):
        part = dataset.isel(object=slice(start, min(start + BLOCK, count)))
        arrays = {name: part[name].to_numpy() for name in ("image", "sky_sigma", "psf_fwhm")}
        every = {"bands": spec.bands, "pixel_scale": spec.pixel_scale, "rng": rng}
        for change, amount, _, changed in changes(arrays.pop("image"), **arrays, **every):
            if change == "as they are" or (change, amount) in BAD:
                label = BAD.get((change, amount), "")
                scores.setdefault(label, []).append(answer(ready, changed, **said, device=device)["score"].to_numpy())
    scores = {label: np.concatenate(parts) for label, parts in scores.items()}
    plain = scores.pop("")
    thresholds = {rate: threshold_at(plain[~is_lens], rate) for rate in RATES}
    row = {"AUROC": roc_auc_score(is_lens, plain), "calibration error": calibration_error(plain, is_lens)}
    row |= {f"completeness at {rate:g}": (plain[discoverable] > thresholds[rate]).mean() for rate in RATES}
    return row | {
        f"{label}, at {RATES[0]:g}": (bad[discoverable] > thresholds[RATES[0]]).mean() for label, bad in scores.items()
    }


def calibration_error(scores, is_lens, share=0.5, bins=15):
    """Mean distance of score and share of lenses in bins of equal number, at the share of the training."""
    weight = np.where(is_lens, share / is_lens.mean(), (1 - share) / (1 - is_lens.mean()))
    order = np.argsort(scores)
    total = 0.0
    for rows in np.array_split(order, bins):
        mean = np.average(scores[rows], weights=weight[rows]) - np.average(is_lens[rows], weights=weight[rows])
        total += abs(mean) * weight[rows].sum() / weight.sum()
    return total


if __name__ == "__main__":
    main()
