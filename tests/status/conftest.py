"""A run with every stage done, and copies of it to break."""

import os
import shutil

import pytest

from lenspipe import status
from lenspipe.cli import stages

BENCHMARK = "s\th:m:s\tmax_rss\tmax_vms\tmax_uss\tmax_pss\tio_in\tio_out\tmean_load\tcpu_time\n"


@pytest.fixture(scope="session")
def whole(small_run, tmp_path_factory):
    """The small run with its report."""
    run = tmp_path_factory.mktemp("results") / "small"
    shutil.copytree(small_run, run, copy_function=os.link, ignore=shutil.ignore_patterns("benchmarks"))
    (run / "benchmarks").mkdir()
    (run / "benchmarks" / "simulate.tsv").write_text(f"{BENCHMARK}12.5\t0:00:12\t345.6\t-\t-\t-\t1\t2\t90\t11.2\n")
    stages.report(run)
    return run


@pytest.fixture
def run(whole, tmp_path):
    """A copy by links: replace its files, never write into them."""
    shutil.copytree(whole, tmp_path / "small", copy_function=os.link)
    return tmp_path / "small"


@pytest.fixture
def look():
    """State and text of every stage."""
    return lambda run, **options: {
        stage: (state.state, state.text) for stage, state in status.look(run, **options).items()
    }


@pytest.fixture
def cut():
    """Take the last bytes of a file away."""
    return lambda path, by=3: _replace(path, path.read_bytes()[:-by])


@pytest.fixture
def flip():
    """Change one bit in the middle of a file."""

    def flip(path):
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 1
        _replace(path, data)

    return flip


def _replace(path, data):
    path.unlink()
    path.write_bytes(data)
