"""What lenspipe declares of itself, as rows for the tables of the reference: nothing here is written by hand."""

import inspect
import json
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import get_args, get_type_hints

import typer.main

from lenspipe import columns, config
from lenspipe.cli._app import app
from lenspipe.families import KINDS, NETWORKS, TASKS
from lenspipe.figures import FIGURES
from lenspipe.stages.registry import names_of
from lenspipe.surveys import SURVEYS

ROOT = Path(__file__).resolve().parents[2]
UNITS = ("arcsec", "km/s", "mag", "pixels")  # words before the first comma of a setting's description
LIMITS = {"minimum": "≥", "exclusiveMinimum": ">", "maximum": "≤", "exclusiveMaximum": "<", "multipleOf": "multiple of"}
CHOICES = {  # settings that name members of a family
    "survey": SURVEYS,
    "network": NETWORKS,
    "networks": NETWORKS,
    "task": TASKS,
    "non_lenses": KINDS,
}
JSON_TYPES = {"array": "list", "object": "mapping", "string": "text"}
TABLES = {  # family of columns: those that are not of the object table, which depends on the bands
    "predictions": columns.PREDICTIONS,
    "kinds": columns.kind_columns(["<kind>"]),
    "summary": columns.SUMMARY,
    "ingested": columns.INGESTED,
    "planes": columns.PLANES,
}
JOB = re.compile(r"^(?:local)?rule (\w+):\n((?:    .*\n)+)", re.MULTILINE)
RULE = re.compile(r'^( *)rule ?(\w*):\n *"""(.*?)"""', re.MULTILINE | re.DOTALL)
FIELD = re.compile(r"^    (\w+): (.*)$", re.MULTILINE)
ONE_MEMBER = "grid={seeds: [1], networks: [cnn], train_counts: [16]}"
OF_KINDS_TOO = "train={classifier: {task: kind}}"


def defaults():
    return config.load([ROOT / "config" / "config.yaml"]).model_dump(mode="json")


def columns_of(family):
    """name, dtype, unit, meaning; the object table's for the default bands."""
    listed = columns.catalog_columns(defaults()["bands"]) if family == "catalog" else TABLES[family]
    return [(column.name, column.dtype, column.unit, column.meaning) for column in listed]


def settings():
    """key, type, unit, range, default, meaning, stages whose results depend on it."""
    schema = json.loads(config.schema())
    return [
        (key, _kind(said), *_unit(said), "; ".join(_choices(key) + _range(said)), default, _stages(key))
        for key, said, default in _leaves(schema, schema, defaults(), "")
    ]


def _leaves(section, schema, values, prefix):
    for name, said in section["properties"].items():
        if "$ref" in said:
            below = schema["$defs"][said["$ref"].rpartition("/")[2]]
            yield from _leaves(below, schema, values[name], f"{prefix}{name}.")
        elif "$ref" in said.get("additionalProperties", {}):  # entries of one kind by name
            below = schema["$defs"][said["additionalProperties"]["$ref"].rpartition("/")[2]]
            for entry in values[name]:
                yield from _leaves(below, schema, values[name][entry], f"{prefix}{name}.{entry}.")
        else:
            yield prefix + name, said, values[name]


def _unit(said):
    """Unit and meaning."""
    unit, comma, meaning = said.get("description", "").partition(", ")
    return (unit, meaning) if comma and unit in UNITS else ("", said.get("description", ""))


def _kind(said):
    inner = f" of {_kind(said['items'])}s" if "items" in said else ""
    return JSON_TYPES.get(said["type"], said["type"]) + inner


def _choices(key):
    name = key.rpartition(".")[2]
    return [", ".join(m for m in sorted(CHOICES[name]) if m != columns.LENS)] if name in CHOICES else []


def _range(said):
    words = [f"{sign} {_number(said[key])}" for key, sign in LIMITS.items() if key in said]
    words += [f"`{said['pattern']}`"] if "pattern" in said else []
    words += [", ".join(said["enum"])] if "enum" in said else []
    each = "; ".join(_range(said["items"])) if "items" in said else ""
    words += [f"each {each}"] if each else []
    return words + ([f"{said['minItems']} or more values"] if "minItems" in said else [])


def _number(value):
    return "2^63" if value == 2**63 else f"{value:,}" if isinstance(value, int) else f"{value:g}"


def _stages(key):
    """Stages in whose settings the key stands, by itself or within a section."""
    return [
        stage
        for stage in config.stage_names(config.load([ROOT / "config" / "config.yaml"]))
        if stage != "report" and any(key == name or key.startswith(f"{name}.") for name in config.stage_keys(stage))
    ]


def commands():
    """name, help, and of each argument and option: its names, type, default, help."""
    for name, command in typer.main.get_command(app).commands.items():
        hints = get_type_hints(command.callback)
        parameters = [
            (_names(p), _type(hints[p.name]), "required" if p.required else _default(p.default), p.help)
            for p in command.params
            if p.name in hints
        ]
        yield name, inspect.cleandoc(command.help), parameters


def _names(parameter):
    if parameter.param_type_name == "argument":
        return parameter.name.upper()
    return ", ".join([*parameter.opts, *parameter.secondary_opts])


def _type(hint):
    """``Path | None`` -> path; a list may be given again and again."""
    inner = [part for part in get_args(hint) if part is not type(None)] or [hint]
    if len(inner) == 1 and inner[0] is not hint:
        word = _type(inner[0])
        return f"{word}, repeated" if getattr(hint, "__origin__", None) is list else word
    return {bool: "flag", str: "text"}.get(hint, hint.__name__.lower())


def _default(value):
    return "" if value in (None, False, "", ()) else str(value)


@cache
def rules():
    """What each rule reads and writes, as Snakemake says it of a new run, with all that not every run has.

    Returns
    -------
    dict of str to dict
        By rule, in the order of the work: ``doc``, and lists of files, in the run's folder: ``input``, ``output``,
        ``log``, ``benchmark``.
    """
    with TemporaryDirectory() as folder:
        stamps = Path(folder) / "real.zarr"
        stamps.mkdir()
        (stamps / "zarr.json").touch()
        call = ["all", "grid", "architecture_search", "--dry-run", "--forceall", "--cores", "8"]
        jobs = _snakemake(*call, "--config", "run=RUN", ONE_MEMBER, OF_KINDS_TOO, f"realism={{stamps: {stamps}}}")
        jobs = jobs.replace(str(stamps), "<realism.stamps>")
    files = [ROOT / "Snakefile", *(ROOT / "workflow" / "rules").glob("*.smk")]
    docs = {}
    for file in files:  # rules in a loop have no name there: they are called by their file
        docs |= {name or f"{file.stem}_": text for _, name, text in RULE.findall(file.read_text())}
    found = {}
    for rule, job in JOB.findall(jobs):
        fields = {name: _files(text) for name, text in FIELD.findall(job)}
        before = found.setdefault(rule, {"doc": docs.get(rule) or docs[f"{rule.partition('_')[0]}_"]})
        for name in ("input", "output", "log", "benchmark"):
            before[name] = list(dict.fromkeys(before.get(name, []) + fields.get(name, [])))
    order = ["settings", *names_of(optional=True)]
    return {rule: found[rule] for rule in sorted(found, key=lambda r: (order.index(r) if r in order else 99, r))}


def _files(text):
    return text.replace("results/RUN/", "").replace("cnn-n16-seed1", "<member>").split(", ")


def _snakemake(*arguments):
    command = [sys.executable, "-m", "snakemake", *arguments]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout


def figures():
    """Every figure: its title, the tables that it is drawn from, and its caption."""
    for name, spec in FIGURES.items():
        yield name, spec.title, spec.tables, (ROOT / "workflow" / "report" / f"{name}.rst").read_text()


def kinds():
    """name, what the module says it is, default share among the non-lenses."""
    shares = defaults()["population"]["non_lenses"]
    total = sum(shares.values())
    for name, draw in KINDS.items():
        share = f"{shares[name] / total:.3g}" if name in shares else ""
        yield name, inspect.getdoc(inspect.getmodule(draw)), inspect.getdoc(draw), share


def networks():
    """name, what the module says it is, weights with the default settings, layers shown."""
    said = defaults()
    for name, network in NETWORKS.items():
        built = network((len(said["bands"]), said["num_pix"], said["num_pix"]), (1,))
        weights = sum(parameter.numel() for parameter in built.parameters())
        yield name, inspect.getdoc(inspect.getmodule(network)), weights, network.feature_layers


def tasks():
    """name, what the module says it is."""
    for name, task in TASKS.items():
        yield name, inspect.getdoc(inspect.getmodule(task))


def surveys():
    """name, the survey."""
    yield from SURVEYS.items()
