"""The report stage: one page with settings, numbers, figures, versions and times, that opens offline."""

import base64
import json
from pathlib import Path

import pandas as pd
import yaml
from jinja2 import Environment, PackageLoader

from lenspipe import store
from lenspipe.columns import SUMMARY
from lenspipe.errors import InputError
from lenspipe.figures import FIGURES, REALISM, TIMES
from lenspipe.labels import label_of_method, with_labels
from lenspipe.provenance import versions
from lenspipe.stages.registry import STAGES
from lenspipe.store import atomic

CAPTIONS = Path("workflow/report")
LIBRARIES = ("lenstronomy", "astropy", "numpy", "scipy", "pandas", "torch", "zarr", "xarray", "dask", "snakemake")
MEASURED = {  # our names and Snakemake's
    "seconds": "s",
    "cpu_seconds": "cpu_time",
    "memory_mb": "max_rss",
    "read_mb": "io_in",
    "written_mb": "io_out",
}
TIMES_TABLE = "stage_times.csv"


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
    settings, summary, figures = read_results(run)
    in_sections = [figure for figure in figures.values() if figure["section"] not in (REALISM, TIMES)]
    environment = Environment(loader=PackageLoader("lenspipe", ""), autoescape=True)
    page = environment.get_template("stages/report.html").render(
        run=run.name,
        settings=settings,
        summary=_for_people(summary),
        figures=in_sections,
        realism=[figure for figure in figures.values() if figure["section"] == REALISM],
        realism_summary=_realism(run / "tables" / "realism_summary.csv"),
        versions=versions(*LIBRARIES),
        times_figures=[figure for figure in figures.values() if figure["section"] == TIMES],
        times=stage_times(run / "benchmarks").to_dict("records"),
        measured=list(MEASURED),
    )
    atomic.write(output, page)


def read_results(run):
    """What the page is made of.

    Parameters
    ----------
    run : path
        results/<run>

    Returns
    -------
    settings : str
    summary : DataFrame
    figures : dict of str to dict
        By name, in the order of ``figures``: ``name``, ``title``, ``section``, ``png`` (base64), ``caption``.

    Raises
    ------
    InputError
        If a file is missing or damaged.
    """
    summary = Path(run) / "tables" / "summary.csv"
    if not summary.exists():
        raise InputError(f"{summary}: no such file; run `lenspipe diagnose` first")
    paths = {name: Path(run) / "figures" / f"{name}.png" for name in FIGURES}
    figures = {name: _figure(path) for name, path in paths.items() if path.exists()}
    return _settings(Path(run) / "settings" / "report.json"), store.read_table(summary, SUMMARY), figures


def _realism(path):
    """Rows of the comparison with real stamps; none without one."""
    return _for_people(store.read_table(path, SUMMARY)) if path.exists() else []


def _for_people(summary):
    """Rows of a summary with labels instead of names."""
    populations, methods = summary["population"].map(with_labels), summary["method"].map(label_of_method)
    return summary.assign(population=populations, method=methods).to_dict("records")


def _settings(path):
    """As YAML; nothing if there are none."""
    if not path.exists():
        return ""
    try:
        values = json.loads(path.read_text())
    except ValueError:
        raise InputError(f"{path}: is not readable JSON; delete it and run the workflow again") from None
    return yaml.safe_dump(values, sort_keys=False, default_flow_style=None)


def _figure(path):
    png = path.read_bytes()
    if not (png.startswith(b"\x89PNG") and png.rstrip().endswith(b"IEND\xaeB`\x82")):
        raise InputError(f"{path}: is not a complete PNG; run `lenspipe figures` again")
    caption = _captions() / f"{path.stem}.rst"
    return {
        "name": path.stem,
        "title": FIGURES[path.stem].title,
        "section": FIGURES[path.stem].section,
        "png": base64.b64encode(png).decode(),
        "caption": caption.read_text() if caption.exists() else "",
    }


def _captions():
    """The captions of the current folder, or else in the checkout that this package is installed from."""
    return CAPTIONS if CAPTIONS.exists() else Path(__file__).parents[2] / CAPTIONS


def stage_times(folder):
    """Time and memory of the stages, as Snakemake measured them; a row for each part of a stage.

    Parameters
    ----------
    folder : path
        benchmarks, with a TSV file a stage, or ``stage.k-of-n.tsv`` for a part.

    Returns
    -------
    DataFrame
        ``stage``, ``part``, ``seconds``, ``cpu_seconds``, ``memory_mb``, ``read_mb``, ``written_mb``; NaN where nothing
        was measured. The report's own time is not in it.
    """
    rows = []
    for path in folder.glob("*.tsv"):
        stage, _, part = path.stem.partition(".")
        if stage != "report":
            rows.append({"stage": stage, "part": part} | _measured(path))
    rows.sort(key=lambda row: (_place(row["stage"]), -len(row["stage"]), len(row["part"]), row["part"]))
    return pd.DataFrame(rows, columns=["stage", "part", *MEASURED]).astype(dict.fromkeys(MEASURED, float))


def _measured(path):
    try:
        last = pd.read_csv(path, sep="\t", na_values="-").iloc[-1]
        return {name: float(last.get(column, "nan")) for name, column in MEASURED.items()}
    except (ValueError, LookupError):
        raise InputError(f"{path}: is not a benchmark of Snakemake's; delete it") from None


def _place(stage):
    """Place of a stage in the pipeline, which its parts share."""
    return next((place for place, name in enumerate(STAGES) if stage.startswith(name)), len(STAGES))


def write_stage_times(run):
    """Write tables/stage_times.csv of the run in the folder ``run`` (path); without benchmarks an older one goes."""
    times, path = stage_times(Path(run) / "benchmarks"), Path(run) / "tables" / TIMES_TABLE
    if len(times):
        store.write_table(times, path)
    else:
        path.unlink(missing_ok=True)
