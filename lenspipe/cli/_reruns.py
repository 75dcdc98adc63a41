"""What Snakemake would do again in a finished run, and why, in plain words."""

import json
import re
import subprocess
import sys
from contextlib import suppress

from lenspipe import config
from lenspipe.errors import InputError
from lenspipe.stages.registry import names_of, stage_of

JOB = re.compile(r"^(?:local)?rule (\w+):\n((?:    .*\n)+)", re.MULTILINE)
FIELD = re.compile(r"^    (\w+): (.*)$", re.MULTILINE)
# How Snakemake's reasons begin, and ours. Digests of code are the only parameters of a stage that change.
WORDS = {
    "Missing output files": "missing",
    "Updated input files": "input newer",
    "Input files updated by another job": "follows",
    "Set of input files": "other input files",
    "Code has changed": "rule changed",
    "Params have changed": "code changed",
    "Software environment": "environment changed",
    "Forced execution": "left unfinished",  # nothing is forced here but what a killed job has left
    "Incomplete output files": "left unfinished",
}
SHOWN = 3  # files or settings named in a reason


def settings_of(run, project):
    """The settings that count for a run, and where they come from.

    The file of ``config/`` that names the run, over config/config.yaml; or else what the run itself was made with.

    Returns
    -------
    list of path
        None at all if it is not known.
    """
    defaults = project / config.DEFAULTS
    named = []
    for path in sorted((project / "config").glob("*.yaml")):
        with suppress(InputError):  # a file there that is none of ours
            if config.read_yaml(path).get("run") == run.name:
                named.append(path)
    if named == [defaults]:
        return named
    if len(named) == 1:
        return [defaults, *named]
    own = run / "settings" / "report.json"
    return [defaults, own] if own.exists() else []  # it leaves out where a run is made


def reasons(run, project, files):
    """Why Snakemake would make stages of a run again.

    Parameters
    ----------
    run, project : path
        The run's folder and the one with the Snakefile.
    files : sequence of path
        Settings, later ones over earlier ones.

    Returns
    -------
    dict of str to list of str
        A stage that would not be made again is not in it.

    Raises
    ------
    InputError
        If the settings are wrong, or Snakemake cannot tell.
    """
    settings = config.load(files).model_copy(update={"run": run.name})
    jobs = [(rule, dict(FIELD.findall(block))) for rule, block in JOB.findall(_dry_run(run, project, files))]
    makers = {file: stage_of(rule) for rule, job in jobs for file in job.get("output", "").split(", ")}
    found = {}
    for rule, job in jobs:
        if stage := stage_of(rule):
            told = found.setdefault(stage, changed_settings(run, settings, stage))
            told += [words for words in _told(job["reason"], makers, run.name) if words not in told]
            told += [] if told else [job["reason"]]
    return found


def changed_settings(run, settings, stage):
    """A line that names the settings in which a stage's file differs from what is said now; none if none does."""
    path = run / "settings" / f"{stage}.json"
    names = {key.rpartition(".")[2]: key for key in config.STAGES.get(stage, ())}
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


def _dry_run(run, project, files):
    command = [sys.executable, "-m", "snakemake", "--dry-run", "--cores", "1", "--rerun-incomplete"]
    command += ["--configfile", *(str(path.resolve()) for path in files), "--config", f"run={run.name}"]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True)
    if done.returncode:
        lines = (done.stderr.strip() or done.stdout.strip() or "no message").splitlines()
        raise InputError(f"{project / 'Snakefile'}: snakemake --dry-run fails: {lines[-1].removeprefix('lenspipe: ')}")
    return done.stdout


def _told(reason, makers, run):
    """Each part of a reason in our words; what we have no words for is Snakemake's own matter."""
    for part in reason.split("; "):
        kind, _, files = part.partition(": ")
        words = next((ours for theirs, ours in WORDS.items() if kind.startswith(theirs)), None)
        names = files.split(", ")
        if words == "follows":
            stages = [stage for stage in names_of() if stage in {makers.get(name) for name in names}]
            yield from [f"follows {', '.join(stages)}"] if stages else []
        elif words in ("missing", "input newer"):
            yield f"{words}: {_few(name.removeprefix(f'results/{run}/') for name in names)}"
        elif words:
            yield words


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
