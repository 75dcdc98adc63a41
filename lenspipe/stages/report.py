"""The report stage: one page with the headline, key numbers, figures, summary and settings, that opens offline."""

import base64
from pathlib import Path

import pandas as pd
import yaml
from jinja2 import Environment, PackageLoader

from lenspipe import store
from lenspipe.columns import SUMMARY
from lenspipe.diagnostics.key_numbers import key_numbers
from lenspipe.errors import InputError
from lenspipe.figures import FIGURES, REALISM, TIMES
from lenspipe.labels import label_of_method, with_labels
from lenspipe.methods import HEADLINE
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
HEADLINE_FIGURE = next(iter(FIGURES))
GROUPS = {  # title of a group of the summary's rows: how their metrics begin; the first that fits
    "AUROC": ("auroc",),
    "Completeness": ("TPR", "completeness at"),
    "False-positive rates at fixed completeness": ("false_positive_rate at completeness",),
    "False-positive rates at each threshold": ("false_positive_rate at",),
    "Purity": ("purity at",),
    "Calibration of the score": ("Brier score", "calibration error", "recall", "balanced accuracy"),
    "Einstein radii": ("theta_E",),
    "Network compared with other methods": ("gain in",),
    "Attribution": ("attribution", "area of the arc", "median score", "share called a lens"),
    "Lenses without their arc (twins)": ("median loss", "still found"),
    "The lenses and the published forecast": ("share below the forecast",),
}


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
    environment = Environment(loader=PackageLoader("lenspipe", ""), autoescape=True)
    page = environment.get_template("stages/report.html").render(
        run=run.name,
        facts=_facts(settings),
        headline=figures.get(HEADLINE_FIGURE),
        key_numbers=[
            number._replace(population=with_labels(number.population))
            for number in key_numbers(summary, _method(summary))
        ],
        interval=_interval(settings),
        sections=_sections(figures, _realism(run / "tables" / "realism_summary.csv")),
        groups=_groups(_for_people(summary)),
        settings=yaml.safe_dump(settings, sort_keys=False, default_flow_style=None) if settings else "",
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
    settings : dict
        Empty if the run has none.
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


def _sections(figures, realism):
    """Sections with their figures, in the order of the registry, without the headline and the times."""
    sections = {}
    for figure in figures.values():
        if figure["name"] != HEADLINE_FIGURE and figure["section"] != TIMES:
            sections.setdefault(figure["section"], []).append(figure)
    if realism:
        sections.setdefault(REALISM, [])
    return [
        {
            "id": f"section-{title.lower().replace(' ', '-')}",
            "title": title,
            "figures": shown,
            "rows": realism if title == REALISM else [],
        }
        for title, shown in sections.items()
    ]


def _groups(rows):
    """Rows of the summary by group, in the order of ``GROUPS``; what fits no group comes last."""
    groups = {title: [] for title in GROUPS} | {"Other": []}
    for row in rows:
        titles = [title for title, starts in GROUPS.items() if row["metric"].startswith(starts)]
        groups[titles[0] if titles else "Other"].append(row)
    return {title: rows for title, rows in groups.items() if rows}


def _method(summary):
    """The method that the key numbers are about: the network, or the first one of the summary."""
    methods = summary["method"].unique()
    return HEADLINE if HEADLINE in methods or not len(methods) else methods[0]


def _facts(settings):
    """One line on what the run is."""
    if not settings:
        return ""
    counts, pixels = settings["population"]["counts"], settings["num_pix"]
    return (
        f"Survey {settings['survey']}, bands {', '.join(settings['bands'])}, {pixels} × {pixels} pixels; "
        f"{counts['train']:,} objects to train on, {counts['test']:,} to test on; seed {settings['seed']}"
    )


def _interval(settings):
    """What the intervals are called."""
    confidence = settings.get("diagnose", {}).get("confidence")
    return f"{100 * confidence:g} % interval" if confidence else "interval"


def _settings(path):
    """The settings as a dict; an empty one if there are none."""
    if not path.exists():
        return {}
    try:
        return store.read_json(path)
    except ValueError:
        raise InputError(f"{path}: is not readable JSON; delete it and run the workflow again") from None


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
