"""docs/tutorial.md is followed word by word, in a clone, in an empty folder.

Two things stand for what a test cannot do. The address of the repository is that of a copy of the working tree, by
git's own `insteadOf`. And `python3 bootstrap.py X` is the session's smoke run, made by the same X: what that printed is
compared, and what it left is put into the clone, with a .venv/bin/activate that puts the programs of the test's own
environment first in PATH. All else is typed into one bash as it stands.
"""

import doctest
import itertools
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pages
import pandas as pd
import pytest

from lenspipe import store

pytestmark = pytest.mark.slow

ADDRESS = "https://ADDRESS/lenspipe.git"
BIN = Path(sys.executable).parent
FIRST_RUN = "python3 bootstrap.py snakemake --cores 2 --configfile config/smoke.yaml"
NOT_CLONED = shutil.ignore_patterns(".git", ".venv", "results", ".snakemake", "__pycache__", ".*_cache", "*.egg-info")
SAME = doctest.OutputChecker()
END = "__end of the command__"


class Terminal:
    """One bash for all of the page: folders are changed and environments activated in it."""

    def __init__(self, folder, env):
        command = {"args": ["bash", "-e"], "cwd": folder, "env": env, "text": True}
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        self.bash = subprocess.Popen(**command, **pipes)

    def type(self, commands):
        """What a block of commands prints; the first that fails ends the bash."""
        self.bash.stdin.write(f"{{\n{commands}\n}} < /dev/null\necho '{END}'\n")
        self.bash.stdin.flush()
        printed = ""
        for line in self.bash.stdout:
            if line == f"{END}\n":
                return printed
            printed += line
        raise AssertionError(f"{commands}\nends with status {self.bash.wait()}:\n{printed}")

    def close(self):
        self.bash.stdin.close()
        self.bash.wait()


@pytest.fixture(scope="module")
def page(root):
    return (root / "docs" / "tutorial.md").read_text()


@pytest.fixture(scope="module")
def origin(root, tmp_path_factory):
    """The working tree as a repository to clone."""
    folder = tmp_path_factory.mktemp("origin") / "lenspipe"
    shutil.copytree(root, folder, ignore=NOT_CLONED)
    git = ["git", "-c", "user.name=test", "-c", "user.email=test@localhost", "-c", "commit.gpgsign=false"]
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "the working tree"]):
        subprocess.run([*git, *command], cwd=folder, check=True)
    return folder


@pytest.fixture(scope="module")
def followed(page, origin, smoke, tmp_path_factory):
    """The clone after the last command, and (commands, what they printed, what the page says) of each block."""
    folder = tmp_path_factory.mktemp("empty")
    clone, told = folder / "lenspipe", []
    alias = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": f"url.{origin}.insteadOf", "GIT_CONFIG_VALUE_0": ADDRESS}
    terminal = Terminal(folder, os.environ | alias | {"PYTHONPATH": str(clone)})  # as an editable install would
    blocks = [*pages.blocks(page), ("", "")]
    for (language, block), following in itertools.pairwise(blocks):
        name, text = pages.named(block)
        if language in ("python", "yaml"):
            (clone / name).write_text(text)
        elif language == "bash":
            first = block.strip() == FIRST_RUN
            printed = stand_in_for_the_first_run(clone, smoke) if first else terminal.type(block)
            told.append((block, printed, following[1] if following[0] == "text" else None))
    terminal.close()
    return clone, told


def stand_in_for_the_first_run(clone, smoke):
    """Put the session's smoke run into the clone; what it printed."""
    assert FIRST_RUN.split()[2:] == ["snakemake", *smoke.arguments]
    for name in ("results", ".snakemake"):
        shutil.copytree(smoke.folder / name, clone / name)
    activate = clone / ".venv" / "bin" / "activate"
    activate.parent.mkdir(parents=True)
    activate.write_text(f'export PATH="{BIN}:$PATH"\n')
    return smoke.printed


def test_every_block_is_a_command_a_file_or_what_a_command_prints(page):
    languages = [language for language, _ in pages.blocks(page)]
    assert set(languages) == {"bash", "text", "python", "yaml"} and page.count("```") == 2 * len(languages)
    assert all(languages[k - 1] == "bash" for k, language in enumerate(languages) if language == "text")
    assert sum(block.strip() == FIRST_RUN for _, block in pages.blocks(page)) == 1


def test_each_command_prints_what_the_page_says(followed):
    _, told = followed
    wrong = [
        f"{commands}--- printed\n{printed}--- said\n{said}"
        for commands, printed, said in told
        if said is not None and not SAME.check_output(said, printed, doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    ]
    assert not wrong, "\n".join(wrong)
    assert sum(said is not None for _, _, said in told) > 6


def test_every_file_that_the_page_names_is_there(followed, page):
    clone, _ = followed
    prose = pages.BLOCK.sub("", page)
    named = set(re.findall(r"`((?:results/smoke|best|my_finder|tests|\.venv)[\w./]*|[\w]+\.(?:csv|py|yaml))`", prose))
    assert {"best/sheet.png", "results/smoke/report.html", "ranked.csv"} <= named
    assert [name for name in named if not (clone / name).exists() and name != "bootstrap.py"] == []
    links = set(re.findall(r"\]\(([\w./]+)\)", prose))
    assert "cutouts.md" in links and [link for link in links if not (clone / "docs" / link).exists()] == []


def test_the_cutouts_get_the_scores_of_the_objects_that_they_were_made_from(followed, smoke):
    clone, _ = followed
    ranked = pd.read_csv(clone / "ranked.csv")
    table = store.read_table(smoke.results / "predictions" / "network" / "test.parquet")
    ours = table.set_index("id").loc[ranked["simulated"]]
    for name in ("score", "theta_E_pred"):
        np.testing.assert_allclose(ranked[name], ours[name], atol=1e-4)
    assert ranked["score"].is_monotonic_decreasing and list(ranked["rank"]) == list(range(1, 65))
    best = {path.name for path in (clone / "best").iterdir()}
    assert best == {"sheet.png", *(f"{id}.{ending}" for id in ranked["id"][:16] for ending in ("fits", "png"))}


def test_what_the_page_says_of_the_small_run_is_so(followed):
    clone, _ = followed
    summary = pd.read_csv(clone / "results/smoke/tables/summary.csv")
    assert summary["metric"][0] == "auroc" and abs(summary["value"][0] - 0.5) < 0.15
    predicted = store.read_table(clone / "results/smoke/predictions/network/test.parquet")["theta_E_pred"]
    assert predicted.std() < 0.1
    history = pd.read_csv(clone / "results/smoke/models/classifier/history.csv")["val_loss"]
    assert 0.1 < history[0] - history.min() < 0.6 and history.idxmin() == len(history) - 1
