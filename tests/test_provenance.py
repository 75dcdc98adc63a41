import importlib
import inspect
import re

import pytest

from lenspipe import figures, provenance
from lenspipe.cli.stages import COMMANDS
from lenspipe.provenance import code_digest, digest_of, files_behind

STAGE = '''"""Doc."""
from toy import law


def run():
    from toy.late import x
    return law.f(x)
'''


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A small package in place of lenspipe."""
    root = tmp_path / "toy"
    root.mkdir()
    (root / "__init__.py").write_text("__version__ = '0.1'\n")
    (root / "stage.py").write_text(STAGE)
    (root / "law.py").write_text("def f(x):\n    return 2 * x\n")
    (root / "late.py").write_text("x = 3\n")
    (root / "late.csv").write_text("1, 2\n")
    (root / "other.html").write_text("1\n")
    (root / "other.py").write_text("y = 1\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(provenance, "PACKAGE", "toy")
    importlib.invalidate_caches()
    return root


def change(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("law.py", "2 * x", "3 * x"),
        ("late.py", "3", "4"),
        ("late.csv", "2", "3"),
        ("stage.py", "law.f(x)", "law.f(x) + 1"),
    ],
)
def test_a_changed_formula_changes_the_digest(package, file, old, new):
    before = code_digest("toy.stage")
    change(package / file, old, new)
    assert code_digest("toy.stage") != before


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("stage.py", "Doc.", "Other words."),
        ("law.py", "def f", "# why\ndef f"),
        ("other.py", "1", "2"),
        ("other.html", "1", "2"),
        ("__init__.py", "0.1", "0.2"),
    ],
)
def test_a_comment_a_docstring_or_a_module_that_is_not_imported_does_not(package, file, old, new):
    before = code_digest("toy.stage")
    change(package / file, old, new)
    assert code_digest("toy.stage") == before


def test_files_behind_are_those_whose_change_changes_the_digest(package):
    behind = files_behind("toy.stage")
    before = code_digest("toy.stage")
    for path in package.glob("*.*"):
        text = path.read_text()
        path.write_text(text + ("\nmore = 1\n" if path.suffix == ".py" else "more"))
        assert (code_digest("toy.stage") != before) == (path in behind), path
        path.write_text(text)
    assert {path.name for path in behind} == {"stage.py", "law.py", "late.py", "late.csv"}


HIDDEN = {  # statements that hold others
    "else": "if False:\n    pass\nelse:\n    {}\n",
    "elif": "if False:\n    pass\nelif True:\n    {}\n",
    "loop's else": "for _ in ():\n    pass\nelse:\n    {}\n",
    "except": "try:\n    pass\nexcept ValueError:\n    {}\n",
    "except*": "try:\n    pass\nexcept* ValueError:\n    {}\n",
    "try's else": "try:\n    pass\nexcept ValueError:\n    pass\nelse:\n    {}\n",
    "finally": "try:\n    pass\nfinally:\n    {}\n",
    "with": "with open('x'):\n    {}\n",
    "case": "match 1:\n    case 1:\n        {}\n",
    "class": "class A:\n    async def f(self):\n        while True:\n            {}\n",
}


@pytest.mark.parametrize("statement", HIDDEN)
def test_imports_and_docstrings_are_found_inside_every_statement(package, statement):
    def written(text):
        (package / "hidden.py").write_text(HIDDEN[statement].format(text))
        return code_digest("toy.hidden")

    assert written("def f(): 'One.'; return 1") == written("def f(): 'Two.'; return 1")
    before = written("from toy import law")
    change(package / "law.py", "2 * x", "3 * x")
    assert code_digest("toy.hidden") != before


def test_a_misspelt_module_is_refused(package):
    with pytest.raises(ValueError, match=r"toy\.stge"):
        code_digest("toy.stge")


def test_nothing_is_executed(package):
    (package / "law.py").write_text("raise SystemExit('executed')\n")
    code_digest("toy.stage")


def test_a_digest_does_not_depend_on_the_order_of_keys():
    assert digest_of({"a": 1, "b": 2}) == digest_of({"b": 2, "a": 1}) != digest_of({"a": 2, "b": 1})


def test_simulating_does_not_depend_on_torch_nor_training_on_lenstronomy():
    """A changed network renders no image, and a changed renderer trains no network by its digest."""
    simulating = {name.split(".")[1] for name in _reached("lenspipe.stages.simulate")}
    training = {name.split(".")[1] for name in _reached("lenspipe.stages.train")}
    assert simulating >= {"simulate", "store"} and training >= {"learning", "store"}
    assert not simulating & {"learning", "networks", "tasks"} and not training & {"simulate", "population"}


def test_every_data_file_is_next_to_the_module_that_it_counts_with(root):
    files = [path for path in (root / "lenspipe").rglob("*.*") if path.parent.name != "__pycache__"]
    strangers = [path for path in files if path.suffix != ".py" and path.parent.name != "surveys"]
    assert strangers and all(path.with_suffix(".py").exists() for path in strangers)
    assert {path.suffix for path in strangers} <= set(provenance.DATA)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.__name__)
def test_a_rule_s_digest_covers_all_the_science_that_its_command_imports(root, command):
    stage = command.__name__
    named, _ = provenance._parsed(inspect.getsource(command), command.__module__, is_package=False)
    imported = [name for name in named if provenance._file_of(name)]
    science = {name for name in imported if not name.startswith(provenance.NOT_DIGESTED)} - {"lenspipe"}
    digests = _digests((root / f"workflow/rules/{stage}.smk").read_text())
    assert science and digests
    for modules in digests:
        assert science <= _reached(*modules)


@pytest.mark.parametrize(("stage", "file"), [("simulate", "stages/simulate.py"), ("train", "stages/train.py")])
def test_a_stage_that_resumes_trusts_no_code_that_its_rule_would_run_again(root, stage, file):
    digests = _digests((root / f"workflow/rules/{stage}.smk").read_text())
    (resumed,) = _digests((root / "lenspipe" / file).read_text())
    assert all(set(modules) == set(resumed) for modules in digests)


def _digests(text):
    """The modules that each call of a digest in a text names."""
    calls = re.findall(r"digest\((\s*\"lenspipe.*?)\)", text, re.DOTALL)
    drawing = figures.modules_of([])
    return [re.findall(r'"(lenspipe\.[\w.]+)"', call) + drawing * ("*modules_of(" in call) for call in calls]


def _reached(*modules):
    seen, waiting = set(), list(modules)
    while waiting:
        name = waiting.pop()
        path = provenance._file_of(name)
        if path is None or name in seen:
            continue
        seen.add(name)
        imports, _ = provenance._parsed(path.read_text(), name, is_package=path.name == "__init__.py")
        waiting += [*imports, *provenance._parents(name)]
    return seen - {"lenspipe"}
