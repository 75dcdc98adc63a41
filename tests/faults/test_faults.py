"""Whatever fails or is handed in: nothing is lost, nothing is wrong, and there is one line instead of a traceback."""

import re
import subprocess
import sys
from pathlib import Path

import faulty_works
import inputs
import pytest

pytestmark = pytest.mark.slow
CAMPAIGN = Path(__file__).with_name("campaign.py")


@pytest.fixture(scope="module")
def campaign():
    """The documentation's command, in its own process: a process has one fork server, with one list of libraries."""
    command = [sys.executable, CAMPAIGN, "--faults", "300", "--inputs", "300"]
    done = subprocess.run(command, capture_output=True, text=True)
    rows = re.findall(r"^\| (.+?) \| (\d+) \| (\d+) \| (\d+) \| (\d+) \|$", done.stdout, re.MULTILINE)
    return done, {kind: [int(number) for number in numbers] for kind, *numbers in rows}


def test_nothing_is_lost_nothing_is_wrong_and_there_is_no_traceback(campaign):
    done, table = campaign
    assert done.returncode == 0, done.stdout + done.stderr
    assert {tuple(rest) for _, *rest in table.values()} == {(0, 0, 0)}


def test_faults_of_every_mode_and_inputs_of_every_kind_are_tried(campaign):
    table = campaign[1]
    of_inputs = {kind.removeprefix("input: "): row for kind, row in table.items() if kind.startswith("input: ")}
    of_faults = {kind: row for kind, row in table.items() if not kind.startswith("input: ")}
    assert set(of_inputs) == set(inputs.KINDS)
    assert {kind.rpartition(" (")[0] for kind in of_faults} == set(faulty_works.MODES)
    assert [sum(times for times, *_ in part.values()) for part in (of_inputs, of_faults)] == [300, 300]
