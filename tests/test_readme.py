"""The README says what is so."""

import re

import numpy as np
import pytest

from lenspipe import store
from lenspipe.cli import main


@pytest.fixture(scope="module")
def readme(root):
    return (root / "README.md").read_text()


def blocks(readme, language):
    return re.findall(rf"```{language}\n(.*?)```", readme, flags=re.DOTALL)


def test_own_cutouts_go_the_way_that_it_shows(readme, small_run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    images = store.open_images(small_run / "images" / "val.zarr")["image"].values[:40]
    np.save("cutouts.npy", images)
    (snippet,) = blocks(readme, "python")
    exec(snippet, {})
    (command,) = (line for block in blocks(readme, "bash") for line in block.splitlines() if "lenspipe predict" in line)
    with pytest.raises(SystemExit) as end:
        main(command.replace("results/talk/models", str(small_run / "models")).split()[1:])
    assert end.value.code == 0
    scores = store.read_table(tmp_path / "scores.csv")
    ours = store.read_table(small_run / "predictions" / "network" / "val.parquet")
    np.testing.assert_allclose(scores["score"], ours["score"][:40], rtol=1e-4)


def test_the_settings_that_it_shows_are_good(readme, root, tmp_path, capsys):
    (overrides,) = blocks(readme, "yaml")
    (tmp_path / "mine.yaml").write_text(overrides)
    with pytest.raises(SystemExit) as end:
        main(["config", "--configfile", str(tmp_path / "mine.yaml")])
    assert end.value.code == 0, capsys.readouterr().err


def test_every_file_that_it_and_the_page_of_results_name_exists(readme, root):
    both = readme + (root / "docs" / "results.md").read_text()
    paths = set(re.findall(r"(?<![\w/])(?:lenspipe|config|workflow|benchmarks|docs|tests)/[\w./]*\w", both))
    assert {"docs/false_positives_vs_radius.png", "config/smoke.yaml", "benchmarks/rendering.py"} <= paths
    assert [path for path in paths if not (root / path).exists()] == []
    links = re.findall(r"\]\((?!http)([^)#]+)", readme)
    assert len(links) > 10 and all((root / link).exists() for link in links)


def test_it_is_read_in_a_minute(readme):
    assert len(readme.splitlines()) <= 110


def test_it_names_both_test_lanes(readme):
    assert "pytest -n 2 " in readme and "pytest -n 2 --all" in readme


def test_its_test_command_is_what_continuous_integration_runs(readme, root):
    assert "python3 bootstrap.py pytest" in readme
    assert "python3 bootstrap.py pytest" in (root / ".ci" / "run").read_text()
