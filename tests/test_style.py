"""Lint and format, of Python and of the workflow."""

import subprocess
import sys
from pathlib import Path

import pytest

BIN = Path(sys.executable).parent
CHECKS = {
    "ruff check": [BIN / "ruff", "check", "."],
    "ruff format": [BIN / "ruff", "format", "--check", "."],
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


def test_every_rule_is_one_call_of_one_subcommand(root):
    """But the writer of settings, which prints a text that Snakemake already holds."""
    for path in (root / "workflow/rules").glob("*.smk"):
        for shell in path.read_text().split("shell:")[1:]:
            text = shell.split('"""')[1]
            calls = text.count("lenspipe ")
            assert calls == 1 or path.name == "settings.smk", path.name
            assert "script:" not in shell and "    run:" not in shell


def test_every_rule_has_a_log_and_every_stage_a_benchmark(root):
    for path in (root / "workflow/rules").glob("*.smk"):
        for rule in path.read_text().split("\nrule ")[1:]:
            if "shell:" in rule:
                assert "    log:" in rule, rule.splitlines()[0]
                assert "    benchmark:" in rule or path.name == "settings.smk", rule.splitlines()[0]
