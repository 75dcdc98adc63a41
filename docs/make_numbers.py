#!/usr/bin/env python3
"""Renew the tables of docs/results.md and the README's figure from a finished run of the default settings.

python docs/make_numbers.py results/talk
"""

import re
import shutil
import sys
from pathlib import Path

from lenspipe import store

ROOT = Path(__file__).resolve().parents[1]
DISCOVERABLE = 'discoverable (theta_E > 0.8", arc S/N > 20)'
AGAINST = " against all non-lenses"
COLUMNS = {  # heading of a table's first column: population and method of its other columns
    "finding lenses": [
        (f"all lenses{AGAINST}", "network"),
        (f"{DISCOVERABLE}{AGAINST}", "network"),
        (f"all lenses{AGAINST}", "hand_made"),
        (f"{DISCOVERABLE}{AGAINST}", "hand_made"),
    ],
    "measuring theta_E, arcsec": [
        ("all lenses", "network"),
        (DISCOVERABLE, "network"),
        ("all lenses", "hand_made"),
        ("all lenses", "true_light"),
    ],
}
METRICS = {  # first cell of a row: metric
    "AUROC": "auroc",
    "completeness at a false-positive rate of 1e-1": "TPR at FPR 0.1",
    "at 1e-2": "TPR at FPR 0.01",
    "at 1e-3": "TPR at FPR 0.001",
    "with no false positive in 24,000 (TPR0)": "TPR0",
    "with fewer than ten (TPR10)": "TPR10",
    "bias (median)": "theta_E bias",
    "scatter sigma68": "theta_E sigma68",
    "NMAD": "theta_E nmad",
    "RMSE": "theta_E rmse",
    "share beyond 30 %": "theta_E outliers",
    "share within one sigma": "theta_E coverage",
}


def renewed(text, summary):
    """The page's text with the numbers of a summary, and its sentence on the baselines that are beaten."""
    numbers = summary.set_index(["metric", "population", "method"])[["value", "low", "high"]]
    for heading, populations in COLUMNS.items():
        start = text.index(f"| {heading} |")
        end = text.index("\n\n", start)
        head, ruler, *rows = text[start:end].splitlines()
        rows = [row(line.split("|")[1].strip(), populations, numbers) for line in rows]
        text = text[:start] + "\n".join([head, ruler, *rows]) + text[end:]
    gains = summary[summary["metric"].str.startswith("gain in")]
    count = f"in {(gains['low'] > 0).sum()} of {len(gains)} comparisons"
    text, replaced = re.subn(r"in \d+ of \d+ comparisons", count, text)
    assert replaced == 1
    return text


def row(name, populations, numbers):
    keys = [(METRICS[name], *population) for population in populations]
    cells = ["{:.3f} [{:.3f}, {:.3f}]".format(*numbers.loc[key]) if key in numbers.index else "" for key in keys]
    return f"| {name} | " + " | ".join(cells) + " |"


def main(run):
    page = ROOT / "docs" / "results.md"
    page.write_text(renewed(page.read_text(), store.read_table(Path(run) / "tables" / "summary.csv")))
    figure = "false_positives_vs_radius.png"
    shutil.copy(Path(run) / "figures" / figure, ROOT / "docs" / figure)


if __name__ == "__main__":
    main(*sys.argv[1:])
