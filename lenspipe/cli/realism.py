"""The command realism."""

from pathlib import Path
from typing import Annotated

import typer

from lenspipe.cli._options import Log, Run, Threads
from lenspipe.cli._session import session, usable_cores
from lenspipe.errors import InputError


def realism(
    run: Run,
    stamps: Annotated[
        Path | None, typer.Option(help="Image store of real cutouts; realism.stamps of the settings if not given")
    ] = None,
    settings: Annotated[Path | None, typer.Option(help="The stage's settings; config/config.yaml if not given")] = None,
    output: Annotated[
        Path | None, typer.Option(help="Folder for tables/ and figures/; the run's folder if not given")
    ] = None,
    training: Annotated[
        list[str] | None, typer.Option(help="Trainings to take the classifier from; all of the run if not given")
    ] = None,
    threads: Threads = 64,
    log: Log = None,
):
    """Compare real stamps with a run's simulated deflectors (without an arc), as tables and figures."""
    from lenspipe.config import defaults_path, read_stage
    from lenspipe.figures import figures_of
    from lenspipe.plots.drawing import draw
    from lenspipe.stages import realism as stage

    values = read_stage(settings or defaults_path(), "realism")
    arguments = values.pop("realism")
    stamps = stamps or arguments["stamps"]
    del arguments["stamps"]
    if not stamps:
        raise InputError(
            "realism.stamps: names no store of real cutouts; give --stamps STORE, made by `lenspipe ingest`"
        )
    target = output or run
    with session("realism", log):
        stage.compare_with_real(
            run,
            Path(stamps),
            target / "tables",
            **arguments,
            **values,
            trainings=training or (),
            threads=usable_cores(threads),
        )
        draw(target / "tables", target / "figures", figures_of("realism"))
