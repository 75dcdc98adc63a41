"""The benchmarks still fit the code that they measure; no time is looked at."""

import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow


def run(root, *arguments):
    done = subprocess.run([sys.executable, *arguments], cwd=root / "benchmarks", capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_all_find_what_they_import(root):
    names = sorted(path.stem for path in (root / "benchmarks").glob("*.py"))
    assert {"gpu", "heads", "predict", "rendering", "simulate", "training"} <= set(names)
    run(root, "-c", f"import {', '.join(names)}")


def test_inner_functions_are_called_as_they_are(root):
    assert "13 passed" in run(root, "-m", "pytest", "-q", "--benchmark-disable", "inner.py")
