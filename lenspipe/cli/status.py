"""Where a run stands, a line a stage."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from lenspipe.errors import InputError


def status(
    run: Annotated[Path, typer.Argument(help="The run's folder, results/<run>")],
    configfile: Annotated[
        list[Path] | None, typer.Option(help="Settings over config/config.yaml; found by the run's name if not given")
    ] = None,
    every_byte: Annotated[bool, typer.Option("--bytes", help="Read every byte of stores and tables too")] = False,
):
    """Each stage of a run: done, stale and why, damaged, partial, running, missing. Exit status 0 if all is done."""
    from lenspipe import status as science

    stages = science.look(run, every_byte)
    try:
        why, judged = _why(run.resolve(), configfile or [])
    except InputError:
        _show(stages)
        raise
    stages = {stage: _with_reasons(standing, why.get(stage, [])) for stage, standing in stages.items()}
    _show(stages)
    print(judged)
    if any(standing.state != science.DONE for standing in stages.values()):
        raise typer.Exit(1)


def _show(stages):
    from lenspipe.status import DAMAGED

    for stage, standing in stages.items():
        print(f"{stage:16}  {standing.state:7}  {standing.text}")
    if damaged := [stage for stage, standing in stages.items() if standing.state == DAMAGED]:
        print(f"what is damaged is made again by snakemake with -R {' '.join(damaged)}")


def _why(run, configfile):
    """Reasons by stage, and a line that says by which settings; or why there is no judgement."""
    from lenspipe.cli import _reruns
    from lenspipe.config import DEFAULTS

    project = run.parent.parent
    if run.parent.name != "results" or not (project / "Snakefile").exists():
        return {}, f"not judged whether anything is stale: there is no {project / 'Snakefile'}"
    given = [path.resolve() for path in configfile]
    files = [project / DEFAULTS, *given] if given else _reruns.settings_of(run, project)
    if not files:
        return {}, "not judged whether anything is stale: no settings name this run; give --configfile"
    names = ", ".join(str(path.relative_to(project) if path.is_relative_to(project) else path) for path in files)
    return _reruns.reasons(run, project, files), f"judged by {names}"


def _with_reasons(standing, why):
    """A whole stage that would be made again is stale; of another one only the further reasons are news."""
    from lenspipe.status import DONE, RUNNING, STALE

    if standing.state == DONE and why:
        return replace(standing, state=STALE, text=f"{'; '.join(why)}; {standing.text}")
    news = [words for words in why if not words.startswith(("missing", "left", "follows"))]
    if standing.state in (DONE, RUNNING) or not news:
        return standing
    return replace(standing, text=f"{standing.text}; {'; '.join(news)}")
