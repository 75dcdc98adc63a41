"""Dry runs as children of a process that has the libraries loaded: a fifth of the time that a fresh start takes."""

import multiprocessing
import os
import sys
import tempfile

FORKS = multiprocessing.get_context("forkserver")
# Never lenspipe: a folder's own copy of it counts.
FORKS.set_forkserver_preload(["snakemake.cli", "astropy.cosmology", "pandas", "pydantic", "scipy.stats"])


def dry_run(folder, *arguments):
    """What ``snakemake --dry-run`` prints in a folder."""
    with tempfile.NamedTemporaryFile("r") as printed:
        child = FORKS.Process(target=_snakemake, args=(folder, ["--dry-run", "--cores", "2", *arguments], printed.name))
        child.start()
        child.join()
        text = printed.read()
    # Not the exit status: it gets lost now and then when two threads start children at once.
    assert "Job stats:" in text or "Nothing to be done" in text, text
    return text


def _snakemake(folder, arguments, printed):
    from snakemake.cli import main

    with open(printed, "w") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    os.chdir(folder)
    sys.path.insert(0, str(folder))
    main(arguments)
