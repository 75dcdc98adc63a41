#!/usr/bin/env python3
"""Run a command in this project's own environment, making that environment first if need be.

    python3 bootstrap.py snakemake --cores 8
    python3 bootstrap.py pytest

Needs Python 3.11 or newer and a package index, nothing else. The environment is .venv beside this file, made anew
when pyproject.toml or workflow/envs/constraints.txt changes. The command runs in the folder where you are, so that
your relative paths keep their meaning. By hand: python3 -m venv .venv; .venv/bin/pip install -e '.[docs,test]'
"""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
VENV = HERE / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
STAMP = VENV / "lenspipe-setup"  # written last: says what the environment was made from
CONSTRAINTS = HERE / "workflow" / "envs" / "constraints.txt"


def works(*args, **options):
    return subprocess.run([str(a) for a in args], **options).returncode == 0


def make_venv():
    shutil.rmtree(VENV, ignore_errors=True)
    if works(sys.executable, "-m", "venv", VENV, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL):
        return
    # Debian and Ubuntu ship python3 without ensurepip: make the venv bare, uv fills it.
    shutil.rmtree(VENV, ignore_errors=True)
    if not works(sys.executable, "-m", "venv", "--without-pip", VENV):
        sys.exit("This Python has no venv module; on Debian or Ubuntu: apt install python3-venv")


def find_uv():
    """uv from the PATH or the package index; None where neither has it."""
    if found := shutil.which("uv"):
        return found
    target = VENV / "tools"
    for python in (PYTHON, sys.executable):
        pip = (python, "-m", "pip", "install", "-q", "--disable-pip-version-check")
        if works(*pip, "--target", target, "uv", stderr=subprocess.DEVNULL):
            return target / "bin" / "uv"
    return None


def pip_find_links():
    """Folders of wheels that pip was told of: uv does not read pip's settings."""
    links = os.environ.get("PIP_FIND_LINKS", "").split()
    for python in (PYTHON, sys.executable):
        listed = subprocess.run([python, "-m", "pip", "config", "list"], capture_output=True, text=True).stdout
        for key, _, value in (line.partition("=") for line in listed.splitlines()):
            if key.endswith(".find-links"):
                links += value.strip("'\"").split()
    return sorted(set(links))


def install():
    wanted = ["-e", f"{HERE}[docs,test]", "-c", CONSTRAINTS]
    links = pip_find_links()
    if uv := find_uv():
        # Compiled once here, and not in each process where Python may not or does not keep what it compiles.
        base = [uv, "pip", "install", "-q", "--compile-bytecode", "--python", PYTHON]
        base += [*(f"--find-links={link}" for link in links), *wanted]
        # On Linux the index's own torch brings 2.8 GB of CUDA; "auto" takes the CPU build where there is no GPU.
        auto = sys.platform == "linux" and not links and "UV_TORCH_BACKEND" not in os.environ
        if (auto and works(*base, "--torch-backend=auto")) or works(*base):
            return True
    return works(PYTHON, "-m", "pip", "install", "-q", "--disable-pip-version-check", *wanted)


def main(command):
    if sys.version_info < (3, 11):
        sys.exit("lenspipe needs Python 3.11 or newer")
    want = hashlib.sha256((HERE / "pyproject.toml").read_bytes() + CONSTRAINTS.read_bytes()).hexdigest()
    if not STAMP.exists() or STAMP.read_text() != want:
        print("Setting up .venv (once) ...", file=sys.stderr, flush=True)
        make_venv()
        if not install():
            sys.exit("The set-up failed; see the messages above.")
        STAMP.write_text(want)
    os.environ["PATH"] = f"{BIN}{os.pathsep}{os.environ['PATH']}"
    os.environ["VIRTUAL_ENV"] = str(VENV)
    program = shutil.which(command[0]) or sys.exit(f"there is no command {command[0]}")
    if os.name == "nt":
        sys.exit(subprocess.run([program, *command[1:]]).returncode)
    os.execv(program, [program, *command[1:]])


if __name__ == "__main__":
    main(sys.argv[1:] or ["snakemake", "--help"])
