"""Shared by the tests: small catalogues and stores, made once."""

import fcntl
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from lenspipe import config

# Several test files at a time: one thread where a stage does not say how many (scikit-learn's trees took three times as
# long on two), and threads of torch that wait for one another must not keep the cores busy.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
ROOT = Path(__file__).resolve().parents[1]
LONGEST = (  # minutes each, much of it waiting
    *("test_slurm.py", "test_many_trainings.py", "test_kills.py"),
    *("test_rerunning.py", "test_tutorial.py", "test_disks.py"),
)


def pytest_addoption(parser):
    parser.addoption("--all", action="store_true", help="run the slow tests too, which a plain pytest leaves out")


def pytest_collection_modifyitems(config, items):
    """Without --all, -m or a path, leave out the slow tests; the longest files first, so that none is waited for."""
    everything = config.getoption("--all") or config.getoption("-m")
    if not everything and config.args_source == pytest.Config.ArgsSource.TESTPATHS:
        slow = [item for item in items if item.get_closest_marker("slow")]
        config.hook.pytest_deselected(items=slow)
        items[:] = [item for item in items if not item.get_closest_marker("slow")]
    place = {name: k for k, name in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(item.path.name, len(LONGEST)))  # stable: all else stays in order


@pytest.fixture(scope="session")
def timm():
    """timm, also where torchvision is for CUDA and torch is not: then its import fails for want of two operators."""
    import torch

    try:
        import torchvision  # noqa: F401
    except RuntimeError:
        for name in ("nms", "qnms"):
            signature = "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"
            torch.library.define(f"torchvision::{name}", signature)
    return pytest.importorskip("timm")


@pytest.fixture(scope="session")
def root():
    """The project's own folder."""
    return ROOT


@pytest.fixture(scope="session")
def settings():
    """The default settings, as a dict."""
    return config.load([ROOT / "config" / "config.yaml"]).model_dump()


@pytest.fixture(scope="session")
def default_priors(settings):
    """The population's priors of the default settings."""
    from lenspipe.cli._priors import priors_from

    return priors_from(settings["survey"], settings["bands"], settings["population"], settings["num_pix"])


@pytest.fixture(scope="session")
def realdata():
    """Real survey data and others' numbers, kept beside the project."""
    folder = ROOT.parent / "shared" / "realdata"
    if not folder.is_dir():
        pytest.skip(f"{folder} is not here")
    return folder


@pytest.fixture
def disk(tmp_path):
    """A disk of its own: mounted with options, changed, and taken away at the end."""
    folder = tmp_path / "disk"
    folder.mkdir()

    def mount(options):
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder], capture_output=True, text=True)
        if done.returncode:
            pytest.skip(f"cannot mount a disk here: {done.stderr.strip()}")
        return folder

    yield mount
    subprocess.run(["umount", "--lazy", folder], capture_output=True)


SMALL = {
    "run": "small",
    "population": {"counts": {"train": 512, "val": 256, "test": 512, "twins": 64}, "lens_fraction": {"test": 0.5}},
    "train": {"classifier": {"epochs": 2}, "regressor": {"epochs": 2}},
}


@pytest.fixture(scope="session")
def made_once(tmp_path_factory, worker_id):
    """`made_once(name, make)`: a folder that `make(folder)` fills in the first of the processes that asks for it."""
    base = tmp_path_factory.getbasetemp()
    shared = (base if worker_id == "master" else base.parent) / "made_once"  # pytest -n gives each a folder below one

    def folder_of(name, make):
        shared.mkdir(exist_ok=True)
        folder, done = shared / name, shared / f"{name}.done"
        with open(shared / f"{name}.lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not done.exists():
                shutil.rmtree(folder, ignore_errors=True)
                folder.mkdir()
                make(folder)
                done.touch()
        return folder

    return folder_of


@pytest.fixture(scope="session")
def small_run(made_once):
    """Folder of a run with every stage done but the report, on a small sky. A test that changes files copies it."""
    return made_once("results", _make_run) / "small"


def _make_run(results):
    """Every stage but the report, by the functions of the commands."""
    from lenspipe.cli import stages
    from lenspipe.columns import SPLITS

    run = results / "small"
    (run / "settings").mkdir(parents=True)
    overrides = results / "small.yaml"
    overrides.write_text(json.dumps(SMALL))
    merged = config.load([ROOT / "config" / "config.yaml", overrides])
    said = {}
    for stage in config.stage_names(merged):
        said[stage] = run / "settings" / f"{stage}.json"
        said[stage].write_text(json.dumps(config.stage_settings(merged, stage)))
    catalog = {split: run / "catalog" / f"{split}.parquet" for split in SPLITS}
    images = {split: run / "images" / f"{split}.json" for split in SPLITS}
    stages.population(said["population"], run / "catalog")
    stages.simulate(said["simulate"], list(catalog.values()), list(images.values()))
    splits = (images["train"], catalog["train"], images["val"], catalog["val"])
    for name in merged.train:
        stages.train(name, said[f"train_{name}"], *splits, run / "models" / name, threads=2)
    predictions = [run / "predictions" / "network" / f"{split}.parquet" for split in ("val", "test", "twins")]
    stages.predict(
        [images[split] for split in ("val", "test", "twins")], run / "models", predictions, settings=said["predict"]
    )
    stages.baselines(run, said["baselines"])
    stages.explain(run, said["explain"])
    stages.diagnose(run, settings=said["diagnose"])
    stages.figures(run)


@pytest.fixture
def image_input():
    """Two-band images of 24 pixels, as a network's input."""
    from lenspipe.learning.image_input import ImageInput
    from lenspipe.learning.image_spec import ImageSpec
    from lenspipe.learning.stretch import Stretch

    spec = ImageSpec(("g", "r"), num_pix=24, pixel_scale=0.263, magnitude_zero_point=30.0, unit="counts")
    return ImageInput(spec, Stretch((10.0, 11.0), (0.1, 0.2), (0.9, 0.8)))


@pytest.fixture
def classifier(image_input):
    """An untrained classifier."""
    import torch

    from lenspipe.learning.build import build
    from lenspipe.learning.checkpoint import Checkpoint
    from lenspipe.tasks import is_lens

    torch.manual_seed(1)
    network = build("cnn", image_input.shape, is_lens.Task.output_shape, width=4)
    return Checkpoint(
        network=network.eval().requires_grad_(False),
        network_name="cnn",
        task_name="is_lens",
        task=is_lens.Task(),
        input=image_input,
        best_epoch=3,
        seed=1,
        options={"width": 4},
    )
