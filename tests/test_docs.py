"""The pages that are generated are what their generators give."""

import re
import runpy


def test_the_page_of_the_workflow_is_up_to_date(root):
    made = runpy.run_path(str(root / "docs" / "make_workflow.py"))
    assert made["PAGE"].read_text() == made["page"](), "run `python docs/make_workflow.py`"


def test_every_rule_has_its_line_there(root):
    page = (root / "docs" / "workflow.md").read_text()
    files = [root / "Snakefile", *(root / "workflow" / "rules").glob("*.smk")]
    rules = {rule for file in files for rule in re.findall(r"^rule (\w+):", file.read_text(), flags=re.MULTILINE)}
    assert set(re.findall(r"^\| `(\w+)` \| \w.+ \|$", page, flags=re.MULTILINE)) == rules
