"""What should a classifier learn: lens or not, the kinds, or the arcs too? All tasks on one sky.

    python benchmarks/heads.py results/talk --objects 4000 --epochs 30 --seeds 1 2 3

Trains the run's network with each task and seed on the first objects of the training split, and scores the test
split, one view of each object. Trainings that are there already are taken as they are.
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
from lenspipe.learning import checkpoint
from lenspipe.learning.hardware import keep_freed_memory
from lenspipe.learning.history import MODEL, read_history
from lenspipe.learning.inference import FIRST_VIEW, outputs
from lenspipe.stages.train import train
from lenspipe.stats.rates import threshold_at

TASKS = ("is_lens", "kind", "kind_and_arc")
RATES = (1e-2, 1e-3)  # false-positive rates at which the completeness of discoverable lenses is compared
BLOCK, BATCH = 2048, 128  # images read, and scored, at once


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path)
    parser.add_argument("--objects", type=int, default=4000)
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--network", default="cnn")
    parser.add_argument("--learning-rate", type=float, help="that of the settings if not given")
    parser.add_argument("--output", type=Path, default=Path("results/heads"))
    asked = parser.parse_args()
    keep_freed_memory()
    rows = []
    for seed, task in itertools.product(asked.seeds, TASKS):
        folder = asked.output / f"{asked.network}-{task}-seed{seed}"
        rows.append({"task": task, "seed": seed} | compared(asked, task, seed, folder))
        print(", ".join(f"{name} {value}" for name, value in rows[-1].items()), flush=True)
    table = pd.DataFrame(rows)
    medians = table.drop(columns="seed").groupby("task").median()
    print(medians.to_string(float_format="{:.4f}".format))


def compared(asked, task, seed, folder):
    """Metrics of one training on the test split."""
    recipe = config.recipe_of(config.load([config.defaults_path()]).model_dump()["train"]["classifier"])
    recipe |= {"network": asked.network, "epochs": asked.epochs}
    recipe |= {"learning_rate": asked.learning_rate} if asked.learning_rate else {}
    stores, catalogs = (
        {split: asked.run / part / f"{split}.{ending}" for split in ("train", "val", "test")}
        for part, ending in (("images", "zarr"), ("catalog", "parquet"))
    )
    if not (folder / MODEL).exists():
        options = {"output_dir": folder, "seed": seed, "count": asked.objects, "threads": 2}
        train("classifier", task, stores, catalogs, recipe=recipe, **options)
    model, images = checkpoint.load(folder), store.open_images(stores["test"])
    parts = []
    for start in range(0, images.sizes["object"], BLOCK):
        stretched = model.input.tensor(images["image"][start : start + BLOCK].to_numpy())
        options = {"batch_size": BATCH, "views": FIRST_VIEW, "device": torch.device("cpu")}
        views = outputs(model.network, stretched, model.input, **options)
        parts.append(model.task.answers(views.numpy())["score"])
    scores = pd.Series(np.concatenate(parts), images["id"].to_numpy())
    objects = store.read_table(catalogs["test"]).set_index("id").loc[scores.index]
    is_lens = objects["is_lens"]
    population, lenses = list(populations_of(objects.assign(arc_snr=images["arc_snr"].to_numpy())).items())[-1]
    found = scores[lenses.index].to_numpy()
    history = read_history(folder)
    return {
        "epoch": model.best_epoch,
        "validation auroc": history.set_index("epoch")["val_auroc"][model.best_epoch],
        "epoch of least lens loss": history["epoch"][history.get("val_lens_loss", history["val_loss"]).idxmin()],
        "auroc": roc_auc_score(is_lens, scores),
        **{
            f"completeness at {rate:g}, {population}": (found > threshold_at(scores[~is_lens].to_numpy(), rate)).mean()
            for rate in RATES
        },
    }


if __name__ == "__main__":
    main()
