"""Requests follow the settings: enough for what was measured, no more than the sky needs."""

import re

import pytest

from lenspipe import config
from lenspipe.cli.settings import load
from lenspipe.cli.settings import requests_for_workflow as requests
from lenspipe.cluster.requests import START_UP
from lenspipe.learning.examples import IN_MEMORY

# Wall seconds of two slow cores and peak MB of the default experiment (results/talk/benchmarks/*.tsv).
MEASURED = {
    "population": (36, 653),
    "simulate": (126, 1237),
    "train_classifier": (434, 1504),
    "train_regressor": (251, 1354),
    "predict": (158, 1317),
    "baselines": (19, 741),
    "explain": (39, 1273),
    "diagnose": (12, 1264),
    "figures": (22, 321),
    "report": (2, 222),
}


def settings_with(**changes):
    """The defaults, with other values: `population__counts__train=10`."""
    values = config.read_yaml(config.defaults_path())
    for path, value in changes.items():
        *sections, key = path.split("__")
        section = values
        for name in sections:
            section = section[name]
        section[key] = value
    return config.check(values, [("test", values)])


@pytest.mark.parametrize("stage", MEASURED)
def test_the_default_experiment_gets_twice_what_it_took(stage):
    request = requests(settings_with())[stage]
    seconds, peak = MEASURED[stage]
    assert request.runtime(cpus=2) * 60 > 2 * seconds
    assert request.memory(cpus=2) > 1.2 * peak


def test_a_small_training_asks_for_minutes():
    few = settings_with(population__counts__train=1024, population__counts__val=512, train__classifier__epochs=3)
    assert requests(few)["train_classifier"].runtime(cpus=8) <= START_UP + 2


def test_time_grows_with_objects_epochs_and_pixels():
    def minutes(stage, **changes):
        return requests(settings_with(**changes))[stage].runtime(cpus=8) - START_UP

    base = minutes("train_classifier")
    assert minutes("train_classifier", train__classifier__epochs=500) == pytest.approx(10 * base, rel=0.02)
    assert minutes("train_classifier", num_pix=90) == pytest.approx(4 * base, rel=0.02)
    alone = minutes("simulate", population__counts__test=10**7)
    assert minutes("simulate", population__counts__test=2 * 10**7) == pytest.approx(2 * alone, rel=0.01)
    shared = {"population__counts__test": 10**7, "execution__simulate_parts": 8}
    assert minutes("simulate_part", **shared) == pytest.approx(alone / 8, rel=0.02)


@pytest.mark.parametrize("objects", [15_000, 60_000])
def test_a_training_has_memory_for_all_its_images(objects):
    settings = settings_with(population__counts__train=objects)
    images_mb = (objects + settings.population.counts.val) * 45 * 45 * 4 * 2 / 1e6
    assert requests(settings)["train_regressor"].memory(cpus=8) > 1300 + images_mb


def test_a_training_of_more_images_than_stay_in_memory_needs_no_more_for_them():
    memory = [
        requests(settings_with(population__counts__train=objects))["train_regressor"].memory(cpus=8)
        for objects in (240_000, 10**6)
    ]
    assert memory[0] == memory[1] > 1300 + IN_MEMORY / 1e6


def test_each_of_several_processes_has_memory_for_images():
    one, two = (requests(settings_with(execution__processes=number))["train_classifier"] for number in (1, 2))
    assert two.memory(cpus=8) == 2 * one.memory(cpus=8)


def test_workers_share_the_simulation_and_a_network_is_not_promised_to_profit():
    many = requests(settings_with(population__counts__test=10**7))
    alone, together = (many["simulate"].runtime(cpus) - START_UP for cpus in (1, 8))
    assert together == pytest.approx(alone / 8, rel=0.01)
    assert many["predict"].runtime(1) == many["predict"].runtime(8)


@pytest.mark.parametrize("configured", [None, "config/smoke.yaml"])
def test_the_page_on_clusters_lists_these_requests(root, configured):
    files = [config.defaults_path(), *([root / configured] if configured else [])]
    table = requests(load(files))
    rows = re.findall(
        r"^\| (population|simulate|train_\w+|predict|baselines|explain|diagnose|figures|report)\b(.*)",
        (root / "docs" / "cluster.md").read_text(),
        re.M,
    )
    assert len(rows) == 10
    for name, rest in rows:
        request = table[name]
        cells = [cell.strip() for cell in rest.split("|")]
        memory = (
            f"{request.mem_mb} + {request.mem_mb_per_cpu} per CPU" if request.mem_mb_per_cpu else str(request.mem_mb)
        )
        expected = (memory, str(request.runtime(8)))
        found = (cells[2], cells[3]) if configured is None else tuple(cells[4].split(", "))
        assert found == expected, name


def test_retries_ask_for_twice_and_three_times_as_much():
    request = requests(settings_with())["simulate"]
    assert [request.memory(4, attempt) / request.memory(4) for attempt in (1, 2, 3)] == [1, 2, 3]
    assert [request.runtime(4, attempt) / request.runtime(4) for attempt in (1, 2, 3)] == [1, 2, 3]


def test_every_training_and_every_stage_has_a_request():
    settings = settings_with()
    assert {f"train_{name}" for name in settings.train} <= requests(settings).keys()
