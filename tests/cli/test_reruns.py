"""Snakemake's reasons in plain English, and the settings that a run is compared with."""

import json
import shutil

import pytest

from lenspipe import config
from lenspipe.cli import _reruns, main
from lenspipe.errors import InputError

# As Snakemake 9 prints them, shortened.
DRY_RUN = """
[Tue Nov 24 23:26:26 2026]
localrule settings:
    output: results/a/settings/predict.json
    jobid: 12
    reason: Params have changed since last execution: before: 'x' now: 'y'
[Tue Nov 24 23:26:26 2026]
rule simulate_part:
    input: results/a/settings/simulate.json, results/a/catalog/test.parquet
    output: results/a/images/test.part1, results/a/images/test.json
    jobid: 3
    reason: Updated input files: results/a/catalog/test.parquet; Code has changed since last execution
    wildcards: k=1
[Tue Nov 24 23:26:26 2026]
rule predict:
    input: results/a/images/test.json
    output: results/a/predictions/val.parquet, results/a/predictions/test.parquet
    jobid: 5
    reason: Missing output files: results/a/predictions/test.parquet; Input files updated by another job: results/a/images/test.json; Params have changed since last execution: before: 'x'; now: 'y'
[Tue Nov 24 23:26:26 2026]
rule diagnose:
    jobid: 6
    reason: Input files updated by another job: results/a/settings/diagnose.json
[Tue Nov 24 23:26:26 2026]
rule report:
    jobid: 7
    reason: Forced execution
"""  # noqa: E501


@pytest.fixture
def project(tmp_path, root):
    """A folder with the default settings, and a run ``a``."""
    (tmp_path / "config").mkdir()
    (tmp_path / "config/config.yaml").write_text((root / "config/config.yaml").read_text())
    (tmp_path / "results/a/settings").mkdir(parents=True)
    return tmp_path


def test_reasons_are_translated_by_stage(project, monkeypatch):
    monkeypatch.setattr(_reruns, "_dry_run", lambda *_: DRY_RUN)
    assert _reruns.reasons(project / "results/a", project, [project / "config/config.yaml"]) == {
        "simulate": ["input newer: catalog/test.parquet", "rule changed"],
        "predict": ["missing: predictions/test.parquet", "follows simulate", "code changed"],
        "diagnose": ["Input files updated by another job: results/a/settings/diagnose.json"],
        "report": ["left unfinished"],
    }


def test_changed_settings_are_named_with_both_values(project):
    run = project / "results/a"
    settings = config.load([project / "config/config.yaml"])
    for stage in config.stage_names(settings):
        values = config.stage_settings(settings, stage)
        (run / "settings" / f"{stage}.json").write_text(json.dumps(values))
        assert _reruns.changed_settings(run, settings, stage) == []
    (project / "b.yaml").write_text("seed: 5\ntrain: {classifier: {epochs: 7}}\npopulation: {theta_E: {max: 2.5}}\n")
    changed = config.load([project / "config/config.yaml", project / "b.yaml"])
    assert _reruns.changed_settings(run, changed, "train_classifier") == [
        "settings changed: seed 20240607 -> 5, train.classifier.epochs 50 -> 7"
    ]
    assert "population.theta_E.max 3.0 -> 2.5" in _reruns.changed_settings(run, changed, "population")[0]
    assert _reruns.changed_settings(run, changed, "predict") == []


def test_the_settings_of_a_run_are_the_file_that_names_it_or_its_copy(project):
    run, defaults = project / "results/a", project / "config/config.yaml"
    copy = run / "settings/report.json"
    assert _reruns.settings_of(project / "results/talk", project) == [defaults]
    assert _reruns.settings_of(run, project) == []
    copy.write_text("{}")
    (project / "config/broken.yaml").write_text("run: [")
    assert _reruns.settings_of(run, project) == [defaults, copy]
    (project / "config/one.yaml").write_text("run: a\n")
    assert _reruns.settings_of(run, project) == [defaults, project / "config/one.yaml"]
    (project / "config/two.yaml").write_text("run: a\nseed: 2\n")
    assert _reruns.settings_of(run, project) == [defaults, copy], "which of the two?"


def test_a_dry_run_that_fails_is_reported(project):
    with pytest.raises(InputError, match=r"snakemake --dry-run fails: .*\.rst"):  # the captions are not there
        _reruns.reasons(project / "results/a", project, [project / "config/config.yaml"])


def test_no_code_of_a_folder_that_is_looked_at_runs(project, root):
    """Neither its Snakefile nor its rules, profile, modules or settings."""
    mark, run = project / "it ran", "open({!r}, 'w').close()"
    shutil.copytree(root / "workflow", project / "workflow")
    for path in (project / "workflow/rules").glob("*.smk"):
        path.write_text(run.format(str(mark)))
    for name in ("Snakefile", "lenspipe.py", "snakemake.py", "json.py", "sitecustomize.py", "lenspipe/__init__.py"):
        (project / name).parent.mkdir(exist_ok=True)
        (project / name).write_text(run.format(str(mark)))
    (project / "profiles/default").mkdir(parents=True)
    (project / "profiles/default/config.yaml").write_text("executor: nothing-there\n")
    with pytest.raises(SystemExit), pytest.MonkeyPatch.context() as patch:
        patch.chdir(project)
        main(["status", "results/a", "--configfile", "config/config.yaml"])
    assert not mark.exists()
    assert not _reruns.has_own_rules(project) and _reruns.has_own_rules(root)
