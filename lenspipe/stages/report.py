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
from lenspipe.provenance import versions
from lenspipe.store import atomic

CAPTIONS = Path("workflow/report")
LIBRARIES = ("lenstronomy", "astropy", "numpy", "scipy", "pandas", "torch", "zarr", "xarray", "dask", "snakemake")
TIMES = "stage_times"  # the figure and its table
ORDER = ("population", "simulate", "train_classifier", "train_regressor", "predict", "diagnose")
MEASURED = {  # our names and Snakemake's
    "seconds": "s",
    "cpu_seconds": "cpu_time",
    "memory_mb": "max_rss",
    "read_mb": "io_in",
    "written_mb": "io_out",
}
REALISM = ("realism", "realism_stamps")  # figures with a section of their own, where there are any
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
    settings, summary, figures = read_results(run)
    realism = {name: figures.pop(name) for name in REALISM if name in figures}
    environment = Environment(loader=PackageLoader("lenspipe", ""), autoescape=True)
    page = environment.get_template("stages/report.html").render(
        run=run.name,
        settings=settings,
        summary=summary.to_dict("records"),
        figures=[figure for name, figure in figures.items() if name != TIMES],
        realism=list(realism.values()),
        realism_summary=_realism(run / "tables" / "realism_summary.csv"),
        versions=versions(*LIBRARIES),
        times_figure=figures.get(TIMES),
        times=stage_times(run / "benchmarks").to_dict("records"),
        measured=list(MEASURED),
    )
    atomic.write(output, page)


def read_results(run):
    """What the page is made of: settings (text), summary (DataFrame), figures by name; InputError if one is damaged."""
    summary = Path(run) / "tables" / "summary.csv"
    if not summary.exists():
        raise InputError(f"{summary}: no such file; run `lenspipe diagnose` first")
    figures = {path.stem: _figure(path) for path in _in_order((Path(run) / "figures").glob("*.png"))}
    return _settings(Path(run) / "settings" / "report.json"), store.read_table(summary, SUMMARY), figures


def _realism(path):
    """Rows of the comparison with real stamps; none without one."""
    return store.read_table(path, SUMMARY).to_dict("records") if path.exists() else []


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
        return {name: float(last.get(said, "nan")) for name, said in MEASURED.items()}
    except (ValueError, LookupError):
        raise InputError(f"{path}: is no benchmark of Snakemake's; delete it") from None


def _place(stage):
    """Where a stage stands in the pipeline; parts of one beside it."""
    return next((place for place, name in enumerate(ORDER) if stage.startswith(name)), len(ORDER))


def write_stage_times(run):
    """Write tables/stage_times.csv; without benchmarks there is none, nor an older one."""
    times, path = stage_times(Path(run) / "benchmarks"), Path(run) / "tables" / f"{TIMES}.csv"
    if len(times):
        store.write_table(times, path)
    else:
        path.unlink(missing_ok=True)
