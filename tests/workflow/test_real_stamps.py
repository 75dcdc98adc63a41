"""The comparison with real stamps, where the settings name a store; simulated ones stand for them."""

import shutil

import pytest
from clones import SMOKE

pytestmark = pytest.mark.slow
TINY = {"count": 32, "folds": 2, "repeats": 1, "bootstrap": 100}


def with_stamps(path):
    return [*SMOKE, "--config", f"realism={TINY | {'stamps': str(path)}}"]


@pytest.fixture(scope="module")
def run(smoke, tmp_path_factory):
    """The smoke run with the comparison made beside its own results."""
    twin = smoke.twin(tmp_path_factory.mktemp("realism") / "twin")
    shutil.copytree(twin.folder / "results/smoke/images/val.zarr", twin.folder / "real.zarr")
    twin.planned = twin.jobs(settings=with_stamps("real.zarr"))
    twin.snakemake("--cores", "2", *with_stamps("real.zarr"))
    return twin


def test_it_is_made_and_the_report_again_and_nothing_else(run):
    assert run.planned == {"realism", "report"}
    assert run.jobs(settings=with_stamps("real.zarr")) == set()
    assert run.jobs() == {"report"}, "without the store the settings are others, which the report prints"
    results = run.folder / "results" / "smoke"
    assert (results / "figures" / "realism.png").read_bytes().startswith(b"\x89PNG")
    assert "How real it looks" in (results / "report.html").read_text()


def test_another_store_is_another_comparison(run):
    metadata = run.folder / "real.zarr" / "zarr.json"
    metadata.write_text(metadata.read_text() + "\n")
    assert run.jobs(settings=with_stamps("real.zarr")) == {"realism", "report"}


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        (
            with_stamps("nowhere.zarr"),
            "realism.stamps: nowhere.zarr: no image store here; make one with `lenspipe ingest`",
        ),
        (SMOKE, "realism.stamps: names no store of real cutouts; make one with `lenspipe ingest`"),
    ],
    ids=["missing", "not named"],
)
def test_without_a_store_it_ends_with_one_line(smoke, settings, told):
    done = smoke.snakemake("realism", "--cores", "2", "--dry-run", *settings, check=False)
    assert (done.returncode, done.stderr.strip().splitlines()[-1]) == (2, f"lenspipe: {told}")
    assert "Traceback" not in done.stderr
