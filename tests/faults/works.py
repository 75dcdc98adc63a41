"""Pieces of work that write files, each quick and the same every time: what faults are tried on.

Each takes a folder, in which ``prepare`` has put the user's files, and may be called again after a fault.
"""

import warnings

import numpy as np
import pandas as pd
from astropy.io import fits

IDS = np.arange(600)


def prepare(name, folder):
    """What the user has before the work begins."""
    from lenspipe import store

    if name == "images":
        store.write_table(pd.DataFrame({"id": IDS}), folder / "val.parquet")
    if name == "cutouts":
        rng, header = np.random.default_rng(1), fits.Header({"MAGZERO": 30.0, "PIXSCALE": 0.263})
        for obj in ("obj0", "obj1"):
            fits.PrimaryHDU(rng.normal(0, 3, (21, 21)), header).writeto(folder / f"{obj}.fits")


def tables(folder):
    """Catalogues that belong together."""
    from lenspipe import store

    frames = [pd.DataFrame({"id": IDS, "x": IDS / 7 + k}) for k in range(3)]
    store.write_tables(frames, [folder / "a.parquet", folder / "b.csv", folder / "c.fits"])


def images(folder):
    """A store of three chunks, by the stage, with pixels that cost nothing."""
    from lenspipe.stages import simulate as stage
    from lenspipe.surveys import SURVEYS

    catalog = folder / "val.parquet"
    stage.simulate_objects = _pixels
    options = {"keep_planes": False, "block": 256, "workers": 1, "seed": 1}
    stage.simulate([(catalog, folder / "val.zarr")], ["g"], 17, SURVEYS["des_y3"], **options)


def _pixels(rows, bands, num_pix, survey, seed, **_):
    n = len(rows)
    noise = np.ones((n, len(bands)), np.float32)
    known = {"sky_sigma": noise, "psf_fwhm": noise, "depth": noise, "arc_snr": noise[:, 0], "forecast_snr": noise}
    image = np.tile(rows["id"].to_numpy(np.float32)[:, None, None, None], (1, len(bands), num_pix, num_pix))
    return known | {"image": image, "id": rows["id"].to_numpy()}


def cutouts(folder):
    """Two objects of a user's files."""
    from lenspipe import ingest
    from lenspipe.errors import InputError
    from lenspipe.surveys import SURVEYS

    table = pd.DataFrame({"id": [1, 2], "name": ["obj0", "obj1"]})
    patterns = ingest.read_file_patterns("--images", [f"{folder}/{{name}}.fits"], bands=("g",), columns=["id", "name"])
    options = ingest.IngestOptions(("g",), 17, SURVEYS["des_y3"], patterns)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ingest.ingest(ingest.UserCatalog(table, table, []), options, folder / "cutouts.zarr")
    except InputError as error:
        if "already exists" not in str(error) or not (folder / "cutouts.json").exists():
            raise


def training(folder):
    """The state of a training after each of two epochs, and its network."""
    import torch

    from lenspipe.learning.checkpoint import Checkpoint, Validation, save
    from lenspipe.learning.image_input import ImageInput
    from lenspipe.learning.image_spec import ImageSpec
    from lenspipe.learning.optimisation import RunningMean
    from lenspipe.learning.resume import Training
    from lenspipe.learning.stretch import Stretch
    from lenspipe.tasks import is_lens

    torch.manual_seed(1)
    network = torch.nn.Linear(3, 1)
    state = Training(network, torch.optim.SGD(network.parameters(), lr=0.1), RunningMean(network, 0.9))
    state.restore(folder, "digest", torch.device("cpu"))
    for epoch in range(len(state.history) + 1, 3):
        state.add_epoch({"epoch": epoch, "val_loss": 1 / epoch})
        state.save(folder, "digest")
    spec = ImageSpec(("g",), num_pix=17, pixel_scale=0.263, magnitude_zero_point=30.0, unit="counts")
    image_input = ImageInput(spec, Stretch((1.0,), (0.0,), (1.0,)))
    checkpoint = Checkpoint(network, "cnn", "is_lens", is_lens.Task(), image_input, best_epoch=2, seed=1)
    validation = Validation(torch.zeros(8, 2, 1), torch.zeros(2))
    save(folder, checkpoint, pd.DataFrame(state.history), validation)


WORKS = {"tables": tables, "images": images, "cutouts": cutouts, "training": training}
