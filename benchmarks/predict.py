"""How many images a second are scored: eight views in single and in half precision, and of high ranks alone.

    python benchmarks/predict.py results/talk --images 8192 --rounds 3

Takes the run's networks and the first images of its test split, read before the clock starts, on one thread.
"""

import argparse
import time
from pathlib import Path

import numpy as np
import torch
from sklearn.metrics import roc_auc_score

from lenspipe import config, store
from lenspipe.learning.checkpoint import folders_in
from lenspipe.learning.committee import Committee, answer, load_committees
from lenspipe.learning.hardware import keep_freed_memory
from lenspipe.learning.inference import outputs

CPU = torch.device("cpu")


class SinglePrecision(Committee):
    """A committee whose networks are as they were trained, and compute in float32."""

    def outputs(self, inputs, *, views, batch_size, device):
        """As of ``Committee``."""
        options = {"views": views, "batch_size": batch_size, "device": device}
        return np.stack([outputs(one.network, inputs, self.input, **options).numpy() for one in self.members])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path)
    parser.add_argument("--images", type=int, default=8192)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    keep_freed_memory()
    torch.set_num_threads(1)
    said = config.load([config.defaults_path()]).model_dump()["predict"]
    committees = load_committees(folders_in(asked.run / "models"))
    test = store.open_images(asked.run / "images" / "test.zarr")
    images, ids = test["image"][: asked.images].to_numpy(), test["id"][: asked.images].to_numpy()
    is_lens = store.read_table(asked.run / "catalog" / "test.parquet").set_index("id")["is_lens"].loc[ids]
    exact = [SinglePrecision(one.members, one.task, one.validations) for one in committees]
    for one in exact:
        one.members[0].input.place(one.members[0].network, CPU)
    ways = {
        "all views, float32": (exact, said | {"d4_share": 1.0}),
        "all views": ([one.on(CPU) for one in committees], said | {"d4_share": 1.0}),
        "all views of a fifth of validation, two of the others": (
            [one.on(CPU) for one in committees],
            said | {"d4_share": 0.2},
        ),
    }
    speeds, scores = {way: [] for way in ways}, {}
    for _ in range(asked.rounds):
        for way, (ready, options) in ways.items():
            start = time.perf_counter()
            scores[way] = answer(ready, images, **options, device=CPU)["score"]
            speeds[way].append(len(images) / (time.perf_counter() - start))
    slowest = np.median(speeds["all views, float32"])
    for way, measured in speeds.items():
        speed = np.median(measured)
        print(
            f"{way}: {speed:.0f} images/s, {speed / slowest:.2f} times, AUROC {roc_auc_score(is_lens, scores[way]):.4f}"
        )


if __name__ == "__main__":
    main()
