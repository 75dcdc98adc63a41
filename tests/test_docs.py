"""The pages that are generated are what their generators give."""

import re
import runpy

import pandas as pd

from lenspipe.families import KINDS


def test_the_page_of_the_workflow_is_up_to_date(root):
    made = runpy.run_path(str(root / "docs" / "make_workflow.py"))
    assert made["PAGE"].read_text() == made["page"](), "run `python docs/make_workflow.py`"


def test_every_rule_has_its_line_there(root):
    page = (root / "docs" / "workflow.md").read_text()
    files = [root / "Snakefile", *(root / "workflow" / "rules").glob("*.smk")]
    rules = {rule for file in files for rule in re.findall(r"^rule (\w+):", file.read_text(), flags=re.MULTILINE)}
    rules |= {"train_classifier", "train_regressor", "predict"}  # in loops
    assert set(re.findall(r"^\| `(\w+)` \| \w.+ \|$", page, flags=re.MULTILINE)) == rules


def summary_of(keys):
    """A summary in which the row of each key has its place as value, and 1000 as the upper end of its interval."""
    frame = pd.DataFrame(keys, columns=["metric", "population", "method"])
    return frame.assign(value=range(len(keys)), low=range(len(keys)), high=1000.0)


def test_the_tables_of_the_results_are_renewed_from_a_summary(root):
    made = runpy.run_path(str(root / "docs" / "make_numbers.py"))
    results = (root / "docs" / "results.md").read_text()
    pairs = {pair for columns in made["COLUMNS"].values() for pair in columns}
    keys = [(metric, *pair) for metric in made["METRICS"].values() for pair in sorted(pairs)]
    kinds = [*KINDS, "all non-lenses"]
    kinds.remove("lens")
    of_kinds = [(f"false_positive_rate at {made['AT']}", kind, "network") for kind in kinds]
    of_kinds += [("auroc", f"lenses against {kind}", by) for kind in kinds for by in ("network", "hand_made")]
    gains = [("gain in auroc", "over one", "trees"), ("gain in auroc", "over another", "trees")]
    of_both = [(*key, "network") for key in made["COMPARED"].values()]
    summary = summary_of(list(dict.fromkeys([*keys, *of_kinds, *of_both, *gains])))
    summary.loc[summary.index[-1], "low"] = -1.0
    new = made["with_both"](made["with_tables"](results, summary), [summary, summary])
    assert "in 1 of 2 comparisons" in new
    shown = {int(value) for value in re.findall(r"(\d+)\.000 \[\d+\.000, 1000\.000\]", new)}
    shown |= {int(value) // 100 for value in re.findall(r"(\d+)\.0\s% \[\d+\.0, 100000\.0\]", new)}
    keys_shown = {(row.metric, row.population, row.method) for row in summary.itertuples() if row.Index in shown}
    assert {metric for metric, _, _ in keys_shown} >= set(made["METRICS"].values())
    assert {(population, method) for _, population, method in keys_shown} >= pairs
    assert keys_shown >= set(of_both)
    assert (
        set(of_kinds) - {("auroc", "lenses against all non-lenses", by) for by in ("network", "hand_made")}
        <= keys_shown
    )
    tables = "\n".join(line for line in new.splitlines() if line.startswith("|"))
    cells = re.findall(r"\d\.\d+\s(?:% )?\[.*?\]", tables)
    assert cells and [cell for cell in cells if "000.0" not in cell] == [], "numbers of the old run are left"


def test_the_findings_are_renewed_from_a_summary(root):
    made = runpy.run_path(str(root / "docs" / "make_numbers.py"))
    keys = [tuple(key) for *key, _ in made["NUMBERS"].values()]
    twins = pd.DataFrame({"from": [0.3, 0.5, 1.5, 2.0], "to": [0.5, 1.5, 2.0, 3.0], "events": [3, 90, 1, 4]})
    twins = twins.assign(trials=[5, 91, 20, 21], twin="twin_unlensed", what="still", against="theta_E")
    twins = twins.assign(threshold_name=made["AT"])
    other = twins.assign(events=1000, against="arc S/N")
    text = made["findings"](summary_of(keys), pd.concat([twins, other]))
    assert "3 of 5 with" in " ".join(text.split()) and "5 of 41 beyond" in " ".join(text.split())
    for place, (*_, is_share) in enumerate(made["NUMBERS"].values()):
        shown = f"{100 * place:.1f} % [{100 * place:.1f}," if is_share else f"{place:.2f} [{place:.2f},"
        assert shown in " ".join(text.split())
    page = f"before\n\n{made['START']}\nfindings of an older run\n{made['END']}\n\nafter\n"
    new = made["with_findings"](page, summary_of(keys), twins)
    assert text in new and "older run" not in new and new.startswith("before") and new.endswith("after\n")


def test_the_readme_and_the_site_s_front_page_show_the_same_picture_and_three_findings(root):
    made = runpy.run_path(str(root / "docs" / "make_numbers.py"))
    pages = [(root / name).read_text() for name in ("README.md", "docs/index.md")]
    blocks = [page[page.index(made["START"]) : page.index(made["END"])] for page in pages]
    assert blocks[0] == blocks[1] and len(re.findall(r"^\d\. \*\*", blocks[0], flags=re.MULTILINE)) == 3
    shown = " ".join(blocks[0].split())
    for finding in made["FINDINGS"]:  # the words are those of the template, with numbers in place of the names
        parts = [re.escape(part) for part in re.split(r"\{\w+\}", finding)]
        number = r"(?:-?\d+\.\d+ (?:% )?\[-?\d+\.\d+, -?\d+\.\d+\]|\d+ of \d+)"
        assert re.search(number.join(parts), shown), finding
    captions = [re.search(r"^\*Left: .*?\*$", page, flags=re.MULTILINE | re.DOTALL)[0] for page in pages]
    assert captions[0] == captions[1]
    assert all("false_positives_vs_radius.png" in page for page in pages)
