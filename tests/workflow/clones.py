"""A folder like a fresh clone, and what a run leaves behind in it."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from dry_runs import dry_run

from lenspipe.figures import figures_of
from lenspipe.stages.registry import files_of, names_of

SPLITS = ("train", "val", "test", "twins")
SMOKE = ["--configfile", "config/smoke.yaml"]
FIGURES = figures_of("explain", "diagnose", available=["twins", "kinds"])
FILES = [
    *(file for stage in names_of() for file in files_of(stage, splits=SPLITS, available=["twins", "kinds"])),
    *(f"images/{split}.zarr/zarr.json" for split in SPLITS),
]


class Clone:
    """A folder with the project's workflow; results and .snakemake are its own."""

    def __init__(self, folder, root):
        self.folder = folder
        for name in ("Snakefile", "config", "profiles", "workflow"):
            source = root / name
            shutil.copytree(source, folder / name) if source.is_dir() else shutil.copy(source, folder)

    def twin(self, folder, copy=os.link):
        """Another clone with the same finished results: linked, so that deleting there deletes nothing here."""
        folder.mkdir()
        other = Clone(folder, self.folder)
        other.take_results(self.folder, copy)
        return other

    def take_results(self, other, copy):
        """The finished results of another folder, with what Snakemake noted of them."""
        shutil.copytree(other / ".snakemake", self.folder / ".snakemake")
        shutil.copytree(other / "results", self.folder / "results", copy_function=copy)

    def snakemake(self, *arguments, check=True):
        done = subprocess.run(**self._call(arguments), capture_output=True, text=True)
        assert done.returncode == 0 or not check, done.stdout + done.stderr
        return done

    def start(self, *arguments, output):
        """Snakemake in a process group of its own, not waited for."""
        return subprocess.Popen(**self._call(arguments), stdout=output, stderr=output, start_new_session=True)

    def _call(self, arguments):
        command = [sys.executable, "-m", "snakemake", *arguments]
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"  # rules call `lenspipe`
        return {"args": command, "cwd": self.folder, "env": os.environ | {"PATH": path}}

    def jobs(self, *arguments, settings=SMOKE):
        """Names of the rules that a dry run would execute; those that only collect, or write settings, left out."""
        table = dry_run(self.folder, *arguments, *settings).partition("Job stats:")[2].partition("total")[0]
        names = set(re.findall(r"^(\w+) +\d+$", table, flags=re.MULTILINE))
        return names - {"settings", "parts", "train", "all"}
