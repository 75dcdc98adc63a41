"""The pages that are generated are what their generators give."""

import re
import runpy

import pandas as pd


def test_the_page_of_the_workflow_is_up_to_date(root):
    made = runpy.run_path(str(root / "docs" / "make_workflow.py"))
    assert made["PAGE"].read_text() == made["page"](), "run `python docs/make_workflow.py`"


def test_every_rule_has_its_line_there(root):
    page = (root / "docs" / "workflow.md").read_text()
    files = [root / "Snakefile", *(root / "workflow" / "rules").glob("*.smk")]
    rules = {rule for file in files for rule in re.findall(r"^rule (\w+):", file.read_text(), flags=re.MULTILINE)}
    rules |= {"train_classifier", "train_regressor", "predict"}  # in loops
    assert set(re.findall(r"^\| `(\w+)` \| \w.+ \|$", page, flags=re.MULTILINE)) == rules


def test_the_numbers_of_the_results_page_are_renewed_from_a_summary(root):
    made = runpy.run_path(str(root / "docs" / "make_numbers.py"))
    page = (root / "docs" / "results.md").read_text()
    populations = [name for names in made["COLUMNS"].values() for name in names]
    keys = [(metric, *name) for metric in made["METRICS"].values() for name in populations]
    keys += [("gain in auroc", "all", "one"), ("gain in auroc", "all", "another")]
    summary = pd.DataFrame(keys, columns=["metric", "population", "method"])
    summary = summary.assign(value=range(len(keys)), low=[*range(len(keys) - 1), -1.0], high=1000.0)
    new = made["renewed"](page, summary)
    assert "in 1 of 2 comparisons" in new
    shown = {int(value) for value in re.findall(r"(\d+)\.000 \[\d+\.000, 1000\.000\]", new)}
    renewed = [row for row in summary.itertuples() if row.Index in shown]
    assert {row.metric for row in renewed} == set(made["METRICS"].values())
    assert {(row.population, row.method) for row in renewed} == set(populations)
    cells = re.findall(r"\d\.\d{3} \[.*?\]", "\n".join(line for line in new.splitlines() if line.startswith("|")))
    assert [cell for cell in cells if "1000.000" not in cell] == [], "numbers of the old run are left in the tables"
