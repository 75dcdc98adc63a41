"""Write docs/workflow.md, the graph of the rules and a line about each: python docs/make_workflow.py"""

import re
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "workflow.md"
OMITTED = {"settings", "all"}  # they stand at the ends of nearly every arrow

TEXT = """# The workflow

Made by `python docs/make_workflow.py`; a test compares it with the rules.

```mermaid
flowchart TB
{arrows}
```

Left out: `settings`, which writes `results/<run>/settings/<stage>.json` for every stage, and `all`, which asks for
every file of every stage. What reruns after a change is listed in [rerunning.md](rerunning.md).

| rule | what it makes |
|---|---|
{rules}
"""


def page():
    """The page, from what Snakemake says of the rules."""
    graph = _snakemake("--rulegraph", "mermaid-js")
    names = dict(re.findall(r"(id\d+)\[(\w+)\]", graph))
    arrows = sorted((names[a], names[b]) for a, b in re.findall(r"(id\d+) --> (id\d+)", graph))
    order = list(TopologicalSorter({b: [a for a, end in arrows if end == b] for _, b in arrows}).static_order())
    arrows = [(a, b) for a in order for b in order if (a, b) in arrows and not {a, b} & OMITTED]
    lines = dict(re.findall(r"^(\w+) \((.*)\)$", _snakemake("--list-rules"), flags=re.MULTILINE))
    return TEXT.format(
        arrows="\n".join(f"    {a} --> {b}" for a, b in arrows),
        rules="\n".join(f"| `{rule}` | {lines[rule]} |" for rule in [*order, *sorted(lines.keys() - set(order))]),
    )


def _snakemake(*arguments):
    command = [sys.executable, "-m", "snakemake", *arguments]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout


if __name__ == "__main__":
    PAGE.write_text(page())
