"""Renew the table of changed formulas in docs/rerunning.md from the digests of the rules: python docs/make_rerunning.py

A test compares the page with dry runs (tests/workflow/test_rerunning.py).
"""

import json
import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

from lenspipe.provenance import files_behind

ROOT = Path(__file__).resolve().parents[1]
PAGE, PACKAGE = ROOT / "docs" / "rerunning.md", ROOT / "lenspipe"
HEAD = "a formula in"
FOLLOW = {  # stage: those that read what it writes
    "population": ["simulate", "train_classifier", "train_regressor", "baselines", "explain", "diagnose"],
    "simulate": ["train_classifier", "train_regressor", "predict", "baselines", "explain", "diagnose"],
    "train_classifier": ["predict", "explain", "diagnose"],
    "train_regressor": ["predict", "explain", "diagnose"],
    "predict": ["explain", "diagnose"],
    "baselines": ["diagnose"],
    "explain": ["diagnose", "figures"],
    "diagnose": ["figures", "report"],
    "figures": ["report"],
    "report": [],
}


def digests():
    """Modules behind the digest of each stage: dict of str to list of str."""
    script = ROOT / "tests" / "workflow" / "digests.py"
    command = [sys.executable, str(script), "--configfile", "config/smoke.yaml"]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    stages = {}
    for modules in json.loads(done.stdout):
        stage = next((name.rpartition(".")[2] for name in modules if name.startswith("lenspipe.stages.")), "population")
        if stage == "train":
            stage = "train_regressor" if "lenspipe.tasks.einstein_radius" in modules else "train_classifier"
        stages[stage] = modules
    return {stage: modules for stage, modules in stages.items() if stage in FOLLOW}


def reruns():
    """Stages that rerun after a change of each file of the package: dict of str to frozenset."""
    changed = defaultdict(set)
    for stage, modules in digests().items():
        for path in files_behind(*modules):
            changed[path.relative_to(PACKAGE).as_posix()].add(stage)
    files = (path for path in PACKAGE.rglob("*.*") if "__pycache__" not in path.parts)
    names = sorted(path.relative_to(PACKAGE).as_posix() for path in files)
    return {name: frozenset(_with_what_follows(changed[name])) for name in names}


def _with_what_follows(stages):
    stages, waiting = set(stages), list(stages)
    while waiting:
        new = set(FOLLOW[waiting.pop()]) - stages
        stages |= new
        waiting += new
    return stages


def rows():
    """Rows of the table: names of files or folders in backticks, and the stages: list of (str, frozenset)."""
    folders, grouped = defaultdict(lambda: defaultdict(list)), defaultdict(list)
    for name, stages in reruns().items():
        folders[name.rpartition("/")[0]][stages].append(name)
    for folder, groups in folders.items():
        largest = max(groups, key=lambda stages: len(groups[stages]))
        for stages, names in groups.items():
            whole = stages == largest and folder and len(names) > 1
            grouped[stages] += [f"{folder}/*"] if whole else names
    order = sorted(grouped, key=lambda stages: [stage not in stages for stage in FOLLOW])
    return [(", ".join(f"`{name}`" for name in sorted(grouped[stages])), stages) for stages in order]


def table():
    """The table in Markdown: str."""
    lines = [f"| {HEAD} | {' | '.join(FOLLOW)} |", "|---|" + "".join(f":{'-' * len(name)}:|" for name in FOLLOW)]
    for names, stages in rows():
        lines.append(f"| {names} | {' | '.join('●' if stage in stages else ' ' for stage in FOLLOW)} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(re.sub(rf"\| {HEAD} .*?\n(?!\|)", lambda _: table(), PAGE.read_text(), count=1, flags=re.S))
