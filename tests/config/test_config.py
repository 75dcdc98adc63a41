"""Every wrong setting gets one line that names it, status 2, and touches no result."""

import json
import re
import subprocess
import sys

import pytest
import yaml

from lenspipe import config
from lenspipe.cli.settings import cores_of_each, load
from lenspipe.errors import InputError

WRONG = [  # overrides as YAML, what the message must name
    ("sead: 1", ["sead", "'seed'"]),
    ("seed: one", ["seed", "'one'", "integer"]),
    ("seed: -1", ["seed", "-1", "greater than or equal to 0"]),
    ("seed: 1.5", ["seed", "1.5"]),
    ("run: a/b", ["run", "'a/b'", "letters"]),
    ("run: ''", ["run", "''"]),
    ("run: [1]", ["run", "string"]),
    ("survey: des_y33", ["survey", "'des_y33'", "did you mean 'des_y3'"]),
    ("survey: mine/absent.yaml", ["survey", "mine/absent.yaml", "cannot be read"]),
    ("survey: kids", ["bands", "'z'", "u, g, r, i"]),
    ("{survey: kids, bands: [u, g, r, i]}", ["bands", "'u'", "non_lenses.star"]),
    ("bands: griz", ["bands", "'griz'", "list"]),
    ("bands: []", ["bands", "at least 1"]),
    ("bands: [g, g]", ["bands", "twice"]),
    ("bands: [g, y]", ["bands", "'y'", "g, r, i, z"]),
    ("num_pix: 0", ["num_pix", "16"]),
    ("num_pix: 45.5", ["num_pix", "45.5"]),
    ("population: 3", ["population", "3", "dict"]),
    ("population: {counts: {trian: 5}}", ["population.counts.trian", "'train'"]),
    ("population: {counts: {train: many}}", ["population.counts.train", "'many'"]),
    ("population: {counts: {val: 0}}", ["population.counts.val", "16"]),
    ("population: {lens_fraction: {test: 1.0}}", ["population.lens_fraction.test", "less than 1"]),
    ("population: {lens_fraction: {test: .nan}}", ["population.lens_fraction.test", "nan"]),
    ("population: {theta_E: {min: 4}}", ["population.theta_E", "min 4 is not below max 3"]),
    ("population: {theta_E: {max: 9}}", ["population.theta_E.max", "9"]),
    (
        "population: {deflectors: {sigma_v: {min: 500}}}",
        ["population.deflectors.sigma_v", "min 500 is not below max 450"],
    ),
    ("population: {deflectors: {sigma: 3}}", ["population.deflectors.sigma", "'sigma_v'"]),
    ("population: {deflectors: {z_lens: {max: 1.9}}, sources: {z_source: {max: 1.5}}}", ["z_lens.max", "z_source.max"]),
    ("population: {non_lenses: {spirals: 1}}", ["population.non_lenses", "'spirals'", "did you mean 'spiral'"]),
    (
        "population: {non_lenses: {star: -1}}",
        ["population.non_lenses: share -1 of 'star'", "give 0, or 1e-06 to 1e+06"],
    ),
    ("population: {sources: {magnitude_i: {min: 26}}}", ["population.sources.magnitude_i", "26"]),
    ("simulate: {block: 300}", ["simulate.block", "300", "multiple of 256"]),
    ("simulate: {keep_planes: 3}", ["simulate.keep_planes", "3", "boolean"]),
    ("train: {classifier: {network: cnm}}", ["train.classifier.network", "'cnm'", "did you mean 'cnn'"]),
    ("train: {classifier: {task: kinds}}", ["train.classifier.task", "'kinds'", "did you mean 'kind'"]),
    ("train: {classifier: {head: kinds}}", ["train.classifier", "head: 'kinds' is unknown", "kind_and_arc has none"]),
    (
        "train: {regressor: {task: kind_and_arc, head: none}}",
        ["regressor and classifier have the same task and method"],
    ),
    ("train: {regressor: {method: colours}}", ["train: regressor.method: 'colours' is a baseline's name"]),
    ("train: {classifier: {method: a}, regressor: {method: a}}", ["train: no training has method 'network'"]),
    ("population: {non_lenses: {ring: 1.0e+308, star: 1.0e+308}}", ["population.non_lenses", "1e+308", "1e+06"]),
    ("population: {non_lenses: {ring: 5.0e-324}}", ["population.non_lenses", "'ring'", "1e-06"]),
    ("train: {Classifier: {epochs: 5}}", ["train.Classifier", "missing", "'classifier'"]),
    (
        "train: {classifier: {options: {widht: 8}}}",
        ["train.classifier", "'widht'", "did you mean 'width'"],
    ),
    ("train: {classifier: {options: {depth: 3}}}", ["train.classifier", "'depth' is not an argument of cnn"]),
    ("train: {classifier: {options: {width: wide}}}", ["train.classifier", "options.width", "'wide'", "an integer"]),
    ("train: {classifier: {options: {width: 8.0}}}", ["train.classifier", "options.width", "8.0", "an integer"]),
    ("train: {classifier: {options: {width: 0}}}", ["train.classifier", "options.width", "0", "from 1 to 4096"]),
    ("train: {classifier: {options: {width: 1000000000}}}", ["train.classifier", "options.width", "1000000000"]),
    ("train: {classifier: {network: vit, options: {dropout: -1}}}", ["options.dropout", "-1", "from 0.0"]),
    ("train: {classifier: {epochs: 0}}", ["train.classifier.epochs", "0"]),
    ("train: {regressor: {learning_rate: fast}}", ["train.regressor.learning_rate", "'fast'"]),
    ("train: {clasifier: {epochs: 5}}", ["train.clasifier", "'classifier'"]),
    ("predict: {batch_size: 0}", ["predict.batch_size", "0"]),
    ("diagnose: {radius_bins: [1, 1]}", ["diagnose.radius_bins", "increase"]),
    ("diagnose: {prevalence: 2}", ["diagnose.prevalence", "2"]),
    ("diagnose: {thresholds: []}", ["diagnose.thresholds", "at least 1"]),
    ("grid: {seeds: []}", ["grid.seeds", "at least 1"]),
    ("grid: {seeds: [1, 2, 1]}", ["grid.seeds", "1 occurs twice"]),
    ("grid: {networks: [cnn, cnn]}", ["grid.networks", "'cnn' occurs twice"]),
    ("grid: {networks: [resnet, cnm]}", ["grid.networks", "'cnm'", "did you mean 'cnn'"]),
    ("grid: {train_counts: [8]}", ["grid.train_counts", "16"]),
    ("grid: {train_counts: 8}", ["grid.train_counts", "list"]),
    ("grid: {train_count: [80]}", ["grid.train_count", "'train_counts'"]),
    ("diagnose: {treshold: 1}", ["diagnose.treshold", "'thresholds'"]),
    ("execution: {simulate_parts: 0}", ["execution.simulate_parts", "0", "greater than or equal to 1"]),
    ("execution: {simulate_parts: two}", ["execution.simulate_parts", "'two'", "integer"]),
    ("execution: {dask_scheduler: tcp://head}", ["execution.dask_scheduler", "'tcp://head'", "has no port"]),
    ("execution: {dask_scheduler: 8786}", ["execution.dask_scheduler", "8786", "string"]),
    ("execution: {gpus: -1}", ["execution.gpus", "-1", "0"]),
    ("execution: {gpu: 1}", ["execution.gpu", "'gpus'"]),
]


@pytest.fixture
def override(tmp_path, root):
    def write(text):
        path = tmp_path / "mine.yaml"
        path.write_text(text)
        return [root / config.DEFAULTS, path]

    return write


ELSEWHERE = ("reached", "is not a band", "stars have no colour")  # what the science finds has no file


@pytest.mark.parametrize(("text", "named"), WRONG, ids=[text for text, _ in WRONG])
def test_a_wrong_setting_is_told_in_one_line_that_names_key_and_file(override, text, named):
    with pytest.raises(InputError) as caught:
        load(override(text))
    message = str(caught.value)
    assert "\n" not in message
    for word in named if any(told in message for told in ELSEWHERE) else [*named, "mine.yaml"]:
        assert word in message


@pytest.mark.parametrize(
    ("text", "named"),
    [("run: [", "YAML"), ("- 1\n- 2", "list"), ("\x00", "YAML")],
    ids=["unclosed", "a list", "binary"],
)
def test_a_broken_file_is_named(override, text, named):
    with pytest.raises(InputError, match=r"mine\.yaml") as caught:
        load(override(text))
    assert named in str(caught.value)


def test_a_missing_file_and_a_missing_key_are_named(tmp_path, root):
    with pytest.raises(InputError, match=r"absent\.yaml"):
        load([tmp_path / "absent.yaml"])
    values = yaml.safe_load((root / config.DEFAULTS).read_text())
    del values["population"]["counts"]["val"]
    path = tmp_path / "short.yaml"
    path.write_text(yaml.safe_dump(values))
    with pytest.raises(InputError, match=r"population\.counts\.val: missing .*short\.yaml"):
        load([path])


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["--config", "seeed=3"], "seeed: unknown setting (--config), did you mean 'seed'?"),
        (["--configfile", "mine.yaml"], "population.theta_E: min 4 is not below max 3; make min smaller (mine.yaml)"),
    ],
)
def test_the_workflow_ends_with_one_line_and_status_2_and_touches_no_result(arguments, line, tmp_path, root):
    """Through Snakemake itself: no traceback, no rule named, results as they were."""
    (tmp_path / "mine.yaml").write_text("population: {theta_E: {min: 4.0}}\n")
    kept = tmp_path / "results" / "talk" / "catalog" / "train.parquet"
    kept.parent.mkdir(parents=True)
    kept.write_bytes(b"kept")
    (tmp_path / "config").symlink_to(root / "config")
    done = subprocess.run(
        [sys.executable, "-m", "snakemake", "--cores", "1", "--snakefile", root / "Snakefile", *arguments],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert done.stderr.strip().splitlines()[-1] == f"lenspipe: {line}"
    assert "Traceback" not in done.stderr + done.stdout
    assert kept.read_bytes() == b"kept"


def test_the_command_line_ends_with_one_line_and_status_2(override, root):
    _, mine = override("population: {counts: {trian: 5}}")
    command = [sys.executable, "-m", "lenspipe", "config", "--configfile", mine]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"lenspipe: population.counts.trian: unknown setting ({mine}), did you mean 'train'?\n"


def test_later_files_win_and_leave_the_rest(override, root):
    merged = load(override("population: {counts: {val: 77}}"))
    plain = load([root / config.DEFAULTS])
    assert merged.population.counts.val == 77
    assert merged.population.counts.train == plain.population.counts.train


def test_the_smoke_settings_are_good(root):
    assert load([root / config.DEFAULTS, root / "config/smoke.yaml"]).run == "smoke"


def test_a_stage_sees_its_own_section_alone(root):
    settings = load([root / config.DEFAULTS])
    changed = load([root / config.DEFAULTS]).model_copy(
        update={"diagnose": settings.diagnose.model_copy(update={"prevalence": 0.5})}
    )
    differing = {
        s
        for s in config.stage_names(settings)
        if config.stage_settings(settings, s) != config.stage_settings(changed, s)
    }
    assert differing == {"diagnose", "report"}
    assert config.stage_settings(settings, "train_classifier").keys() == {"seed", "classifier"}


@pytest.mark.parametrize("stage", sorted({*config.STAGES, "train_classifier"} - {"report"}))
def test_a_stage_s_file_is_read_back_and_checked(tmp_path, root, stage):
    wanted = config.stage_settings(load([root / config.DEFAULTS]), stage)
    path = tmp_path / f"{stage}.json"
    path.write_text(json.dumps(wanted))
    assert config.read_stage(path, stage) == wanted == config.read_stage(root / config.DEFAULTS, stage)
    path.write_text(json.dumps(wanted | {"colour": 1}))
    with pytest.raises(InputError, match=r"colour.*unknown"):
        config.read_stage(path, stage)


def test_the_schema_on_disk_is_the_one_of_the_code(root):
    assert (root / "config/schema.json").read_text() == config.schema()


def test_every_setting_has_a_meaning_and_stands_in_the_default_file(root):
    explained = {line.split()[0]: line for line in config.explain().splitlines()}
    values = yaml.safe_load((root / config.DEFAULTS).read_text())

    def leaves(section, prefix=""):
        for key, value in section.items():
            if isinstance(value, dict) and key not in ("non_lenses", "options"):
                yield from leaves(value, f"{prefix}{key}.")
            else:
                yield prefix + key

    written = {re.sub(r"^train\.\w+\.", "train.<name>.", key) for key in leaves(values)}
    assert set(explained) == written


def test_members_of_a_committee_are_trainings_of_their_own_and_their_number_trains_none_again(override, root):
    plain = load([root / config.DEFAULTS])
    merged = load(override("train: {classifier: {members: 3}}"))
    assert list(config.members_of(merged.train)) == ["classifier", "classifier_2", "classifier_3", "regressor"]
    names = config.stage_names(merged)
    assert [name for name in names if name.startswith("train_")] == [
        *("train_classifier", "train_classifier_2", "train_classifier_3", "train_regressor")
    ]
    for name in ("train_classifier", "train_regressor"):
        assert config.stage_settings(merged, name) == config.stage_settings(plain, name)
    second = config.stage_settings(merged, "train_classifier_2")
    assert second["classifier_2"] == config.stage_settings(plain, "train_classifier")["classifier"]


def test_a_member_is_read_from_its_own_file_and_from_the_complete_settings(override, tmp_path):
    files = override("train: {classifier: {members: 2}}")
    wanted = config.stage_settings(load(files), "train_classifier_2")
    (tmp_path / "one.json").write_text(json.dumps(wanted))
    (tmp_path / "all.json").write_text(json.dumps(load(files).model_dump(mode="json")))
    for file in ("one.json", "all.json"):
        assert config.read_stage(tmp_path / file, "train_classifier_2") == wanted
        with pytest.raises(InputError, match="there is no training 'classifier_3'"):
            config.read_stage(tmp_path / file, "train_classifier_3")


@pytest.mark.parametrize("number", ["0", "101", "1.5", "two"])
def test_a_committee_of_no_such_number_is_refused(override, number):
    with pytest.raises(InputError, match=r"train\.classifier\.members"):
        load(override(f"train: {{classifier: {{members: {number}}}}}"))


def test_a_training_may_not_have_the_name_of_another_s_member(override):
    other = "task: kind, head: none, network: cnn, options: {}, start_from: '', members: 1, method: other, "
    other += "epochs: 1, batch_size: 2, learning_rate: 0.1, weight_decay: 0, ema_decay: 0, max_shift: 0, imperfect: 0"
    other += ", dropout: none"
    with pytest.raises(InputError, match="'classifier_2' is the name of a training and of a member of classifier"):
        load(override(f"train: {{classifier: {{members: 2}}, classifier_2: {{{other}}}}}"))


@pytest.mark.parametrize(
    ("training", "message"),
    [
        (
            "regressor: {head: flaw}",
            "train.regressor: head: 'flaw' is unknown, did you mean 'flow'.*einstein_radius has",
        ),
        ("regressor: {head: none}", "train.regressor: head: 'none' is unknown.* has gaussian, mixture, flow"),
        ("classifier: {head: gaussian}", "train.classifier: head: 'gaussian' is unknown.*kind_and_arc has none"),
        ("regressor: {head: 3}", "train.regressor.head"),
        ("regressor: {start_from: [a]}", "train.regressor.start_from"),
    ],
)
def test_a_head_that_the_task_does_not_have_is_refused(override, training, message):
    with pytest.raises(InputError, match=message):
        load(override(f"train: {{{training}}}"))


def test_a_head_is_part_of_what_a_training_depends_on(override, root):
    plain, mixed = load([root / config.DEFAULTS]), load(override("train: {regressor: {head: mixture}}"))
    differ = [
        s for s in config.stage_names(plain) if config.stage_settings(plain, s) != config.stage_settings(mixed, s)
    ]
    assert differ == ["train_regressor", "architecture_search", "report"]


def test_a_training_may_go_on_from_one_of_the_same_run_whatever_its_name(override):
    merged = load(
        override("run: other\ntrain: {regressor: {start_from: 'results/<run>/models/classifier', members: 2}}")
    )
    for name in ("regressor", "regressor_2"):
        assert config.members_of(merged.train)[name].start_from == "results/other/models/classifier"


@pytest.mark.parametrize(
    ("trainings", "message"),
    [
        (
            "classifier: {start_from: nowhere/at/all}",
            "train.classifier.start_from: nowhere/at/all: no trained network here",
        ),
        ("regressor: {start_from: results/<run>/models/clasifier/}", "did you mean 'results/talk/models/classifier'"),
        ("classifier: {start_from: results/<run>/models/classifier}", "train.classifier.*goes on from itself"),
        (
            "classifier: {start_from: results/<run>/models/regressor}, "
            "regressor: {start_from: results/<run>/models/classifier}",
            "goes on from itself",
        ),
    ],
)
def test_a_training_that_has_no_network_to_go_on_from_is_refused(override, trainings, message):
    with pytest.raises(InputError, match=message):
        load(override(f"train: {{{trainings}}}"))


def test_a_training_goes_on_from_a_network_that_is_there(override, tmp_path):
    (tmp_path / "model.json").write_text("{}")
    merged = load(override(f"train: {{classifier: {{start_from: {tmp_path}/}}}}"))
    assert merged.train["classifier"].start_from == str(tmp_path)


def test_the_finder_s_settings_keep_the_test_objects(root):
    plain, finder = load([root / config.DEFAULTS]), load([root / config.DEFAULTS, root / "config/finder.yaml"])
    population = finder.population.model_dump()
    population["counts"]["train"] = plain.population.counts.train
    assert population == plain.population.model_dump() and finder.population.counts.train == 240_000


@pytest.mark.parametrize(
    ("trainings", "cores", "usable", "each"),
    [(2, 2, 2, 1), (2, 1, 2, 1), (2, 8, 2, 4), (4, 8, 2, 4), (4, 8, 8, 2), (3, 8, 8, 2), (1, 8, 8, 8), (9, 8, 8, 1)],
)
def test_trainings_share_the_cores_of_a_machine(trainings, cores, usable, each, monkeypatch):
    """As many at a time as there are usable cores, and no more than those named on the command line."""
    monkeypatch.setattr("os.sched_getaffinity", lambda _: set(range(usable)), raising=False)
    assert cores_of_each(trainings, cores) == each


def test_the_recipe_is_what_the_training_loop_takes(root):
    from dataclasses import fields

    from lenspipe.learning.loop import Recipe

    training = load([root / config.DEFAULTS]).model_dump()["train"]["classifier"]
    assert list(config.recipe_of(training)) and set(config.recipe_of(training)) == {one.name for one in fields(Recipe)}
