"""The report stage: one page with settings, numbers, figures, versions and times, that opens offline."""

import base64
import json
from pathlib import Path

import pandas as pd
import yaml
from jinja2 import Environment, PackageLoader

from lenspipe import drafts, store
from lenspipe.columns import SUMMARY
from lenspipe.errors import InputError
from lenspipe.provenance import versions

CAPTIONS = Path("workflow/report")
LIBRARIES = ("lenstronomy", "astropy", "numpy", "scipy", "pandas", "torch", "zarr", "xarray", "dask", "snakemake")
FIRST = ("false_positives_vs_radius", "roc", "einstein_radius", "feature_maps")  # the others follow by name


def write_report(run, output):
    """Write the page.

    Parameters
    ----------
    run : path
        results/<run>, with settings, tables, figures and benchmarks.
    output : path

    Raises
    ------
    InputError
        If there is nothing to report yet.
    """
    run, output = Path(run), Path(output)
    summary = run / "tables" / "summary.csv"
    if not summary.exists():
        raise InputError(f"{summary}: no such file; run `lenspipe diagnose` first")
    environment = Environment(loader=PackageLoader("lenspipe", ""), autoescape=True)
    page = environment.get_template("report.html").render(
        run=run.name,
        settings=_settings(run / "settings" / "report.json"),
        summary=store.read_table(summary, SUMMARY).to_dict("records"),
        figures=[_figure(path) for path in _in_order((run / "figures").glob("*.png"))],
        versions=versions(*LIBRARIES),
        times=_times(run / "benchmarks"),
    )
    drafts.write(output, page)


def _settings(path):
    """As YAML; nothing if there are none."""
    if not path.exists():
        return ""
    try:
        said = json.loads(path.read_text())
    except ValueError:
        raise InputError(f"{path}: is no readable JSON; delete it and run the workflow again") from None
    return yaml.safe_dump(said, sort_keys=False, default_flow_style=None)


def _in_order(paths):
    return sorted(paths, key=lambda path: (FIRST.index(path.stem) if path.stem in FIRST else len(FIRST), path.stem))


def _figure(path):
    png = path.read_bytes()
    if not (png.startswith(b"\x89PNG") and png.rstrip().endswith(b"IEND\xaeB`\x82")):
        raise InputError(f"{path}: is no complete PNG; run `lenspipe diagnose` again")
    caption = _captions() / f"{path.stem}.rst"
    return {
        "name": path.stem,
        "title": path.stem.replace("_", " "),
        "png": base64.b64encode(png).decode(),
        "caption": caption.read_text() if caption.exists() else "",
    }


def _captions():
    """The captions beside us, or else in the checkout that this package is installed from."""
    return CAPTIONS if CAPTIONS.exists() else Path(__file__).parents[1] / CAPTIONS


def _times(folder):
    """Seconds and peak memory of each stage, as Snakemake measured them."""
    rows = []
    for path in sorted(folder.glob("*.tsv"), key=lambda path: path.stat().st_mtime):
        try:
            measured = pd.read_csv(path, sep="\t").iloc[-1]
            seconds = float(measured["s"])
        except (ValueError, LookupError):
            raise InputError(f"{path}: is no benchmark of Snakemake's; delete it") from None
        memory = pd.to_numeric(measured.get("max_rss"), errors="coerce")
        rows.append({"stage": path.stem, "seconds": seconds, "memory": None if pd.isna(memory) else memory})
    return rows
