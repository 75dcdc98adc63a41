"""Architectures tried on the sky of a finished run."""

import pandas as pd
import pytest
import yaml
from clones import SMOKE

pytestmark = pytest.mark.slow


def test_architectures_are_tried_beside_the_run_and_the_winner_can_be_run(smoke, tmp_path):
    pytest.importorskip("optuna")
    twin = smoke.twin(tmp_path / "twin")
    asked = [*SMOKE, "--config", "architecture_search={trials: 2, objects: 256}"]
    assert twin.jobs("architecture_search", settings=asked) == {"architecture_search", "architecture_trials"}
    twin.snakemake("architecture_search", "--cores", "2", *asked)
    made = twin.folder / "results" / "smoke" / "architecture_search"
    table = pd.read_csv(made / "trials.csv")
    assert table.groupby("sampler").size().to_dict() == {"random": 2, "tpe": 2}
    assert twin.jobs("architecture_search", settings=asked) == set()
    assert twin.jobs(settings=asked) == {"report"}, "which prints the settings"
    winner = yaml.safe_load((made / "winner.yaml").read_text())
    (tmp_path / "winner.yaml").write_text(yaml.safe_dump(winner | {"run": "winner"}))
    assert "train_classifier" in twin.jobs(settings=[*SMOKE, str(tmp_path / "winner.yaml")])
