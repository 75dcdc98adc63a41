"""Users' files: stamps of three objects in four bands, in every layout that ingest reads."""

import numpy as np
import pandas as pd
import pytest
import torch
from made import BANDS, COUNT, NOISE, NUM_PIX, SIZE, wcs_of, write

from lenspipe import ingest
from lenspipe.learning.build import build
from lenspipe.learning.checkpoint import Checkpoint, Validation, save
from lenspipe.learning.image_input import ImageInput
from lenspipe.learning.image_spec import ImageSpec
from lenspipe.learning.stretch import Stretch
from lenspipe.surveys import SURVEYS
from lenspipe.tasks import einstein_radius, is_lens


@pytest.fixture(scope="session")
def sky():
    """Pixels [object, band, y, x] at zero point 30: noise and a galaxy off the diagonal, no symmetry."""
    rng = np.random.default_rng(5)
    y, x = np.indices((SIZE, SIZE))
    pixels = rng.normal(0, np.array(NOISE)[:, None, None], (COUNT, len(BANDS), SIZE, SIZE))
    for k in range(COUNT):
        for b in range(len(BANDS)):
            pixels[k, b] += 200 * (b + 1) * np.exp(-(((x - 30 - k) / 3) ** 2) - ((y - 28 + b) / 2) ** 2)
    return pixels.astype(np.float32)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The folder that commands run in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def files(folder, sky):
    """One file per object and band, and the catalogue."""
    for k in range(COUNT):
        for b, band in enumerate(BANDS):
            write(folder / f"obj{k}_{band}.fits", sky[k, b], wcs_of(k), MAGZERO=30.0)
    pd.DataFrame({"id": [7, 8, 9], "name": [f"obj{k}" for k in range(COUNT)], "z": [0.1, 0.2, 0.3]}).to_csv(
        folder / "objects.csv", index=False
    )
    return folder


@pytest.fixture
def make(folder):
    """Ingest as the command does, with keyword arguments of IngestOptions."""

    def ingested(images, catalog="objects.csv", output="cutouts.zarr", bands=BANDS, num_pix=NUM_PIX, **options):
        if isinstance(catalog, pd.DataFrame):
            catalog = ingest.UserCatalog(catalog, catalog, [])
        elif isinstance(catalog, str):
            catalog = ingest.read_catalog(catalog, as_written=ingest.columns_in(images))
        survey = SURVEYS["des_y3"].model_copy(update={"pixel_scale": options.pop("survey_scale", 0.263)})
        names = {"bands": bands, "columns": list(catalog.names)}
        for name in ("weights", "psf"):
            if name in options:
                options[name] = ingest.read_file_patterns(f"--{name}", options[name], **names)
        patterns = ingest.read_file_patterns("--images", images, **names)
        return ingest.ingest(catalog, ingest.IngestOptions(bands, num_pix, survey, patterns, **options), output)

    return ingested


@pytest.fixture(scope="session")
def models(tmp_path_factory):
    """Untrained networks of the default images: they answer, and mean nothing."""
    torch.manual_seed(1)
    folder = tmp_path_factory.mktemp("models")
    spec = ImageSpec(BANDS, num_pix=NUM_PIX, pixel_scale=0.263, magnitude_zero_point=30.0, unit="counts")
    image_input = ImageInput(spec, Stretch((5.0,) * 4, (0.1,) * 4, (0.9,) * 4))
    tasks = {"is_lens": is_lens.Task(), "einstein_radius": einstein_radius.Task(mean=1.0, sd=0.5)}
    for name, (task_name, task) in zip(("classifier", "regressor"), tasks.items(), strict=True):
        checkpoint = Checkpoint(
            network=build("cnn", image_input.shape, task.output_shape, width=4),
            network_name="cnn",
            task_name=task_name,
            task=task,
            input=image_input,
            best_epoch=1,
            seed=1,
            options={"width": 4},
        )
        validation = Validation(torch.zeros(8, 2, *checkpoint.task.output_shape), torch.zeros(2))
        save(folder / name, checkpoint, pd.DataFrame({"epoch": [1]}), validation)
    return folder
