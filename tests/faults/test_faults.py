"""Whatever fails or is handed in: nothing is lost, nothing is wrong, and there is one line instead of a traceback."""

import campaign
import pytest
from points import MODES

pytestmark = pytest.mark.slow


def test_faults_of_every_mode(tmp_path):
    table = campaign.faults(60, tmp_path)
    assert sum(row["times"] for row in table.counts.values()) == 60
    tried = {kind.rpartition(" (")[0] for kind in table.counts}
    assert {*MODES, *campaign.DAMAGES} <= tried
    assert table.told == []


def test_inputs_of_every_kind(tmp_path):
    table = campaign.hostile_inputs(200, tmp_path)
    assert sum(row["times"] for row in table.counts.values()) == 200
    assert table.told == []
