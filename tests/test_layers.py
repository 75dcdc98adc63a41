"""Imports point down, and heavy libraries are imported in their rooms only."""

import ast
import re
import subprocess
import sys

import pytest

from lenspipe.provenance import files_behind

LAYERS = {
    "columns": 0, "errors": 0, "rng": 0, "provenance": 0, "families": 0, "methods": 0, "labels": 0,
    "figures": 0,
    "surveys": 1, "store": 1, "stats": 1,
    "config": 2, "measure": 2, "networks": 2, "tasks": 2,
    "population": 3, "learning": 3,
    "simulate": 4,
    "explain": 5, "validation": 5, "ingest": 5, "search": 5,
    "diagnostics": 6,
    "plots": 7,
    "stages": 8,
    "status": 9, "cluster": 9,
    "cli": 10,
    "__main__": 11,
}  # fmt: skip
NUMBA = "simulate/engines/numba/"
ROOMS = {
    "zarr": ("store",),
    "lenstronomy": (f"{NUMBA}lens_models.py",),
    "numba": (
        f"{NUMBA}cell_kernels.py",
        f"{NUMBA}galaxy_kernels.py",
        f"{NUMBA}source_kernels.py",
        "simulate/psf_kernels.py",
        "population/magnification.py",
        "population/epl.py",
    ),
    "matplotlib": ("plots",),
    "captum": ("explain",),
    "sep": ("measure/detection.py",),
    "torch": (
        "learning",
        "networks",
        "tasks",
        "explain",
        "stages/train.py",
        "stages/predict.py",
        "stages/realism.py",
        "stages/architecture_search.py",
        "cluster/launcher.py",
    ),
    "distributed": ("simulate",),
    "typer": ("cli",),
    "yaml": ("config", "cli", "stages/report.py", "stages/architecture_search.py", "surveys"),
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


def test_the_layout_page_names_the_rooms_of_each_layer_in_order(root):
    cells = re.findall(r"^\| (`.+?) \|", (root / "docs/layout.md").read_text(), re.MULTILINE)
    rows = [re.findall(r"`(\w+)`", cell) for cell in cells]
    layers = [[room for room, layer in LAYERS.items() if layer == k] for k in sorted(set(LAYERS.values()))]
    assert rows == layers


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
    loaded = (
        "import sys, lenspipe.stages.simulate; from lenspipe.families import ENGINES; ENGINES['numba']; "
        "print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True)
    names = set(done.stdout.split())
    assert names >= {"lenspipe.stages.simulate", "numba", "zarr"}
    needless = {"torch", "xarray", "matplotlib", "dask", "scipy.stats", "scipy.interpolate", "astropy.cosmology"}
    assert not names & needless


@pytest.mark.parametrize("stage", ["diagnose", "figures", "report", "registry"])
def test_tables_and_figures_are_made_without_a_network_or_a_renderer(stage, root):
    loaded = f"import sys, lenspipe.stages.{stage}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True)
    heavy = {"torch", "numba", "sklearn", "lenstronomy", "captum", "scipy.stats", "matplotlib"}
    heavy -= {"matplotlib"} if stage == "figures" else set()
    assert not set(done.stdout.split()) & heavy
    for path in files_behind(f"lenspipe.stages.{stage}"):  # imports within functions too
        if path.suffix == ".py":
            libraries = {name.split(".")[0] for name in imports(ast.parse(path.read_text()))}
            assert not libraries & heavy, path


def test_the_registries_are_light():
    loaded = "import sys, lenspipe.figures, lenspipe.stages.registry; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True)
    assert not set(done.stdout.split()) & {"numpy", "pandas", "matplotlib", "torch", "scipy"}
