"""Commands that evaluate and show: diagnose, figures, report."""

import re
from pathlib import Path
from typing import Annotated

import typer

from lenspipe.cli._options import Log, Run
from lenspipe.cli._session import say, session
from lenspipe.errors import InputError


def diagnose(
    run: Annotated[Path | None, typer.Option(help="The run's folder, results/<run>")] = None,
    predictions: Annotated[
        Path | None,
        typer.Option(help="Table of any finder: score, is_lens, theta_E; radius, theta_E_pred, kind if available"),
    ] = None,
    method: Annotated[
        list[str] | None, typer.Option(help="Another folder of the run's predictions/ to compare with the network")
    ] = None,
    add: Annotated[
        list[str] | None,
        typer.Option(help="NAME=TABLE of an external finder for the run's objects: id, score, theta_E_pred"),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(help="Folder for tables/ and figures/; the run's folder, or with_<name> in it, if not given"),
    ] = None,
    settings: Annotated[Path | None, typer.Option(help="The stage's settings; config/config.yaml if not given")] = None,
    log: Log = None,
):
    """Compute tables of where methods fail, for a run or for the table of any finder; figures too if not for a run."""
    from lenspipe.config import defaults_path, read_stage
    from lenspipe.stages import diagnose as stage

    if (run is None) == (predictions is None) or (predictions and output is None):
        raise InputError("diagnose: give either --run FOLDER, or --predictions FILE with --output FOLDER")
    if add and not run:
        raise InputError("diagnose: --add needs --run FOLDER, whose objects the table is about")
    added = dict(_named_table(text) for text in add or [])
    if len(added) < len(add or []):
        raise InputError("--add: a name is given twice; rename one of the tables")
    values = read_stage(settings or defaults_path(), "diagnose")
    target = output or (run / f"with_{'_'.join(added)}" if added else run)
    with session("diagnose", log) as logger:
        arguments = values["diagnose"] | {"seed": values["seed"]}
        if run:
            options = {"bands": values["bands"], "methods": method or (), "added": added}
            for note in stage.diagnose_run(run, target / "tables", **options, **arguments):
                say(note)
        else:
            stage.diagnose_file(predictions, target / "tables", **arguments, notify=say)
        if target != run:
            _draw(target, logger)


def figures(run: Run, log: Log = None):
    """Draw the figures of a run from its tables, as PNG and PDF."""
    from lenspipe.stages.figures import draw_figures

    with session("figures", log) as logger:
        logger.info("figures: %s", ", ".join(draw_figures(run)))


def report(
    run: Run,
    output: Annotated[
        Path | None, typer.Option(help="File to write; report.html in the run's folder if not given")
    ] = None,
    log: Log = None,
):
    """Write the report, one HTML page: settings, summary, figures, versions, times."""
    from lenspipe.figures import figures_of
    from lenspipe.plots.drawing import draw
    from lenspipe.stages.report import read_results, write_report, write_stage_times

    with session("report", log):
        read_results(run)  # a damaged file is reported before anything is written
        write_stage_times(run)
        draw(run / "tables", run / "figures", figures_of("report"))
        write_report(run, output or run / "report.html")


def _draw(folder, logger):
    """Draw the tables of a finder, which no rule of the workflow does."""
    from lenspipe.stages.figures import draw_figures

    logger.info("figures: %s", ", ".join(draw_figures(folder)))


def _named_table(text):
    """Parse name=path: (name, Path)."""
    name, equals, path = text.partition("=")
    if not (equals and path and re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]*", name)):
        raise InputError(f"--add: {text!r} is wrong, should be NAME=TABLE, for example mine=finder.csv")
    return name, Path(path)
