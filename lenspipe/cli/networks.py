"""Commands for networks and baselines: train, predict, baselines, explain."""

import os
from pathlib import Path
from typing import Annotated

import typer

from lenspipe.cli._options import Log, Run, Settings, Threads
from lenspipe.cli._processes import share_with
from lenspipe.cli._session import progress, session, usable_cores
from lenspipe.errors import InputError


def train(
    name: Annotated[str, typer.Argument(help="A training of the settings, for example classifier or regressor")],
    settings: Settings,
    train_images: Annotated[Path, typer.Option(help="Manifest or store to train on")],
    train_catalog: Annotated[Path, typer.Option(help="Its catalogue")],
    val_images: Annotated[Path, typer.Option(help="Manifest or store to validate on")],
    val_catalog: Annotated[Path, typer.Option(help="Its catalogue")],
    output: Annotated[Path, typer.Option(help="Folder for the network's files, which it writes together")],
    count: Annotated[int | None, typer.Option(min=1, help="Train on the first objects only; all if not given")] = None,
    threads: Threads = 1,
    processes: Annotated[
        int, typer.Option(min=1, help="Processes that train the network together, on each node of a Slurm step")
    ] = 1,
    log: Log = None,
):
    """Train one network; a killed training resumes where it stopped."""
    from lenspipe.config import NO_HEAD, read_stage, recipe_of
    from lenspipe.learning.distributed import process_group
    from lenspipe.stages import train as stage
    from lenspipe.store import store_path

    share_with(processes)
    values = read_stage(settings, f"train_{name}")
    training = values[name]
    first = int(os.environ.get("RANK", 0)) == 0  # of the processes that train together
    with (
        session(f"train {name}", log if first else None),
        progress(f"train {name}", "epochs") as show,
        process_group() as group,
    ):
        stage.train(
            name,
            training["task"],
            stores={"train": store_path(train_images), "val": store_path(val_images)},
            catalogs={"train": train_catalog, "val": val_catalog},
            output_dir=output,
            seed=values["seed"],
            recipe=recipe_of(training),
            method=training["method"],
            head=None if training["head"] == NO_HEAD else training["head"],
            start_from=training["start_from"] or None,
            count=count,
            threads=max(1, usable_cores(threads) // group.size_here),
            group=group,
            progress=show if first else None,
        )


def predict(
    images: Annotated[list[Path], typer.Option(help="Image store or its manifest; once for each --output")],
    models: Annotated[Path, typer.Option(help="Folder with one folder per training: results/<run>/models")],
    output: Annotated[list[Path], typer.Option(help="Table to write: .parquet, .csv, .tsv or .fits")],
    training: Annotated[
        list[str] | None, typer.Option(help="Trainings whose networks predict; all in the folder if not given")
    ] = None,
    settings: Annotated[Path | None, typer.Option(help="The stage's settings; config/config.yaml if not given")] = None,
    any_pixels: Annotated[
        bool, typer.Option("--any-pixels", help="Score images whose noise or sky is nothing like the training images'")
    ] = False,
    threads: Threads = 64,
    log: Log = None,
):
    """Score the images of a store and measure their Einstein radii."""
    from lenspipe.config import defaults_path, read_stage
    from lenspipe.learning.checkpoint import folders_in
    from lenspipe.stages import predict as stage
    from lenspipe.store import store_path, write_tables

    if len(images) != len(output):
        raise InputError(f"--images is given {len(images)} times and --output {len(output)}; give them in pairs")
    folders = folders_in(models, training or ())
    options = read_stage(settings or defaults_path(), "predict")["predict"]
    with session("predict", log) as logger, progress("predict", "images") as show:

        def predictions(store):
            table = stage.predict(
                store_path(store),
                folders,
                **options,
                any_pixels=any_pixels,
                threads=usable_cores(threads),
                progress=show,
            )
            selected = (table["score"] > 0.5).sum() if "score" in table else 0
            logger.info("%s: %d images, %d above score 0.5", store, len(table), selected)
            return table

        write_tables(map(predictions, images), output)


def baselines(
    run: Run,
    settings: Annotated[Path | None, typer.Option(help="The stage's settings; config/config.yaml if not given")] = None,
    output: Annotated[
        Path | None, typer.Option(help="Folder for <baseline>/<split>.parquet; predictions/ of the run if not given")
    ] = None,
    log: Log = None,
):
    """Score and measure the validation and test splits with the baselines, trained on the same images."""
    from lenspipe.config import defaults_path, read_stage
    from lenspipe.stages.baselines import predict_baselines

    values = read_stage(settings or defaults_path(), "baselines")
    with session("baselines", log):
        predict_baselines(run, output or run / "predictions", **values)


def explain(
    run: Run,
    settings: Annotated[Path | None, typer.Option(help="The stage's settings; config/config.yaml if not given")] = None,
    output: Annotated[Path | None, typer.Option(help="Folder for tables/; the run's folder if not given")] = None,
    training: Annotated[
        list[str] | None, typer.Option(help="Trainings to take the classifier from; all of the run if not given")
    ] = None,
    log: Log = None,
):
    """Explain the classifier, as tables: feature maps, attribution on the arc, rates on images that were changed."""
    from lenspipe.config import defaults_path, read_stage
    from lenspipe.stages import explain as stage

    values = read_stage(settings or defaults_path(), "explain")
    with session("explain", log):
        stage.explain(run, (output or run) / "tables", **values, trainings=training or ())
