"""Each stage killed once in every way, and restarted plainly: nothing is lost, nothing is wrong."""

import json
import subprocess

import pytest
from clones import Clone
from kill_campaign import KINDS, SETTINGS, SNAKEMAKE, Campaign, write_into
from outcomes import MADE, digests, finished, lost

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def campaign(tmp_path_factory):
    campaign = Campaign(tmp_path_factory.mktemp("kills"))
    campaign.run(times=1)
    return campaign


@pytest.mark.parametrize(("kind", "stage"), [(kind, stage) for kind, stages in KINDS.items() for stage in stages])
def test_a_kill_loses_nothing_and_makes_nothing_wrong(campaign, kind, stage):
    assert campaign.times[kind, stage] == 1, "it was never killed"
    assert (campaign.lost[kind, stage], campaign.wrong[kind, stage]) == (0, 0)


def test_the_campaign_would_notice_a_change_and_a_loss(campaign):
    results = campaign.folder / "undisturbed" / "results" / "tiny"
    marks = finished(results, campaign.expected, under_way=())
    assert lost(results, marks) == [] and len(marks) > 90
    for stage in MADE:
        path = results / min(campaign.expected[stage])
        whole = path.read_bytes()
        path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
        assert digests(results, stage).items() ^ campaign.expected[stage].items(), stage
        assert str(path.relative_to(results)) in lost(results, marks), stage
        path.write_bytes(whole)


def test_the_table_stands_between_its_marks(campaign, tmp_path, root):
    page = tmp_path / "page.md"
    text = (root / "docs" / "reliability.md").read_text()
    page.write_text(text)
    write_into(page, campaign.table())
    assert campaign.table() in page.read_text()
    assert page.read_text().partition("<!-- kills")[0] == text.partition("<!-- kills")[0]


@pytest.mark.parametrize("fault", ["full", "read-only"])
def test_the_workflow_goes_on_when_the_disk_is_mended(fault, disk, campaign, tmp_path, root):
    folder = disk("size=16k" if fault == "full" else "size=100m")
    clone = Clone(tmp_path, root)
    (tmp_path / "tiny.json").write_text(json.dumps(SETTINGS))
    (tmp_path / "results").symlink_to(folder)
    if fault == "read-only":
        subprocess.run(["mount", "-o", "remount,ro", folder], check=True)
    done = clone.snakemake("population", *SNAKEMAKE, check=False)
    told = [line for line in done.stderr.splitlines() if line.startswith("lenspipe: ")]
    assert done.returncode and len(told) == 1 and "Traceback" not in done.stderr, done.stderr
    subprocess.run(["mount", "-o", "remount,rw,size=100m", folder], check=True)
    clone.snakemake("population", *SNAKEMAKE)
    assert digests(folder / "tiny", "population") == campaign.expected["population"]
