"""Whatever fails or is handed in: nothing is lost, nothing is wrong, and there is one line instead of a traceback."""

import campaign
import faulty_works
import inputs
import pytest

pytestmark = pytest.mark.slow


def test_faults_of_every_mode(tmp_path):
    table = campaign.faults(300, tmp_path)
    assert sum(row["times"] for row in table.counts.values()) == 300
    assert {kind.rpartition(" (")[0] for kind in table.counts} == set(faulty_works.MODES)
    assert table.failures == []


def test_inputs_of_every_kind(tmp_path):
    table = campaign.hostile_inputs(300, tmp_path)
    assert sum(row["times"] for row in table.counts.values()) == 300
    assert {kind.removeprefix("input: ") for kind in table.counts} == set(inputs.KINDS)
    assert table.failures == []
