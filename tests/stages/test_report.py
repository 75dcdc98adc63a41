"""The report is one page that needs nothing beside it."""

import base64
import os
import re
import shutil
from html.parser import HTMLParser

import pandas as pd
import pytest

from lenspipe.cli import stages
from lenspipe.errors import InputError
from lenspipe.figures import figures_of
from lenspipe.stages.report import stage_times, write_report, write_stage_times

BENCHMARK = "s\th:m:s\tmax_rss\tio_in\tio_out\tcpu_time\n12.3\t0:00:12\t345.6\t7.1\t1170.0\t24.5\n"
TOLD = (r"12\.3", r"24\.5", r"345\.6", r"7\.1", r"1,170\.0")


@pytest.fixture(scope="module")
def page(small_run, tmp_path_factory):
    folder = tmp_path_factory.mktemp("report")
    run = folder / "small"
    shutil.copytree(small_run, run, copy_function=os.link)
    (run / "benchmarks").mkdir()
    (run / "benchmarks" / "simulate.tsv").write_text(BENCHMARK)
    stages.report(run, folder / "report.html")
    assert {path.name for path in folder.iterdir()} == {"small", "report.html"}
    return (folder / "report.html").read_text()


class Links(HTMLParser):
    """Everything that a browser would fetch."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attributes):
        self.found += [value for name, value in attributes if name in ("src", "href", "srcset", "data", "action")]


def test_a_browser_fetches_nothing(page):
    links = Links()
    links.feed(page)
    assert links.found and all(link.startswith(("data:image/png;base64,", "#")) for link in links.found)
    assert not re.search(r"url\(|@import|<script|https?://", page)


def test_it_opens_with_the_headline_then_key_numbers_contents_sections_summary_settings_and_times(page):
    order = ["false_positives_vs_radius", "key-numbers", "contents", "section-finding-lenses"]
    order += ["section-measuring-einstein-radii", "section-the-sky", "summary", "settings", "times"]
    places = [page.index(f'id="{name}"') for name in order]
    assert places == sorted(places)


def test_it_has_ten_key_numbers_each_with_its_row_of_the_summary(page, small_run):
    summary = pd.read_csv(small_run / "tables" / "summary.csv")
    table = page[page.index('<table id="key-numbers">') : page.index('id="contents"')]
    metrics = re.findall(r'<td class="row"><code>(.*?)</code>', table)
    assert len(metrics) == 10 and set(metrics) <= set(summary["metric"])
    assert "68 % interval" in table


def test_the_contents_lead_to_every_figure_and_section(page):
    contents = page[page.index('<div class="contents">') : page.index("</div>")]
    targets = re.findall(r'href="#(.*?)"', contents)
    assert all(page.count(f'id="{target}"') == 1 for target in targets)
    figures = set(re.findall(r'<figure id="(.*?)">', page))
    assert figures - set(targets) == {"false_positives_vs_radius", "stage_times"}, "the first, and that of the times"


def test_the_summary_is_folded_by_group_without_losing_a_row_and_kinds_have_their_labels(page, small_run):
    summary = pd.read_csv(small_run / "tables" / "summary.csv")
    folded = page[page.index('id="summary"') : page.index('id="settings"')]
    counts = [int(count) for count in re.findall(r"<summary>[^<]*\((\d+) rows\)</summary>", folded)]
    assert sum(counts) == folded.count("<tr><td>") == len(summary) and len(counts) >= 8
    assert "<summary>Other" not in folded
    assert "near_miss" not in folded and "near miss" in folded


def test_every_figure_is_in_it_as_it_was_drawn_with_its_caption(page, small_run, root):
    for name in figures_of("explain", "diagnose", available=["twins", "kinds"]):
        png = base64.b64encode((small_run / "figures" / f"{name}.png").read_bytes()).decode()
        assert png in page
        first = (root / "workflow" / "report" / f"{name}.rst").read_text().split("\n")[0]
        assert first.replace("'", "&#39;")[:40] in page
    assert page.index('id="false_positives_vs_radius"') < page.index('id="examples"')


def test_the_figure_of_a_grid_is_in_it_where_there_is_one(page, small_run, tmp_path, root):
    caption = (root / "workflow" / "report" / "grid.rst").read_text().split("\n")[0]
    assert 'id="grid"' not in page and caption not in page
    run = tmp_path / "small"
    shutil.copytree(small_run, run, copy_function=os.link)
    shutil.copy(run / "figures" / "roc.png", run / "figures" / "grid.png")
    write_report(run, tmp_path / "report.html")
    with_grid = (tmp_path / "report.html").read_text()
    assert 'id="grid"' in with_grid and caption in with_grid


def test_the_summary_settings_times_and_versions_are_in_it(page, small_run):
    summary = pd.read_csv(small_run / "tables" / "summary.csv")
    assert f"{summary['value'][0]:.4g}" in page and summary["metric"].iloc[-1] in page
    assert page.count("<tr><td>") >= len(summary)
    assert "theta_E" in page and "epochs: 2" in page
    assert re.search(r"simulate </td>" + "".join(f'<td class="number">{n}</td>' for n in TOLD), page)
    assert re.search(r"lenstronomy</td><td>\d+\.\d+", page)


def test_what_a_name_says_is_shown_not_executed(small_run, tmp_path):
    run = tmp_path / "<b>run"
    shutil.copytree(small_run / "tables", run / "tables")
    (run / "figures").mkdir()
    (run / "benchmarks").mkdir()
    write_report(run, tmp_path / "r.html")
    assert "<b>run" not in (tmp_path / "r.html").read_text()


def test_without_results_there_is_nothing_to_report(tmp_path):
    with pytest.raises(InputError, match=r"summary\.csv: no such file; run `lenspipe diagnose` first"):
        write_report(tmp_path, tmp_path / "report.html")
    assert not (tmp_path / "report.html").exists()


def test_the_times_are_shown_beside_their_table_and_not_among_the_results(page):
    assert page.index('id="times"') < page.index('id="stage_times"') < page.index(">seconds</th>")


def test_stage_times_are_in_the_order_of_the_pipeline_part_by_part(tmp_path):
    names = "predict report simulate_part.10-of-10 simulate_part.2-of-10 simulate something population train_regressor"
    for name in names.split():
        (tmp_path / f"{name}.tsv").write_text(BENCHMARK)
    (tmp_path / "population.tsv").write_text("s\th:m:s\tmax_rss\tcpu_time\n1.5\t0:00:01\tNA\t-\n")
    times = stage_times(tmp_path)
    assert [" ".join(row).strip() for row in times[["stage", "part"]].to_numpy()] == [
        "population",
        "simulate_part 2-of-10",
        "simulate_part 10-of-10",
        "simulate",
        "train_regressor",
        "predict",
        "something",
    ]
    assert list(times.loc[0, ["seconds", "cpu_seconds", "memory_mb", "read_mb"]].isna()) == [False, True, True, True]
    assert times.loc[1, "cpu_seconds"] == 24.5 and times.loc[1, "written_mb"] == 1170


def test_without_benchmarks_no_older_times_are_left(tmp_path):
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables" / "stage_times.csv").write_text("stage,part,seconds\nsimulate,,9\n")
    write_stage_times(tmp_path)
    assert list((tmp_path / "tables").iterdir()) == []
