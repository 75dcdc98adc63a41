"""Commands of the search for an architecture."""

from pathlib import Path
from typing import Annotated

import typer

from lenspipe.cli._options import Log, Settings, Threads
from lenspipe.cli._session import progress, session, usable_cores


def search_architectures(
    settings: Settings,
    train_images: Annotated[Path, typer.Option(help="Manifest or store to train on")],
    train_catalog: Annotated[Path, typer.Option(help="Its catalogue")],
    val_images: Annotated[Path, typer.Option(help="Manifest or store to validate on")],
    val_catalog: Annotated[Path, typer.Option(help="Its catalogue")],
    output: Annotated[Path, typer.Option(help="Table to write; a killed search goes on from files next to it")],
    sampler: Annotated[str, typer.Option(help="tpe: in good regions more often; random: the control")] = "tpe",
    threads: Threads = 1,
    log: Log = None,
):
    """Try architectures of the residual network, each trained with as much computing."""
    from lenspipe.config import NO_HEAD, read_stage, recipe_of
    from lenspipe.errors import InputError
    from lenspipe.learning.architecture_search import SAMPLERS
    from lenspipe.stages import architecture_search as stage
    from lenspipe.store import store_path

    if sampler not in SAMPLERS:
        raise InputError(f"--sampler: {sampler!r} is unknown; choose from {', '.join(SAMPLERS)}")
    values = read_stage(settings, "architecture_search")
    asked = values["architecture_search"]
    training = values["train"][asked["training"]]
    with session("search-architectures", log), progress("search-architectures", "architectures") as show:
        stage.search(
            training["task"],
            stores={"train": store_path(train_images), "val": store_path(val_images)},
            catalogs={"train": train_catalog, "val": val_catalog},
            output=output,
            recipe=recipe_of(training),
            sampler=sampler,
            trials=asked["trials"],
            objects=asked["objects"],
            epochs=asked["epochs"],
            seed=values["seed"],
            head=None if training["head"] == NO_HEAD else training["head"],
            threads=usable_cores(threads),
            progress=show,
        )


def compare_architectures(
    settings: Settings,
    tables: Annotated[list[Path], typer.Option("--table", help="Of search-architectures; once for each")],
    output: Annotated[Path, typer.Option(help="Table of all; winner.yaml is written next to it")],
    log: Log = None,
):
    """Compare what several searches tried, and write the best architecture as a settings file."""
    from lenspipe.config import read_stage
    from lenspipe.stages import architecture_search as stage

    training = read_stage(settings, "architecture_search")["architecture_search"]["training"]
    with session("compare-architectures", log):
        stage.compare(tables, training=training, output=output)
