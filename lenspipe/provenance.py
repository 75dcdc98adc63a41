"""Provenance of results: digests of code, files and values, and versions of libraries."""

import ast
import functools
import hashlib
import importlib.util
import json
import platform
from importlib import metadata
from pathlib import Path

PACKAGE = "lenspipe"
# Not part of a digest: an option's help text or a check of settings changes no result.
NOT_DIGESTED = ("lenspipe.cli", "lenspipe.config")
DATA = (".csv", ".html", ".json")


def digest_of(value):
    """sha256 (str) of ``value``, a dict, list or number that JSON can hold; the order of keys does not matter."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


def file_sha256(path):
    """sha256 (str) of the bytes of the file at ``path``."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def versions(*names):
    """Versions of Python, lenspipe and the libraries ``names`` (str): dict of str to str."""
    return {"python": platform.python_version(), PACKAGE: metadata.version(PACKAGE)} | {
        name: metadata.version(name) for name in names
    }


def code_digest(*modules):
    """sha256 of the code of modules and of all that they import from this package.

    Reads import statements from the syntax tree, also those inside functions, and executes nothing. Comments and
    docstrings do not count. A data file with the name of a module next to it (spectra.py, spectra.csv) counts. The
    ``__init__.py`` of the package, which holds the version, does not.

    Parameters
    ----------
    *modules : str
        Dotted names, for example ``lenspipe.simulate``.

    Returns
    -------
    str

    Raises
    ------
    ValueError
        If a name is not a module of this package.
    """
    behind = _behind(modules)
    texts = {name: code for name, (_, code) in behind.items()}
    return digest_of(texts | {file.name: file_sha256(file) for path, _ in behind.values() for file in _data_of(path)})


def files_behind(*modules):
    """The files that ``code_digest`` of the same ``modules`` (str) depends on: set of Path."""
    paths = {path for path, _ in _behind(modules).values()}
    return paths.union(*map(_data_of, paths))


def _behind(modules):
    """Modules and all that they import from this package: file and code, by name."""
    if unknown := [name for name in modules if _file_of(name) is None]:
        raise ValueError(f"{unknown[0]}: is not a module of {PACKAGE}; correct the name")
    visited, waiting = {}, list(modules)
    while waiting:
        name = waiting.pop()
        if name in visited or name == PACKAGE or name.startswith(NOT_DIGESTED):
            continue
        path = _file_of(name)
        if path is None:
            continue
        imports, code = _parsed(path.read_text(), name, is_package=path.name == "__init__.py")
        waiting += [*imports, *_parents(name)]
        visited[name] = path, code
    return visited


@functools.cache  # a workflow asks for the digests of a dozen overlapping sets of modules, each time it starts
def _parsed(text, name, *, is_package):
    """What the module ``name`` imports, and its code without docstrings, of its ``text``."""
    tree = ast.parse(text)
    return tuple(_imports(tree, name if is_package else name.rpartition(".")[0])), ast.dump(_without_docstrings(tree))


def _data_of(path):
    """Data files with the name of a module, next to it."""
    return [file for file in map(path.with_suffix, DATA) if file.exists()]


def _parents(name):
    """Packages that are imported with a module: a.b for a.b.c."""
    parts = name.split(".")
    return [".".join(parts[:n]) for n in range(2, len(parts))]


def _file_of(name):
    """The file of a module of this package; None for other names."""
    if name.split(".")[0] != PACKAGE:
        return None
    root = Path(importlib.util.find_spec(PACKAGE).submodule_search_locations[0])
    stem = root.joinpath(*name.split(".")[1:])
    for path in (stem / "__init__.py", stem.with_suffix(".py")):
        if path.exists():
            return path
    return None


def _imports(tree, package):
    """Dotted names that the import statements of a module in ``package`` mention (``from a import b``: a and a.b)."""
    names = []
    for node in _statements(tree):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*above, *([node.module] if node.module else [])])
            names += [base, *(f"{base}.{alias.name}" for alias in node.names)]
    return names


def _statements(tree):
    """A module and all its statements, at any depth, without a walk through their expressions, which are most of it."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        for field in ("body", "orelse", "finalbody", "handlers", "cases"):
            waiting += getattr(node, field, [])


def _without_docstrings(tree):
    for node in _statements(tree):
        if isinstance(node, ast.Module | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            first = node.body[0] if node.body else None
            if (
                isinstance(first, ast.Expr)
                and isinstance(first.value, ast.Constant)
                and isinstance(first.value.value, str)
            ):
                node.body = node.body[1:] or [ast.Pass()]
    return tree
