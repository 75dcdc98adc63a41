"""A folder like a fresh clone, and the smoke pipeline run in it once."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SMOKE = ["--configfile", "config/smoke.yaml"]


class Clone:
    """A folder with the project's workflow; results and .snakemake are its own."""

    def __init__(self, folder, root):
        self.folder = folder
        for name in ("Snakefile", "config", "workflow"):
            source = root / name
            shutil.copytree(source, folder / name) if source.is_dir() else shutil.copy(source, folder)

    def snakemake(self, *arguments, check=True):
        command = [sys.executable, "-m", "snakemake", *arguments]
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"  # rules call `lenspipe`
        environment = os.environ | {"PATH": path}
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, env=environment)
        assert done.returncode == 0 or not check, done.stdout + done.stderr
        return done

    def jobs(self, *arguments, settings=SMOKE):
        """Names of the rules that a dry run would execute, with how often, settings' writers left out."""
        done = self.snakemake("--cores", "2", "--dry-run", *arguments, *settings)
        table = done.stdout.partition("Job stats:")[2].partition("total")[0]
        counts = dict(re.findall(r"^(\w+) +(\d+)$", table, flags=re.MULTILINE))
        return {name for name in counts if name not in ("settings", "all", "job")}


@pytest.fixture(scope="session")
def smoke(tmp_path_factory, root):
    """The smoke pipeline, run to its end in a folder of its own."""
    clone = Clone(tmp_path_factory.mktemp("clone"), root)
    clone.done = clone.snakemake("--cores", "2", *SMOKE)
    clone.results = clone.folder / "results" / "smoke"
    return clone
