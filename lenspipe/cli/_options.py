"""Options that several commands have."""

from pathlib import Path
from typing import Annotated

import typer

Settings = Annotated[Path, typer.Option(help="The stage's settings, or a complete settings file")]
Log = Annotated[Path | None, typer.Option(help="File for the log")]
Workers = Annotated[int, typer.Option(min=1, help="Processes, at most the number of CPUs")]
Block = Annotated[int, typer.Option(min=256, help="Objects per task, in whole chunks of 256; no result depends on it")]
Threads = Annotated[int, typer.Option(min=1, help="Threads, at most the number of CPUs")]
Run = Annotated[Path, typer.Option(help="The run's folder, results/<run>")]
