"""docs/rerunning.md is true: each of its rows by a dry run over a finished run."""

import ast
import json
import re
import shlex
import shutil
import subprocess
import sys
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import told
from clones import SMOKE, Clone

from lenspipe import store
from lenspipe.config import Settings
from lenspipe.provenance import files_behind

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def tables(root):
    return told.read((root / "docs" / "rerunning.md").read_text())


@pytest.fixture
def made_again(smoke, root, tmp_path):
    """A function: what is made again once each file of a folder was changed, as the table tells it and as it is."""

    def compare(table, change):
        expected = told.by_file(table, root)
        alone = [(file,) for file, made in expected.items() if made]
        groups = [*alone, tuple(file for file, made in expected.items() if not made)]
        found = each(lambda files: changed(smoke, root, tmp_path / str(groups.index(files)), files, change), groups)
        return expected, {file: made for files, made in found.items() for file in files}

    return compare


def changed(smoke, root, folder, files, change):
    """What is made again in a twin, once each of these files was changed."""
    twin = smoke.twin(folder)
    shutil.copytree(root / "lenspipe", twin.folder / "lenspipe")
    for file in files:
        path = twin.folder / file
        path.write_text(change(path))
    return twin.jobs()


def each(function, names):
    """The function's answer for each name, two at a time."""
    names = list(names)
    with ThreadPoolExecutor(2) as pool:
        return dict(zip(names, pool.map(function, names), strict=True))


def with_a_constant(file):
    return file.read_text() + ("CHANGED = 1\n" if file.suffix == ".py" else "\n")


def with_other_comments(file):
    """A further comment, and another first line of every docstring."""
    lines = [*file.read_text().splitlines(), "# A further comment."]
    if file.suffix == ".py":
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node):
                start = node.body[0].lineno - 1
                lines[start] = lines[start].replace('"""', '"""Said otherwise. ', 1)
    return "\n".join(lines) + "\n"


def with_another_command(file):
    return re.sub(r'(r"""\n +(?:{resources.launch} )?)lenspipe ', r"\1nice lenspipe ", file.read_text())


def with_one_more_word(file):
    return file.read_text() + "\nMore.\n"


def test_a_changed_setting(smoke, tables, tmp_path):
    def jobs(setting):
        file = tmp_path / f"{''.join(filter(str.isalnum, setting))}.yaml"
        file.write_text(setting)
        return smoke.jobs(settings=[*SMOKE, str(file)])

    expected = told.by_name(tables["setting"])
    assert each(jobs, expected) == expected


def test_every_section_of_the_settings_has_a_row(tables):
    sections = {name.partition(":")[0] for name in told.by_name(tables["setting"])}
    assert sections == Settings.model_fields.keys()


def test_a_changed_formula(smoke, tables, tmp_path, root):
    """Files behind the same digests have the same effect: one of them is changed. So are all files behind none."""
    expected = told.by_file(tables["a formula in"], root / "lenspipe")
    script = root / "tests" / "workflow" / "digests.py"
    done = subprocess.run([sys.executable, script, *SMOKE], cwd=root, capture_output=True, text=True, check=True)
    digests = json.loads(done.stdout)
    behind = [files_behind(*modules) for modules in digests]
    alike = defaultdict(list)
    for file in expected:
        path = root / "lenspipe" / file
        alike[frozenset(k for k, files in enumerate(behind) if path in files), path.suffix].append(file)
    assert len(digests) > 10 and len(alike) > 10

    def jobs(group):
        files = alike[group][: 1 if group[0] else None]
        folder = tmp_path / files[0].replace("/", "-")
        return changed(smoke, root, folder, [f"lenspipe/{file}" for file in files], with_a_constant)

    found = each(jobs, alike)
    assert {file: found[group] for group, files in alike.items() for file in files} == expected


MEMBERS = {  # a new file: the member that it is a copy of
    "lenspipe/networks/new.py": "lenspipe/networks/resnet.py",
    "lenspipe/tasks/new.py": "lenspipe/tasks/is_lens.py",
    "lenspipe/simulate/engines/new/render.py": "lenspipe/simulate/engines/numba/render.py",
    "lenspipe/surveys/new.yaml": "lenspipe/surveys/kids.yaml",
    "lenspipe/population/kinds/new.py": "lenspipe/population/kinds/star.py",
}


def test_a_new_member(smoke, tables, tmp_path, root):
    rows = {tuple(names): marked for names, marked in tables["a new file, and what the settings say"]}
    assert {file for file, *_ in rows} == MEMBERS.keys()

    def jobs(row):
        file, *settings = row
        twin = smoke.twin(tmp_path / str(list(rows).index(row)))
        shutil.copytree(root / "lenspipe", twin.folder / "lenspipe")
        (twin.folder / file).parent.mkdir(exist_ok=True)
        shutil.copy(root / MEMBERS[file], twin.folder / file)
        more = twin.folder / "more.yaml"
        more.write_text(settings[0] if settings else "{}")
        return twin.jobs(settings=[*SMOKE, str(more)])

    assert each(jobs, rows) == rows


def test_every_module_and_data_file_has_a_row(root, tables):
    package = root / "lenspipe"
    files = {path.relative_to(package).as_posix() for path in package.rglob("*.*") if "__pycache__" not in path.parts}
    assert told.by_file(tables["a formula in"], package).keys() == files


@pytest.mark.parametrize(
    ("heading", "change"),
    [
        ("a comment or docstring in", with_other_comments),
        ("a shell command in", with_another_command),
        ("the text of", with_one_more_word),
    ],
)
def test_a_changed_text(made_again, tables, heading, change):
    expected, found = made_again(tables[heading], change)
    assert found == expected


def test_a_deleted_file(smoke, tables, tmp_path):
    def jobs(name):
        twin = smoke.twin(tmp_path / name.replace("/", "-"))
        path = twin.folder / "results" / "smoke" / name
        shutil.rmtree(path) if path.is_dir() else path.unlink()
        return twin.jobs()

    expected = told.by_name(tables["deleted"])
    assert each(jobs, expected) == expected


def test_a_command(smoke, tables):
    expected = told.by_name(tables["command"])
    assert each(lambda command: smoke.jobs(*shlex.split(command)[1:]), expected) == expected


def test_every_stage_has_its_commands(tables):
    commands = told.by_name(tables["command"])
    rules = commands["snakemake --forceall"]
    stages = {rule.partition("_")[0] for rule in rules}
    assert {f"snakemake -R {rule}" for rule in rules} <= commands.keys()
    assert {f"snakemake {stage}" for stage in stages} <= commands.keys()


def test_of_a_committee_the_new_member_alone_is_trained_and_answers_with_the_first(smoke, tmp_path):
    twin = smoke.twin(tmp_path / "twin", shutil.copy2)
    settings = [*SMOKE, "--config", "train={classifier: {members: 2}}"]
    wanted = {"train_classifier_2", "predict", "explain", "diagnose", "figures", "report"}
    assert twin.jobs(settings=settings) == wanted
    twin.snakemake("--cores", "2", "--until", "predict", *settings)
    assert twin.jobs(settings=settings) == wanted - {"train_classifier_2", "predict"}
    table = "results/smoke/predictions/network/test.parquet"
    first, both = (store.read_table(clone.folder / table) for clone in (smoke, twin))
    assert not np.allclose(first["score"], both["score"]) and (both["score_spread"] > 0).all()
    # Radii differ only where the rank, and with it the number of views, does.
    assert (first["theta_E_pred"] == both["theta_E_pred"]).mean() > 0.8


def test_a_lost_chunk_is_rendered_alone_and_nothing_follows(smoke, tmp_path):
    twin = smoke.twin(tmp_path / "twin", shutil.copy2)
    lost, kept = (twin.folder / f"results/smoke/images/val.zarr/image/c/{chunk}/0/0/0" for chunk in (0, 1))
    data, written = lost.read_bytes(), kept.stat().st_mtime_ns
    lost.unlink()
    twin.snakemake("--cores", "2", "--until", "simulate", "-R", "simulate", *SMOKE)
    assert lost.read_bytes() == data and kept.stat().st_mtime_ns == written
    assert twin.jobs() == set()


def test_two_runs_at_the_same_time_leave_each_other_alone(smoke, tmp_path):
    twin = smoke.twin(tmp_path / "twin", shutil.copy2)
    # The stages differ in length: two that end in the same moment meet Snakemake's own race for its locks.
    runs = {"run=first": "population", "run=second": "simulate"}
    each(lambda run: twin.snakemake(runs[run], "--cores", "1", *SMOKE, "--config", run), runs)
    assert twin.jobs() == set()
    for run, stage in runs.items():
        assert twin.jobs(stage, "--config", run) == set()
        assert twin.jobs("population", "--config", run, "seed=5") == {"population"}


def test_a_fresh_clone_does_everything(tmp_path, root, tables):
    assert Clone(tmp_path, root).jobs() == told.by_name(tables["command"])["snakemake --forceall"]
