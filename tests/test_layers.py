"""Imports point down, and the heavy libraries stay in their rooms."""

import ast
import subprocess
import sys

import pytest

LAYERS = {
    "config": 0, "columns": 0, "rng": 0, "provenance": 0, "errors": 0, "running": 0, "drafts": 0, "grid": 0,
    "stampfile": 0, "surveys": 0,
    "population": 1, "store": 1,
    "simulate": 2, "models": 2, "diagnostics": 2,
    "train": 3, "predict": 3, "diagnose": 3, "compare": 3, "plots": 3, "report": 3, "status": 3, "realism": 3,
    "check_sky": 3,
    "ingest": 3, "candidates": 3, "stamps": 3,
    "cli": 4, "__main__": 5,
}  # fmt: skip
ROOMS = {
    "zarr": ("store",),
    "lenstronomy": ("simulate/mass_and_light.py",),
    "numba": (
        "simulate/cell_kernels.py",
        "simulate/galaxy_kernels.py",
        "simulate/psf_kernels.py",
        "simulate/source_kernels.py",
        "population/magnification.py",
        "population/power_law.py",
    ),
    "matplotlib": ("plots",),
    "captum": ("models",),
    "sep": ("diagnostics/detection.py",),
    "torch": ("models", "train.py", "predict.py", "realism/run.py"),
    "dask": ("simulate",),
    "distributed": ("simulate",),
    "typer": ("cli",),
    "yaml": ("config", "cli", "report.py", "surveys"),
}


def modules(root):
    package = root / "lenspipe"
    return {path.relative_to(package).as_posix(): ast.parse(path.read_text()) for path in package.rglob("*.py")}


def imports(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def layer_name(file):
    return file.split("/")[0].removesuffix(".py")


def test_every_module_has_a_layer(root):
    names = {layer_name(file) for file in modules(root)} - {"__init__"}
    assert names == set(LAYERS)


def test_imports_point_down(root):
    for file, tree in modules(root).items():
        here = layer_name(file)
        for name in imports(tree):
            parts = name.split(".")
            if parts[0] != "lenspipe" or here == "__init__" or parts[1] not in LAYERS or parts[1] == here:
                continue
            allowed = LAYERS[parts[1]] < LAYERS[here] or parts[1] == "errors"
            allowed = allowed or (LAYERS[here] == LAYERS[parts[1]] == 0)
            assert allowed, f"{file} imports {name}"


def test_science_never_sees_the_settings(root):
    for file, tree in modules(root).items():
        if layer_name(file) not in ("cli", "config"):
            assert not any(name.startswith("lenspipe.config") for name in imports(tree)), file


@pytest.mark.parametrize("library", sorted(ROOMS))
def test_a_library_is_imported_in_its_room_alone(root, library):
    users = {file for file, tree in modules(root).items() if library in {name.split(".")[0] for name in imports(tree)}}
    strangers = {file for file in users if not file.startswith(ROOMS[library])}
    assert not strangers
    assert users, f"nothing uses {library}: drop it"


def test_a_simulating_process_loads_nothing_that_it_does_not_use():
    """Each of its workers waits for what it loads."""
    loaded = "import sys, lenspipe.simulate.run; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True)
    names = set(done.stdout.split())
    assert names >= {"lenspipe.simulate.run", "numba", "zarr"}
    needless = {"torch", "xarray", "matplotlib", "dask", "scipy.stats", "scipy.interpolate", "astropy.cosmology"}
    assert not names & needless
