"""Lint and format, of Python and of the workflow."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

BIN = Path(sys.executable).parent
CHECKS = {
    "ruff check": [BIN / "ruff", "check", "."],
    "ruff format": [BIN / "ruff", "format", "--check", "."],
    "mypy": [BIN / "mypy"],
    "snakefmt": [BIN / "snakefmt", "--check", "Snakefile", "workflow"],
}
# All rules call the one package that this repository is: one environment, made by bootstrap.py or from environment.yml.
# An environment for each rule would need lenspipe in each.
LINT_EXCEPTION = "Specify a conda environment or container for each rule.:"


@pytest.mark.parametrize("name", CHECKS)
def test_a_linter_is_content(root, name):
    done = subprocess.run(CHECKS[name], cwd=root, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_snakemake_lints_nothing_but_the_explained_exception(root):
    done = subprocess.run([sys.executable, "-m", "snakemake", "--lint"], cwd=root, capture_output=True, text=True)
    lints = [line.strip(" *") for line in done.stderr.splitlines() if line.strip().startswith("* ")]
    assert lints and set(lints) == {LINT_EXCEPTION}, done.stderr


PRINTERS = ("settings", "grid_settings", "parts")  # they print a text that Snakemake already holds


def rules_with_a_shell_call(root):
    for path in (root / "workflow/rules").glob("*.smk"):
        for rule in re.split(r"\n *rule\b *", path.read_text())[1:]:
            if "shell:" in rule:
                yield rule.partition(":")[0] or f"{path.stem} in a loop", rule


def test_every_rule_is_one_call_of_one_subcommand(root):
    for name, rule in rules_with_a_shell_call(root):
        call = rule.partition("shell:")[2].split('"""')[1]
        assert call.count("lenspipe ") == 1 or name in PRINTERS, name
        assert "script:" not in rule and "    run:" not in rule, name


def test_every_rule_has_a_log_and_every_stage_a_benchmark(root):
    for name, rule in rules_with_a_shell_call(root):
        assert "    log:" in rule, name
        assert "    benchmark:" in rule or name in PRINTERS, name


def test_every_stage_says_what_it_needs_and_more_at_a_retry(root):
    for name, rule in rules_with_a_shell_call(root):
        for request in ("mem_mb=memory(", "runtime=minutes("):
            assert request in rule or name in PRINTERS, name
