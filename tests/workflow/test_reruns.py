"""What is done again after a change, by dry runs over a finished run."""

import os

import pytest
from clones import Clone

pytestmark = pytest.mark.pipeline

AFTER_POPULATION = {"simulate", "train_classifier", "train_regressor", "predict", "diagnose", "report"}
AFTER_SIMULATE = AFTER_POPULATION - {"simulate"}
AFTER_TRAIN = {"predict", "diagnose", "report"}
FORCED = {
    "population": {"population"} | AFTER_POPULATION,
    "simulate": AFTER_POPULATION,
    "train_classifier": {"train_classifier"} | AFTER_TRAIN,
    "train_regressor": {"train_regressor"} | AFTER_TRAIN,
    "predict": AFTER_TRAIN,
    "diagnose": {"diagnose", "report"},
    "report": {"report"},
}
CHANGED = {
    "seed=5": {"population"} | AFTER_POPULATION,
    "population={'theta_E': {'max': 2.5}}": {"population"} | AFTER_POPULATION,
    "simulate={'keep_planes': True}": AFTER_POPULATION,
    "train={'classifier': {'epochs': 4}}": {"train_classifier"} | AFTER_TRAIN,
    "train={'regressor': {'epochs': 4}}": {"train_regressor"} | AFTER_TRAIN,
    "predict={'d4_average': False}": AFTER_TRAIN,
    "diagnose={'prevalence': 0.5}": {"diagnose", "report"},
}


@pytest.mark.parametrize("rule", FORCED)
def test_a_forced_rule_is_redone_with_what_follows(smoke, rule):
    assert smoke.jobs("-R", rule) == FORCED[rule]


@pytest.mark.parametrize("override", CHANGED)
def test_a_changed_setting_redoes_its_stage_and_what_follows(smoke, override):
    name, _, value = override.partition("=")
    changed = smoke.jobs(settings=["--configfile", "config/smoke.yaml", "--config", f"{name}={value}"])
    assert changed == CHANGED[override]


@pytest.mark.parametrize("stage", ["population", "simulate", "train", "predict", "diagnose", "report"])
def test_a_stage_is_a_target(smoke, stage):
    assert smoke.jobs(stage) <= {stage}


def test_a_changed_caption_redoes_the_report_alone(smoke):
    caption = smoke.folder / "workflow" / "report" / "roc.rst"
    text, stat = caption.read_text(), caption.stat()
    caption.write_text(text + "\nOne more word.\n")
    try:
        assert smoke.jobs() == {"report"}
    finally:
        caption.write_text(text)
        os.utime(caption, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert smoke.jobs() == set()


def test_a_fresh_clone_does_everything(tmp_path, root):
    assert Clone(tmp_path, root).jobs() == {"population"} | AFTER_POPULATION
