"""The documentation's site: it builds without a warning, shows all that is declared, and needs no network."""

import json
import re
import subprocess
import sys
from html.parser import HTMLParser
from typing import get_args, get_origin
from urllib.parse import unquote, urlsplit

import pandas as pd
import pytest
import typer.main
import yaml

from lenspipe import columns, config
from lenspipe.cli._app import app
from lenspipe.families import KINDS, NETWORKS
from lenspipe.figures import FIGURES
from lenspipe.store.images import DIMENSIONS, PLANES
from lenspipe.surveys import SURVEYS

pytestmark = pytest.mark.slow

FETCHED = {"script": "src", "img": "src", "iframe": "src", "source": "src", "link": "href", "object": "data"}
NO_TEXT_OF_ITS_OWN = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}


class Page(HTMLParser):
    """A page's ids, links, what a browser fetches for it, its tables and the text of its article."""

    def __init__(self, path):
        super().__init__()
        self.path, self.ids, self.links, self.fetched = path, set(), [], []
        self.rows, self.text, self.open, self.main = [], "", [], 0
        self.feed(path.read_text())
        self.text = " ".join(self.text.split())

    def handle_starttag(self, tag, attributes):
        said = dict(attributes)
        self.ids |= {said[name] for name in ("id", "name") if said.get(name)}
        if tag == "a" and said.get("href"):
            self.links.append(said["href"])
        if said.get(FETCHED.get(tag)) and not (tag == "link" and said.get("rel") in ("next", "prev", "canonical")):
            self.fetched.append(said[FETCHED[tag]])
        if tag not in NO_TEXT_OF_ITS_OWN:
            self.open.append(tag)
        self.main += tag == "article"
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th") and self.rows:
            self.rows[-1].append("")

    def handle_endtag(self, tag):
        if tag in self.open:
            while self.open.pop() != tag:
                pass
        self.main -= tag == "article"
        if tag in ("p", "li", "tr", "dt", "div"):
            self.text += " "

    def handle_data(self, data):
        if self.main and not {"script", "style"} & set(self.open):
            self.text += data
            if "tr" in self.open and self.rows and self.rows[-1]:
                self.rows[-1][-1] += data

    def row(self, first):
        """The cells of the table's row that begins with a name."""
        (found,) = ([c.strip() for c in row] for row in self.rows if row and row[0].strip() == first)
        return found


@pytest.fixture(scope="module")
def site(root, small_run, tmp_path_factory):
    """Folder of the built site, which shows the figures of the small run."""
    folder = tmp_path_factory.mktemp("site")
    warnings = folder / "warnings"
    command = [sys.executable, "-m", "sphinx", "-j", "2", "-W", "--keep-going", "-q", "-w", warnings]
    command += ["-d", folder / "trees", "-D", f"lenspipe_run={small_run}", root / "docs", folder / "html"]
    done = subprocess.run([str(word) for word in command], cwd=root, capture_output=True, text=True)
    assert done.returncode == 0 and warnings.read_text() == "", done.stderr
    return folder / "html"


@pytest.fixture(scope="module")
def pages(site):
    """The site's pages by their paths in it."""
    paths = [
        path for path in site.rglob("*.html") if "_static" not in path.parts
    ]  # a template of the theme's lies there
    return {path.relative_to(site).as_posix(): Page(path) for path in paths}


def test_every_page_is_there_and_reached_from_the_first(pages, root):
    docs = root / "docs"
    written = {path.relative_to(docs).with_suffix(".html").as_posix() for path in docs.rglob("*.md")}
    written = {page for page in written if not page.startswith("_")}
    assert {"science.html", "reading.html", "reliability.html", "reference/settings.html"} <= written <= pages.keys()
    linked = {urlsplit(link).path for link in pages["index.html"].links}
    assert {page for page in written if not page.startswith("notebooks")} - {"index.html"} <= linked


def test_every_link_and_picture_leads_somewhere(pages, site):
    broken = []
    for name, page in pages.items():
        for link in [*page.links, *page.fetched]:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (page.path.parent / unquote(parts.path)).resolve() if parts.path else page.path
            there = target.exists()
            other = pages.get(target.relative_to(site).as_posix()) if there and target.is_relative_to(site) else None
            if not there or (parts.fragment and other and unquote(parts.fragment) not in other.ids):
                broken.append(f"{name}: {link}")
    assert broken == []
    assert sum(len(page.links) for page in pages.values()) > 1000


def test_a_browser_fetches_nothing_from_a_network(pages, site):
    fetched = [url for page in pages.values() for url in page.fetched]
    assert [url for url in fetched if re.match(r"(https?:)?//", url)] == []
    for sheet in site.rglob("*.css"):
        rules = re.sub(r"/\*.*?\*/", "", sheet.read_text(), flags=re.DOTALL)
        assert re.findall(r"(?:url\(|@import)\s*['\"]?(?:https?:)?//[^)\s]*", rules) == [], sheet
    for page in pages.values():
        assert not re.search(r"import\(['\"]https?:|require\(\[?['\"]https?:", page.path.read_text())


def test_every_column_has_its_row(pages, settings):
    page = pages["reference/columns.html"]
    families = [
        columns.PREDICTIONS,
        columns.kind_columns(["<kind>"]),
        columns.SUMMARY,
        columns.INGESTED,
        columns.PLANES,
    ]
    for column in [c for family in families for c in family] + columns.catalog_columns(settings["bands"]):
        cells = [[cell.strip() for cell in row] for row in page.rows]
        assert [column.name, column.dtype, column.unit, " ".join(column.meaning.split())] in cells


def leaves(values, declared, prefix=""):
    for name, value in values.items():
        key = f"{prefix}{name}"
        inner = declared.model_fields[name].annotation
        entry = get_args(inner)[1] if get_origin(inner) is dict else None
        if hasattr(inner, "model_fields"):
            yield from leaves(value, inner, f"{key}.")
        elif hasattr(entry, "model_fields"):  # entries that a user names
            for own, section in value.items():
                yield from leaves(section, entry, f"{key}.{own}.")
        else:
            yield key, value


def test_every_setting_has_its_row_with_its_default_and_limits(pages, root):
    page = pages["reference/settings.html"]
    shown = list(leaves(yaml.safe_load((root / "config" / "config.yaml").read_text()), config.Settings))
    declared = {re.sub(r"^train\.\w+", "train.<name>", key) for key, _ in shown}
    assert declared == {line.split()[0] for line in config.explain().splitlines()}
    for key, value in shown:
        cells = page.row(key)
        assert yaml.safe_load(cells[4]) == value, key
        assert cells[5], key
    assert page.row("population.theta_E.min")[1:4] == ["number", "≥ 0.05; ≤ 10", "arcsec"]
    assert page.row("train.classifier.network")[2] == ", ".join(sorted(NETWORKS))
    assert page.row("diagnose.radius_bins")[6] == "diagnose, grid"
    assert page.row("simulate.block")[6] == ""


def test_every_command_and_option_is_there(pages):
    page = pages["reference/commands.html"]
    for name, command in typer.main.get_command(app).commands.items():
        assert f"command-{name}" in page.ids and f"lenspipe {name}" in page.text
        for option in command.params:
            if option.name != "help":
                said = option.name.upper() if option.param_type_name == "argument" else option.opts[0]
                found = [row for row in page.rows if row[0].strip() == said]
                assert found and (not option.help or any(option.help.split()[0] in row[3] for row in found)), said


def test_every_figure_has_its_caption_and_picture(pages, root, small_run, site):
    page = pages["reading.html"]
    for name, spec in FIGURES.items():
        caption = " ".join((root / "workflow" / "report" / f"{name}.rst").read_text().split())
        assert page.text.count(caption) == 1, name
        assert all(f"tables/{table}" in page.text for table in spec.tables)
    for drawn in (small_run / "figures").glob("*.png"):
        assert any(drawn.stem in url and (site / url).read_bytes() == drawn.read_bytes() for url in page.fetched)


def test_every_metric_of_a_run_is_explained(pages, small_run):
    page = pages["reading.html"]
    names = " ".join(row[0] for row in page.rows if row)
    stems = [stem.strip(" ,") for row in page.rows if row for stem in row[0].split("...")[:-1]]
    for metric in pd.read_csv(small_run / "tables" / "summary.csv")["metric"].unique():
        family = re.split(r" at | in |, ", metric)[0]
        assert metric in names or family in names or metric.startswith(tuple(filter(None, stems))), metric


def test_every_file_of_a_finished_run_is_named(pages, small_run):
    text = pages["reference/files.html"].text
    expanded = set(re.findall(r"\S+\.\w+", re.sub(r"(\S*)\{(\S*?)\}(\S*)", expand, text)))
    made = {path.relative_to(small_run).as_posix() for path in small_run.rglob("*") if path.is_file()}
    tracked = {file for file in made if not re.search(r"\.zarr/|journal|resume\.pt", file)}
    assert {"images/test.json", "tables/roc.csv", "figures/roc.pdf"} <= tracked
    assert tracked - expanded == set()
    assert all(array in text for array in (*DIMENSIONS, *PLANES))


def expand(match):
    before, inside, after = match.groups()
    return " ".join(f"{before}{word}{after}" for word in inside.split(","))


def test_every_member_and_every_public_module_is_there(pages, root):
    members = pages["reference/members.html"]
    wanted = [("kind", KINDS), ("network", NETWORKS), ("survey", SURVEYS)]
    assert {f"{family}-{name}" for family, registry in wanted for name in registry} <= members.ids
    rows = [[cell.strip() for cell in row] for row in members.rows]
    for survey in SURVEYS.values():
        for band, numbers in survey.bands.items():
            assert [band, *(str(value).strip("(,)") for _, value in numbers)] in rows
        assert all([number, source] in rows for number, source in survey.sources.items())
    modules = {id for name, page in pages.items() if name.startswith("generated/api") for id in page.ids}
    for path in (root / "lenspipe").rglob("*.py"):
        parts = [part for part in path.relative_to(root).with_suffix("").parts if part != "__init__"]
        if not any(part.startswith("_") for part in parts):
            assert f"module-{'.'.join(parts)}" in modules
    shown = {"population.cosmology.theta_E_sis", "surveys.Survey", "surveys.Band", "columns.Column", "cli.main"}
    assert {f"lenspipe.{name}" for name in shown} <= modules


def test_formulas_and_drawings_are_in_the_pages_themselves(pages, root):
    science = pages["science.html"].path.read_text()
    assert science.count("<math") > 10 and len(re.findall(r'<img[^>]*src="_images/', science)) >= 9
    assert "Traceback" not in science
    workflow = pages["workflow.html"].path.read_text()
    arrows = re.findall(r"^    (\w+) --> (\w+)$", (root / "docs" / "workflow.md").read_text(), flags=re.MULTILINE)
    assert arrows and workflow.count('marker-end="url(#tip)"') == len(arrows)


def test_the_page_of_laws_agrees_with_the_weights(pages):
    """Lenses per steradian, from the drawn weights and from the integral of the survey's law."""
    told = re.search(r"from the weights: ([\d,]+); from the integral: ([\d,]+)", pages["science.html"].text)
    drawn, integral = (float(number.replace(",", "")) for number in told.groups())
    assert drawn == pytest.approx(integral, rel=0.12)  # 740 effective objects: three standard deviations


def test_the_schema_and_the_page_name_the_same_sections(pages):
    sections = {name for name, said in json.loads(config.schema())["properties"].items() if "$ref" in said}
    assert {f"settings-{name}" for name in sections} | {"settings-shared"} <= pages["reference/settings.html"].ids
