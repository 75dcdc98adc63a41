#!/usr/bin/env python3
"""Renew the findings of README.md and docs/index.md, the tables of docs/results.md and the picture, from a run.

python docs/make_numbers.py results/talk [results/finder]

The second run is that of config/finder.yaml: it renews the tables that compare both.
"""

import re
import shutil
import sys
import textwrap
from pathlib import Path

from lenspipe import store
from lenspipe.labels import label_of

ROOT = Path(__file__).resolve().parents[1]
WIDTH = 120  # of a line
DISCOVERABLE = 'discoverable (theta_E > 0.8", arc S/N > 20)'
AGAINST = " against all non-lenses"
AT = "FPR 0.01 on validation"  # the threshold of the picture
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
KINDS = "kind of non-lens"  # heading of the table of kinds
FINDER, FINDER_KINDS = "talk and finder", "kind of non-lens, talk and finder"  # headings of the tables of two runs
COMPARED = {  # first cell of a row: metric and population of both runs
    "AUROC, all lenses": ("auroc", f"all lenses{AGAINST}"),
    "AUROC, discoverable": ("auroc", f"{DISCOVERABLE}{AGAINST}"),
    "completeness of discoverable lenses at a false-positive rate of 1e-1": (
        "TPR at FPR 0.1",
        f"{DISCOVERABLE}{AGAINST}",
    ),
    "at 1e-2": ("TPR at FPR 0.01", f"{DISCOVERABLE}{AGAINST}"),
    "at 1e-3": ("TPR at FPR 0.001", f"{DISCOVERABLE}{AGAINST}"),
    "at 1e-2 of their own twins without source": (
        "TPR at FPR 0.01",
        f"{DISCOVERABLE} against their twin_without_source",
    ),
    "found lenses that are found with the source unlensed": (
        f"still found at {AT}",
        "lenses found there, as twin_unlensed",
    ),
    "RMSE of the radii of discoverable lenses, arcsec": ("theta_E rmse", DISCOVERABLE),
    "their bias (median)": ("theta_E bias", DISCOVERABLE),
    "radii of all lenses within one sigma": ("theta_E coverage", "all lenses"),
}
START, END = "<!-- findings: renewed by docs/make_numbers.py -->", "<!-- end of findings -->"
FINDINGS = [  # names in braces: numbers of NUMBERS and of still_found_by_radius
    "**It finds clear lenses, but far from all.** At the threshold of the picture it finds {found} of the lenses that "
    "a search can hope for (Einstein radius above 0.8″, signal to noise of the arc above 20). Decision trees on "
    "colours and arc features find {found_by_trees}. And lenses are rare: if one object in a thousand is a lens, "
    "{purity} of the selected objects are lenses.",
    "**It is fooled by blue light near a red galaxy.** It calls {companions} of the galaxies with unlensed blue "
    "companions lenses, but {deflector} of those without. When the arc of a lens that it finds is replaced by the same "
    "source unlensed, it still finds {unlensed}: {unlensed_small} with an Einstein radius below 0.5″, where arcs are "
    "as small as the seeing, but {unlensed_large} beyond 1.5″. When the arc is removed, it still finds "
    "{without_source}.",
    "**It measures Einstein radii better than the galaxy's light alone would.** For the same clear lenses the error "
    "has a median of {bias}″ and a scatter of {sigma68}″. Predicted from the brightness and size of the lensing "
    "galaxy, the scatter is {sigma68_by_light}″. Of the true radii, {coverage} lie within one predicted sigma (ideal: "
    "68 %).",
]
NUMBERS = {  # name in a finding: metric, population, method, whether it is a share
    "found": (f"completeness at {AT}", DISCOVERABLE, "network", True),
    "found_by_trees": (f"completeness at {AT}", DISCOVERABLE, "hand_made", True),
    "purity": (f"purity at {AT}", "prevalence 0.001", "network", True),
    "companions": (f"false_positive_rate at {AT}", "companions", "network", True),
    "deflector": (f"false_positive_rate at {AT}", "deflector", "network", True),
    "without_source": (f"still found at {AT}", "lenses found there, as twin_without_source", "network", True),
    "unlensed": (f"still found at {AT}", "lenses found there, as twin_unlensed", "network", True),
    "bias": ("theta_E bias", DISCOVERABLE, "network", False),
    "sigma68": ("theta_E sigma68", DISCOVERABLE, "network", False),
    "sigma68_by_light": ("theta_E sigma68", DISCOVERABLE, "true_light", False),
    "coverage": ("theta_E coverage", DISCOVERABLE, "network", True),
}


def numbers_of(summary):
    """Value and interval by metric, population and method."""
    return summary.set_index(["metric", "population", "method"])[["value", "low", "high"]]


def with_findings(text, summary, twins):
    """The text of a page with the three findings between the two marks."""
    start, end = text.index(START) + len(START), text.index(END)
    return f"{text[:start]}\n\n{findings(summary, twins)}\n\n{text[end:]}"


def findings(summary, twins):
    """The three findings of summary.csv and twins.csv, as a numbered list."""
    numbers = numbers_of(summary)
    values = still_found_by_radius(twins)
    for name, (metric, population, method, is_share) in NUMBERS.items():
        number = numbers.loc[metric, population, method]
        values[name] = percent(number) if is_share else "{:.2f} [{:.2f}, {:.2f}]".format(*number)
    lines = [f"{place}. {finding.format(**values)}" for place, finding in enumerate(FINDINGS, 1)]
    return "\n".join(textwrap.fill(line, WIDTH, subsequent_indent="   ", break_on_hyphens=False) for line in lines)


def still_found_by_radius(twins):
    """How many of the small and of the large lenses are still found with their source unlensed: 15 of 19."""
    rows = twins[(twins["twin"] == "twin_unlensed") & (twins["what"] == "still") & (twins["threshold_name"] == AT)]
    rows = rows[rows["against"] == "theta_E"]
    parts = {"unlensed_small": rows[rows["to"] <= 0.5], "unlensed_large": rows[rows["from"] >= 1.5]}
    return {name: f"{part['events'].sum():.0f} of {part['trials'].sum():.0f}" for name, part in parts.items()}


def percent(numbers):
    """Value and interval of a share, in a text that wraps before the brackets at most: 28.0 % [27.0, 29.0]"""
    return "{:.1f}\u00a0% [{:.1f}, {:.1f}]".format(*(100 * numbers))


def with_tables(text, summary):
    """The text of the page of results with the numbers of a summary, and its sentence on what the network beats."""
    numbers = numbers_of(summary)
    for heading, populations in COLUMNS.items():
        text = renewed(text, heading, lambda name, among=populations: row(name, among, numbers))
    names = summary.loc[summary["metric"] == f"false_positive_rate at {AT}", "population"]
    kinds = {label_of(kind): kind for kind in names}
    text = renewed(text, KINDS, lambda label: row_of_kind(label, kinds[label], numbers))
    gains = summary[summary["metric"].str.startswith("gain in")]
    sentence = f"in {(gains['low'] > 0).sum()} of {len(gains)} comparisons"
    text, count = re.subn(r"in\s\d+\sof\s\d+\scomparisons", sentence, text)
    assert count == 1
    return text


def renewed(text, heading, make_row):
    """The text with new rows in the table whose first column has this heading."""
    start = text.index(f"| {heading} |")
    end = text.index("\n\n", start)
    head, separator, *rows = text[start:end].splitlines()
    return text[:start] + "\n".join([head, separator, *(make_row(row_name(line)) for line in rows)]) + text[end:]


def row_name(line):
    return line.split("|")[1].strip()


def row(name, populations, numbers):
    keys = [(METRICS[name], *population) for population in populations]
    cells = ["{:.3f} [{:.3f}, {:.3f}]".format(*numbers.loc[key]) if key in numbers.index else "" for key in keys]
    return f"| {name} | " + " | ".join(cells) + " |"


def row_of_kind(label, kind, numbers):
    """How often a kind is called a lens, and how well it is told from lenses by the network and by trees."""
    against = "all lenses against all non-lenses" if kind == "all non-lenses" else f"lenses against {kind}"
    rate = percent(numbers.loc[f"false_positive_rate at {AT}", kind, "network"])
    areas = ["{:.3f} [{:.3f}, {:.3f}]".format(*numbers.loc["auroc", against, by]) for by in ("network", "hand_made")]
    return f"| {label} | {rate} | " + " | ".join(areas) + " |"


def with_both(text, summaries):
    """The text of the page of results with the tables of two runs, whose summaries these are."""
    both = [numbers_of(summary) for summary in summaries]
    text = renewed(text, FINDER, lambda name: row_of_both(name, both))
    names = summaries[0].loc[summaries[0]["metric"] == f"false_positive_rate at {AT}", "population"]
    kinds = {label_of(kind): kind for kind in names}
    return renewed(text, FINDER_KINDS, lambda label: kind_of_both(label, kinds[label], both))


def row_of_both(name, both):
    keys = [(*COMPARED[name], "network")] * 2
    cells = ["{:.3f} [{:.3f}, {:.3f}]".format(*one.loc[key]) for one, key in zip(both, keys, strict=True)]
    return f"| {name} | " + " | ".join(cells) + " |"


def kind_of_both(label, kind, both):
    """How often a kind is called a lens, and how well it is told from lenses, by the networks of both runs."""
    against = "all lenses against all non-lenses" if kind == "all non-lenses" else f"lenses against {kind}"
    rates = [percent(one.loc[f"false_positive_rate at {AT}", kind, "network"]) for one in both]
    areas = ["{:.3f} [{:.3f}, {:.3f}]".format(*one.loc["auroc", against, "network"]) for one in both]
    return f"| {label} | " + " | ".join([*rates, *areas]) + " |"


def main(run, finder=None):
    summary, twins = (store.read_table(Path(run) / "tables" / f"{name}.csv") for name in ("summary", "twins"))
    for page in (ROOT / "README.md", ROOT / "docs" / "index.md"):
        page.write_text(with_findings(page.read_text(), summary, twins))
    results = ROOT / "docs" / "results.md"
    results.write_text(with_tables(results.read_text(), summary))
    if finder:
        others = store.read_table(Path(finder) / "tables" / "summary.csv")
        results.write_text(with_both(results.read_text(), [summary, others]))
    figure = "false_positives_vs_radius.png"
    shutil.copy(Path(run) / "figures" / figure, ROOT / "docs" / figure)


if __name__ == "__main__":
    main(*sys.argv[1:])
