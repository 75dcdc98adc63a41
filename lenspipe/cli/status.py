"""The command status: the state of a run, one line per stage."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from lenspipe.errors import InputError


def status(
    run: Annotated[Path, typer.Argument(help="The run's folder, results/<run>")],
    configfile: Annotated[
        list[Path] | None,
        typer.Option(help="Settings over config/config.yaml; else the file with the run's name"),
    ] = None,
    every_byte: Annotated[bool, typer.Option("--bytes", help="Also check every byte of stores and tables")] = False,
):
    """Show the state of each stage of a run, and why it is stale. Exit status 0 if all stages are done."""
    from lenspipe.status import DONE, look

    stages = look(run, every_byte)
    try:
        reasons, comparison = _reasons(run.resolve(), configfile or [])
    except InputError:
        _show(stages)
        raise
    stages = {stage: _with_reasons(state, reasons.get(stage, [])) for stage, state in stages.items()}
    _show(stages)
    print(comparison)
    if any(state.state != DONE for state in stages.values()):
        raise typer.Exit(1)


def _show(stages):
    from lenspipe.status import DAMAGED

    for stage, state in stages.items():
        print(f"{stage:16}  {state.state:7}  {state.text}")
    if damaged := [stage for stage, state in stages.items() if state.state == DAMAGED]:
        print(f"to repair damaged files, run snakemake with -R {' '.join(damaged)}")


def _reasons(run, configfile):
    """Reasons by stage, and a line that names the settings compared with, or why nothing was compared."""
    from lenspipe.cli import _reruns
    from lenspipe.config import DEFAULTS

    project = run.parent.parent
    if run.parent.name != "results" or not (project / "Snakefile").exists():
        return {}, f"stale stages are not detected: no file {project / 'Snakefile'}"
    if _reruns.own_workflow() is None:
        return {}, "stale stages are not detected: lenspipe is installed without its checkout, which has the rules"
    given = [path.resolve() for path in configfile]
    files = [project / DEFAULTS, *given] if given else _reruns.settings_of(run, project)
    if not files:
        return {}, "stale stages are not detected: no settings file has the name of this run; give --configfile"
    names = ", ".join(str(path.relative_to(project) if path.is_relative_to(project) else path) for path in files)
    own = "" if _reruns.has_own_rules(project) else f", and with the rules of this lenspipe, not those of {project}"
    return _reruns.reasons(run, project, files), f"compared with {names}{own}"


def _with_reasons(state, reasons):
    """A done stage with reasons is stale; other stages get only the reasons that their state does not imply."""
    from lenspipe.status import DONE, RUNNING, STALE

    if state.state == DONE and reasons:
        return replace(state, state=STALE, text=f"{'; '.join(reasons)}; {state.text}")
    added = [reason for reason in reasons if not reason.startswith(("missing", "left", "follows"))]
    if state.state in (DONE, RUNNING) or not added:
        return state
    return replace(state, text=f"{state.text}; {'; '.join(added)}")
