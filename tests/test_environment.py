"""environment.yml, pyproject.toml and the constraints say the same, without a network."""

import tomllib

import yaml
from packaging.requirements import Requirement
from packaging.version import Version

CONDA_NAMES = {
    "matplotlib": "matplotlib-base",
    "snakemake": "snakemake-minimal",
    "torch": "pytorch",
}


def test_conda_and_pip_ask_for_the_same_packages_and_versions(root):
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    lists = [project["dependencies"], *project["optional-dependencies"].values()]
    wanted = [Requirement(line) for lines in lists for line in lines if not line.startswith(project["name"])]
    from_pip = {CONDA_NAMES.get(one.name, one.name): str(one.specifier) for one in wanted}
    from_pip["python"] = project["requires-python"]
    listed = yaml.safe_load((root / "environment.yml").read_text())["dependencies"]
    from_conda = {one.name: str(one.specifier) for one in map(Requirement, listed) if one.name != "pip"}
    assert from_conda == from_pip


def test_the_tested_torch_is_within_the_project_s_range(root):
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    ranges = {one.name: one.specifier for one in map(Requirement, project["dependencies"])}
    pins = [Requirement(line) for line in (root / "workflow/envs/constraints.txt").read_text().split()]
    versions = {pin.name: Version(one.version) for pin in pins for one in pin.specifier}
    assert set(versions) == {"torch", "torchvision"} and versions["torch"] in ranges["torch"]
    assert versions["torchvision"].minor == versions["torch"].minor + 15, "each torchvision is built for one torch"
