"""Every public docstring names its parameters, and gives shapes, units or types."""

import ast
import re

import pytest

# What a docstring says of a value: a shape, a type, or a unit.
SAYS_WHAT = re.compile(
    r"\[[\w ,.*+/-]+\]|\b(arrays?|float|int|str|bool|dict|list|tuple|tensor|path|DataFrame|Dataset|Series|Table|set"
    r"|bytes"
    r"|callable|None|arcsec|mag|counts|pixels?|km/s|Mpc|deg|rad|seconds|number|name|text|True|False|Returns|Yields)\b"
)
FORWARD = "forward"  # of a network: its lines say the shapes
ROOMS_WITHOUT = ("cli",)  # commands: their options say it


def public(root):
    """File, name and node of every public function, method and class."""
    package = root / "lenspipe"
    for path in sorted(package.rglob("*.py")):
        file = path.relative_to(package)
        if file.parts[0] in ROOMS_WITHOUT:
            continue
        for node in ast.parse(path.read_text()).body:
            yield from _public(file.as_posix(), node, "")


def _public(file, node, prefix):
    if not isinstance(node, ast.FunctionDef | ast.ClassDef) or node.name.startswith("_") or node.name == FORWARD:
        return
    yield file, prefix + node.name, node
    if isinstance(node, ast.ClassDef):
        for inner in node.body:
            yield from _public(file, inner, f"{prefix}{node.name}.")


def parameters(node):
    """Names of a function's parameters, or of those of a class's ``__init__``; fields of a dataclass."""
    if isinstance(node, ast.ClassDef):
        for inner in node.body:
            if isinstance(inner, ast.FunctionDef) and inner.name == "__init__":
                return parameters(inner)
        if any("dataclass" in ast.unparse(one) for one in node.decorator_list):
            fields = [inner for inner in node.body if isinstance(inner, ast.AnnAssign)]
            return [field.target.id for field in fields if not ast.unparse(field.annotation).startswith("ClassVar")]
        return []
    spec = node.args
    names = [one.arg for one in (*spec.posonlyargs, *spec.args, *spec.kwonlyargs)]
    return [name for name in names if name not in ("self", "cls") and not name.startswith("_")]


def returns_something(node):
    return isinstance(node, ast.FunctionDef) and any(
        (isinstance(one, ast.Return) and one.value is not None) or isinstance(one, ast.Yield | ast.YieldFrom)
        for one in ast.walk(node)
    )


def faults(file, name, node):
    """What a docstring lacks."""
    text = ast.get_docstring(node) or ""
    if not text:
        return ["no docstring"]
    missing = [f"does not name {one}" for one in parameters(node) if not re.search(rf"\b{re.escape(one)}\b", text)]
    if returns_something(node) and not SAYS_WHAT.search(text):
        missing.append("does not say what it returns: shape, unit or type")
    return missing


def test_a_docstring_names_every_parameter_and_says_what_comes_out(root):
    found = {f"{file}: {name}": faults(file, name, node) for file, name, node in public(root)}
    lacking = [f"{what}: {'; '.join(lacks)}" for what, lacks in found.items() if lacks]
    assert len(found) > 400
    if lacking:
        pytest.fail(f"{len(lacking)} of {len(found)} public docstrings:\n" + "\n".join(lacking))
