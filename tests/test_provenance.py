import ast
import importlib

import pytest

from lenspipe import provenance
from lenspipe.provenance import code_digest, digest_of

STAGE = '''"""Doc."""
from toy import law


def run():
    from toy.late import x
    return law.f(x)
'''


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A small package that stands in for ours."""
    root = tmp_path / "toy"
    root.mkdir()
    (root / "__init__.py").write_text("")
    (root / "stage.py").write_text(STAGE)
    (root / "law.py").write_text("def f(x):\n    return 2 * x\n")
    (root / "late.py").write_text("x = 3\n")
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
    [("law.py", "2 * x", "3 * x"), ("late.py", "3", "4"), ("stage.py", "law.f(x)", "law.f(x) + 1")],
)
def test_a_changed_formula_changes_the_digest(package, file, old, new):
    before = code_digest("toy.stage")
    change(package / file, old, new)
    assert code_digest("toy.stage") != before


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [("stage.py", "Doc.", "Other words."), ("law.py", "def f", "# why\ndef f"), ("other.py", "1", "2")],
)
def test_a_comment_a_docstring_or_a_module_that_is_not_imported_does_not(package, file, old, new):
    before = code_digest("toy.stage")
    change(package / file, old, new)
    assert code_digest("toy.stage") == before


def test_a_misspelt_module_is_refused(package):
    with pytest.raises(ValueError, match=r"toy\.stge"):
        code_digest("toy.stge")


def test_nothing_is_executed(package):
    (package / "law.py").write_text("raise SystemExit('executed')\n")
    code_digest("toy.stage")


def test_a_digest_does_not_depend_on_the_order_of_keys():
    assert digest_of({"a": 1, "b": 2}) == digest_of({"b": 2, "a": 1}) != digest_of({"a": 2, "b": 1})


def test_simulating_does_not_depend_on_torch_nor_training_on_lenstronomy():
    """The towers' digests are apart: a changed network never simulates again."""
    import lenspipe

    root = next(iter(lenspipe.__path__))
    assert "models" not in _reached("lenspipe.simulate", root)
    assert "simulate" not in _reached("lenspipe.train", root)


def _reached(module, root):
    seen, waiting = set(), [module]
    while waiting:
        name = waiting.pop()
        path = provenance._file_of(name)
        if path is None or name in seen:
            continue
        seen.add(name)
        waiting += provenance._imports(ast.parse(path.read_text()), name, path)
    return {name.split(".")[1] for name in seen if "." in name}
