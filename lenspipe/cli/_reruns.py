"""Stages of a finished run that Snakemake would rerun, and why."""

import json
import re
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from lenspipe import config
from lenspipe.errors import InputError
from lenspipe.stages.registry import names_of, stage_of

JOB = re.compile(r"^(?:local)?rule (\w+):\n((?:    .*\n)+)", re.MULTILINE)
FIELD = re.compile(r"^    (\w+): (.*)$", re.MULTILINE)
# How Snakemake's reasons begin, and the texts for them. Digests of code are the only parameters that change.
REASONS = {
    "Missing output files": "missing",
    "Updated input files": "input newer",
    "Input files updated by another job": "follows",
    "Set of input files": "other input files",
    "Code has changed": "rule changed",
    "Params have changed": "code changed",
    "Software environment": "environment changed",
    "Forced execution": "left unfinished",  # only the outputs of killed jobs are forced
    "Incomplete output files": "left unfinished",
}
SHOWN = 3  # files or settings named in a reason


def settings_of(run, project):
    """Settings files of a run: the file of ``config/`` with the name of the run, else the copy in the run's folder.

    Parameters
    ----------
    run, project : path
        As of ``reasons``.

    Returns
    -------
    list of path
        config/config.yaml first; empty if no file names the run.
    """
    defaults = project / config.DEFAULTS
    named = []
    for path in sorted((project / "config").glob("*.yaml")):
        with suppress(InputError):  # not a settings file
            if config.read_yaml(path).get("run") == run.name:
                named.append(path)
    if named == [defaults]:
        return named
    if len(named) == 1:
        return [defaults, *named]
    copy = run / "settings" / "report.json"  # all settings but execution
    return [defaults, copy] if copy.exists() else []


def reasons(run, project, files):
    """Why Snakemake would rerun stages of a run.

    Parameters
    ----------
    run, project : path
        The run's folder and the one with the Snakefile.
    files : sequence of path
        Settings, later ones over earlier ones.

    Returns
    -------
    dict of str to list of str
        Only stages that would rerun.

    Raises
    ------
    InputError
        If the settings are wrong, or the dry run fails.
    """
    settings = config.load(files).model_copy(update={"run": run.name})
    jobs = [(rule, dict(FIELD.findall(block))) for rule, block in JOB.findall(_dry_run(run, project, files))]
    makers = {file: stage_of(rule) for rule, job in jobs for file in job.get("output", "").split(", ")}
    by_stage = {}
    for rule, job in jobs:
        if stage := stage_of(rule):
            texts = by_stage.setdefault(stage, changed_settings(run, settings, stage))
            texts += [text for text in _translated(job["reason"], makers, run.name) if text not in texts]
            texts += [] if texts else [job["reason"]]
    return by_stage


def changed_settings(run, settings, stage):
    """One line, or none, in a list: the settings of a stage that differ from those in its file in the run."""
    path = run / "settings" / f"{stage}.json"
    keys = config.stage_keys(stage) if stage in config.stage_names(settings) else ()
    names = {key.rpartition(".")[2]: key for key in keys}
    if not names:  # no result of the stage depends on a setting
        return []
    before = _flat(config.read_yaml(path), names) if path.exists() else None
    now = _flat(config.stage_settings(settings, stage), names)
    if before is None or before == now:
        return []
    changed = [
        f"{key} {_short(before.get(key))} -> {_short(now.get(key))}"
        for key in now | before
        if before.get(key) != now.get(key)
    ]
    return [f"settings changed: {_few(changed)}"]


def own_workflow():
    """The folder (path) with the Snakefile that belongs to this package; None without a checkout."""
    folder = Path(__file__).resolve().parents[2]
    return folder if (folder / "Snakefile").exists() else None


def has_own_rules(project):
    """Whether the workflow in the folder ``project`` (path) is, file by file, the one of this package: bool."""
    ours = own_workflow()
    rules = [Path("Snakefile"), *(path.relative_to(ours) for path in sorted((ours / "workflow").rglob("*.smk")))]
    with suppress(OSError):
        return all((project / path).read_bytes() == (ours / path).read_bytes() for path in rules)
    return False


def _dry_run(run, project, files):
    """What Snakemake would do, by this package's own rules: a folder that is looked at may be anybody's, so that none
    of its code runs (-P: no module of that folder is imported either).
    """
    command = [sys.executable, "-P", "-m", "snakemake", "--snakefile", str(own_workflow() / "Snakefile")]
    command += ["--directory", str(project), "--dry-run", "--cores", "1", "--rerun-incomplete"]
    command += ["--configfile", *(str(path.resolve()) for path in files), "--config", f"run={run.name}"]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True)
    if done.returncode:
        lines = [line.strip() for line in (done.stdout + "\n" + done.stderr).splitlines() if line.strip()]
        ours = [line for line in lines if line.startswith("lenspipe: ")]
        last = (ours or [line for line in lines if not line.startswith("Using ")] or ["no message"])[-1]
        raise InputError(f"{project}: snakemake --dry-run fails: {last.removeprefix('lenspipe: ')}")
    return done.stdout


def _translated(reason, makers, run):
    """Texts for the parts of a reason; parts that are not in REASONS are left out."""
    for part in reason.split("; "):
        kind, _, files = part.partition(": ")
        text = next((text for beginning, text in REASONS.items() if kind.startswith(beginning)), None)
        names = files.split(", ")
        if text == "follows":
            stages = [stage for stage in names_of() if stage in {makers.get(name) for name in names}]
            yield from [f"follows {', '.join(stages)}"] if stages else []
        elif text in ("missing", "input newer"):
            yield f"{text}: {_few(name.removeprefix(f'results/{run}/') for name in names)}"
        elif text:
            yield text


def _flat(values, names):
    """Nested settings as full name: value."""
    flat, waiting = {}, [(names.get(key, key), value) for key, value in values.items()]
    for key, value in waiting:
        if isinstance(value, dict):
            waiting += [(f"{key}.{inner}", below) for inner, below in value.items()]
        else:
            flat[key] = value
    return flat


def _short(value):
    text = json.dumps(value)
    return text if len(text) <= 30 else f"{text[:27]}..."


def _few(items):
    items = list(items)
    return ", ".join(items[:SHOWN]) + (f", and {len(items) - SHOWN} more" if len(items) > SHOWN else "")
