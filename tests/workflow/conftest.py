"""The smoke pipeline, run once."""

import pytest
from clones import SMOKE, Clone


@pytest.fixture(scope="session")
def smoke(tmp_path_factory, root):
    """The smoke pipeline, run to its end in a folder of its own."""
    clone = Clone(tmp_path_factory.mktemp("clone"), root)
    clone.done = clone.snakemake("--cores", "2", *SMOKE)
    clone.results = clone.folder / "results" / "smoke"
    return clone
