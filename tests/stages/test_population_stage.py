"""The population stage: any number of processes writes the same catalogues."""

import pytest

from lenspipe.stages import population

COUNTS = {"train": 1200, "val": 30, "test": 30, "twins": 4}


@pytest.mark.parametrize("workers", [2, 5])
def test_the_number_of_processes_changes_no_byte(workers, default_priors, tmp_path, monkeypatch):
    monkeypatch.setattr(population, "WORTH_A_PROCESS", 1)
    fractions = dict.fromkeys(("train", "val", "test"), 0.5)
    options = {"counts": COUNTS, "lens_fraction": fractions, "non_lenses": {"deflector": 1, "star": 1}, "seed": 3}
    for number in (1, workers):
        folder = tmp_path / str(number)
        folder.mkdir()
        population.make_catalogs(folder, **options, priors=default_priors, workers=number)
    one, several = (
        {path.name: path.read_bytes() for path in (tmp_path / str(number)).iterdir()} for number in (1, workers)
    )
    assert set(one) == {"train.parquet", "val.parquet", "test.parquet", "twins.parquet"} and several == one


def test_processes_start_as_far_as_there_is_work_for_them(default_priors, tmp_path, monkeypatch):
    started = []
    monkeypatch.setattr(population, "in_new_processes", started.append)
    fractions = dict.fromkeys(("train", "val", "test"), 0.5)
    options = {"counts": COUNTS, "lens_fraction": fractions, "non_lenses": {"deflector": 1}, "seed": 3}
    population.make_catalogs(tmp_path, **options, priors=default_priors, workers=8)
    assert started == []
