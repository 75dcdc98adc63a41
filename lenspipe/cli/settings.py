"""Settings of the workflow: merged and checked; a wrong one is reported in one line."""

import os
import sys
from pathlib import Path

import numpy as np
import yaml

from lenspipe import config
from lenspipe.cli._backgrounds import check_backgrounds
from lenspipe.cli._priors import priors_from
from lenspipe.cli._session import usable_cores
from lenspipe.cluster.requests import requests
from lenspipe.config.grid import grid_runs
from lenspipe.config.messages import nearest
from lenspipe.config.yamlfile import parse
from lenspipe.errors import InputError


def load(files):
    """Read and check settings files, later ones over earlier ones; also checks what needs science."""
    return _checked(config.load(files))


def load_for_workflow(values, files):
    """Check the settings that Snakemake merged; if one is wrong, exit with one line and status 2.

    Parameters
    ----------
    values : dict
        Snakemake's ``config``.
    files : sequence of path
        The settings files that it read, for messages.

    Returns
    -------
    Settings
    """
    try:
        # Snakemake lists the Snakefile's own last, though those of --configfile override it.
        files = sorted(files, key=lambda file: Path(file).resolve() != config.defaults_path().resolve())
        sources = [(_relative(file), config.read_yaml(file)) for file in files]
        merged = config.merge(*(section for _, section in sources))
        overrides = _typed(_difference(values, merged))
        sources.append(("--config", overrides))
        settings = _checked(config.check(config.merge(merged, overrides), sources))
        _check_writable(Path("results") / settings.run)
        return settings
    except InputError as error:
        print(f"lenspipe: {error}", file=sys.stderr)
        sys.exit(2)


def grid_runs_for_workflow(settings):
    """Names (list of str) of the grid's trainings; if the grid is wrong, exit with one line and status 2.

    Called only when a grid is requested: the default grid need not fit every training split.
    """
    available = settings.population.counts.train
    if too_many := [count for count in settings.grid.train_counts if count > available]:
        problem = f"{too_many[0]} is above population.counts.train {available}; train on fewer or simulate more"
        print(f"lenspipe: grid.train_counts: {problem}", file=sys.stderr)
        sys.exit(2)
    return [grid_run.name for grid_run in grid_runs(**settings.grid.model_dump())]


def check_nodes_for_workflow(nodes):
    """Called where jobs run on this machine: if a training asks for several ``nodes`` (int), exit with one line."""
    if nodes > 1:
        problem = f"{nodes}, but jobs run on this machine; add --profile workflow/profiles/slurm, or use processes"
        print(f"lenspipe: execution.nodes: {problem}", file=sys.stderr)
        sys.exit(2)


def stamps_for_workflow(settings):
    """The file (list of one str) that changes with the store of real stamps; without it, exit with one line, status 2.

    Called only when the comparison with real stamps is requested.
    """
    stamps = Path(settings.realism.stamps)
    folder = stamps.with_suffix(".zarr") if stamps.suffix == ".json" else stamps
    metadata = folder / ("zarr.json" if not (folder / ".zgroup").exists() else ".zgroup")  # of zarr's format 3 or 2
    if not settings.realism.stamps:
        problem = "realism.stamps: names no store of real cutouts"
    elif not metadata.exists():
        problem = f"realism.stamps: {stamps}: no image store here"
    else:
        return [str(metadata)]
    print(f"lenspipe: {problem}; make one with `lenspipe ingest`", file=sys.stderr)
    sys.exit(2)


def cores_of_each(trainings, cores):
    """Cores (int) of each of several ``trainings`` (int) that share the ``cores`` (int) of one machine.

    As many run at a time as there are usable cores: a second thread makes a training on stamps 1.5 to 1.8 times as
    fast, but two trainings at a time hardly slow each other (docs/performance.md).
    """
    return max(1, cores // min(trainings, usable_cores(cores)))


def requests_for_workflow(settings):
    """What each stage requests from a cluster: dict of str to ``lenspipe.cluster.requests.Request``."""
    bands = config.survey_of(settings.survey).bands
    exposures = sum(float(np.mean(bands[band].num_exposures)) for band in settings.bands)
    return requests(settings, exposures)


def _checked(settings):
    drawn = settings.population
    priors = priors_from(settings.survey, settings.bands, drawn.model_dump(), settings.num_pix)
    if drawn.backgrounds:
        check_backgrounds(drawn.backgrounds, settings.bands, settings.num_pix, priors, drawn.non_lenses)
    _check_starts(settings)
    return settings


def _check_starts(settings):
    """InputError unless every training that goes on from a network goes on from one that is there, or will be."""
    members = config.members_of(settings.train)
    of_run = {f"results/{settings.run}/models/{name}": name for name in members}
    for name, learning in members.items():
        before, folder = [name], learning.start_from
        while folder in of_run:
            if of_run[folder] in before:
                raise InputError(
                    f"train.{name}.start_from: {folder}: goes on from itself; name another network's folder"
                )
            before.append(of_run[folder])
            folder = members[before[-1]].start_from
        if folder and not (Path(folder) / "model.json").exists():
            raise InputError(
                f"train.{before[-1]}.start_from: {folder}: no trained network here{nearest(folder, of_run)}; give the "
                "folder of one, or results/<run>/models/ and a training of this run"
            )


def _check_writable(folder):
    existing = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    if not os.access(existing, os.W_OK):
        raise InputError(f"{existing}: cannot be written to; check the disk and its permissions, then run again")


def _difference(values, below):
    """Values that differ from those in ``below``: the overrides of the command line."""
    different = {}
    for key, value in values.items():
        if isinstance(value, dict) and isinstance(below.get(key), dict):
            if inner := _difference(value, below[key]):
                different[key] = inner
        elif key not in below or below[key] != value:
            different[key] = value
    return different


def _typed(value):
    """Values as YAML reads them: Snakemake passes nested values of ``--config`` as text."""
    if isinstance(value, dict):
        return {key: _typed(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_typed(inner) for inner in value]
    try:
        return parse(value) if isinstance(value, str) else value
    except (yaml.YAMLError, ValueError, RecursionError):
        return value


def _relative(path):
    path = Path(path).resolve()
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)
