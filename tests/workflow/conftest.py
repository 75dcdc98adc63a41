"""The smoke pipeline, run once."""

import shutil

import pytest
from clones import SMOKE, Clone


@pytest.fixture(scope="session")
def smoke(made_once, tmp_path_factory, root):
    """A folder with the smoke pipeline, run to its end, and what that printed.

    One run for all of pytest's processes and a copy for each, since some tests change a file and put it back.
    """

    arguments = ["--cores", "2", *SMOKE]

    def run(folder):
        printed = Clone(folder, root).snakemake(*arguments)
        (folder / "printed.txt").write_text(printed.stdout + printed.stderr)

    made = made_once("smoke", run)
    clone = Clone(tmp_path_factory.mktemp("smoke"), root)
    clone.take_results(made, copy=shutil.copy2)
    clone.arguments, clone.printed = arguments, (made / "printed.txt").read_text()
    clone.results = clone.folder / "results" / "smoke"
    return clone
