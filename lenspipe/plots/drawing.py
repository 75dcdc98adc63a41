"""Figures, each drawn from its tables alone.

To add one: a function ``(figure, tables)`` in a file here, a line below, its caption in workflow/report, a line in
workflow/rules/diagnose.smk, or report.smk for one that is drawn last, grid.smk for one of a grid, realism.smk for
one of the comparison with real stamps. One that not every run has stands in a registry of its own, and the rule lists
it where the settings say so.
"""

import io
from pathlib import Path

import matplotlib
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from lenspipe import store
from lenspipe.plots import (
    attribution,
    completeness_vs_arc_snr,
    confusion,
    einstein_radius,
    examples,
    false_positives_by_kind,
    false_positives_vs_radius,
    feature_maps,
    gallery,
    grid,
    population,
    purity_vs_completeness,
    realism,
    realism_stamps,
    regression_calibration,
    regression_residuals,
    reliability,
    roc,
    scores_by_kind,
    sky_check,
    stage_times,
    training_history,
    twins,
)
from lenspipe.plots._stamps import draw_object, draw_sheet
from lenspipe.plots._style import STYLE
from lenspipe.store import atomic

# Function, and the tables that it is given, in order.
FIGURES = {
    "false_positives_vs_radius": (false_positives_vs_radius.draw, ["false_positives_vs_radius.csv"]),
    "false_positives_by_kind": (false_positives_by_kind.draw, ["false_positives_by_kind.csv"]),
    "roc": (roc.draw, ["roc.csv"]),
    "completeness_vs_arc_snr": (completeness_vs_arc_snr.draw, ["completeness_vs_arc_snr.csv"]),
    "purity_vs_completeness": (purity_vs_completeness.draw, ["purity_vs_completeness.csv"]),
    "gallery": (gallery.draw, ["gallery.npz"]),
    "reliability": (reliability.draw, ["reliability.csv"]),
    "regression_calibration": (regression_calibration.draw, ["regression_calibration.csv"]),
    "regression_residuals": (regression_residuals.draw, ["regression_residuals.csv"]),
    "feature_maps": (feature_maps.draw, ["feature_maps.npz"]),
    "attribution": (attribution.draw, ["attribution.npz", "attribution.csv"]),
    "einstein_radius": (einstein_radius.draw, ["einstein_radius_objects.csv", "einstein_radius.csv"]),
    "scores_by_kind": (scores_by_kind.draw, ["scores_by_kind.csv"]),
    "population": (population.draw, ["population.csv"]),
    "training_history": (training_history.draw, ["training_history.csv"]),
    "examples": (examples.draw, ["examples.npz"]),
    "twins": (twins.draw, ["twins.csv"]),
}
OF_KINDS = {"confusion": (confusion.draw, ["confusion.csv"])}  # of a classifier that tells kinds apart
OF_GRID = {"grid": (grid.draw, ["grid.csv", "grid_spread.csv"])}  # made only when a grid is asked for
OF_REALISM = {  # made only where there are real stamps to compare with
    "realism": (realism.draw, [f"realism_{table}.csv" for table in ("judges", "features", "scores", "objects")]),
    "realism_stamps": (realism_stamps.draw, ["realism_stamps.npz"]),
}
OF_SKY = {"sky_check": (sky_check.draw, ["sky_check.csv"])}  # drawn by lenspipe check-sky
OF_REPORT = {"stage_times": (stage_times.draw, ["stage_times.csv"])}  # known when all other stages are done


def draw(tables_dir, figures_dir, figures=FIGURES):
    """Draw every figure whose tables are there, as PNG and PDF.

    Parameters
    ----------
    tables_dir, figures_dir : path
    figures : dict
        As ``FIGURES``.

    Returns
    -------
    list of str
        Names of the figures drawn. A figure without its tables is removed: it would be of other data.
    """
    tables_dir, figures_dir = Path(tables_dir), Path(figures_dir)
    figures_dir.mkdir(parents=True, exist_ok=True)
    drawn = []
    for name, (function, files) in figures.items():
        if all((tables_dir / file).exists() for file in files):
            _draw(function, [_read(tables_dir / file) for file in files], figures_dir / name)
            drawn.append(name)
        else:
            for ending in (".png", ".pdf"):
                (figures_dir / f"{name}{ending}").unlink(missing_ok=True)
    return drawn


def draw_stamps(stamps, known, folder):
    """Pictures of picked objects: ``<id>.png`` of each, its bands beside its colours, and ``sheet.png`` of all.

    Parameters
    ----------
    stamps : dict
        From ``stamps.read_stamps``.
    known : dict of int to dict
        What is written beside a picture, by id: ``rank``, ``name``, ``score``, ``theta_E_pred``; all may be absent.
    folder : path
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for k, id in enumerate(stamps["id"].tolist()):
        _draw(draw_object, [stamps, k, known.get(id, {})], folder / str(id), endings=[".png"])
    _draw(draw_sheet, [stamps, known], folder / "sheet", endings=[".png"])


def _draw(function, arguments, path, endings=(".png", ".pdf")):
    with matplotlib.rc_context(STYLE):
        figure = Figure(layout="constrained")
        FigureCanvasAgg(figure)
        function(figure, *arguments)
        for ending in endings:
            file = io.BytesIO()  # encoders would not say what is wrong with a disk
            dated = {"Software": None} if ending == ".png" else {"CreationDate": None}  # the same bytes every time
            figure.savefig(file, format=ending[1:], metadata=dated)
            atomic.write(path.with_name(path.name + ending), file.getvalue())


def _read(path):
    if path.suffix == ".npz":
        with np.load(path, allow_pickle=False) as arrays:
            return dict(arrays)
    return store.read_table(path)
