"""Figures drawn from their tables alone, as PNG and PDF."""

import importlib
import io
from pathlib import Path

import matplotlib
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_pdf import FigureCanvasPdf
from matplotlib.figure import Figure

from lenspipe import store
from lenspipe.figures import FIGURES
from lenspipe.plots._stamps import draw_object, draw_sheet
from lenspipe.plots._style import STYLE
from lenspipe.store import atomic


def draw(tables_dir, figures_dir, names):
    """Draw every figure whose tables exist, as PNG and PDF.

    Parameters
    ----------
    tables_dir, figures_dir : path
    names : sequence of str
        Of ``figures.FIGURES``.

    Returns
    -------
    list of str
        Names of the figures drawn. A figure without its tables is removed: it would be of other data.
    """
    tables_dir, figures_dir = Path(tables_dir), Path(figures_dir)
    files = {name: [tables_dir / file for file in FIGURES[name].tables] for name in names}
    complete = [
        name for name in names if all(file.exists() or file.name in FIGURES[name].may_lack for file in files[name])
    ]
    # All are read before any is drawn.
    tables = {name: [read_drawn(file) if file.exists() else None for file in files[name]] for name in complete}
    figures_dir.mkdir(parents=True, exist_ok=True)
    for name in names:
        if name in tables:
            _draw(drawing_of(name), tables[name], figures_dir / name)
        else:
            for ending in (".png", ".pdf"):
                (figures_dir / f"{name}{ending}").unlink(missing_ok=True)
    return complete


def drawing_of(name):
    """The function that draws the figure ``name`` (str): callable with a matplotlib Figure and its tables."""
    return importlib.import_module(f"lenspipe.plots.{name}").draw


def read_drawn(path):
    """The table at ``path`` as a DataFrame, or the arrays of an npz file as a dict of str to array."""
    if path.suffix == ".npz":
        with np.load(path, allow_pickle=False) as arrays:
            return dict(arrays)
    return store.read_table(path)


def draw_stamps(stamps, rows, folder):
    """Pictures of picked objects: ``<id>.png`` of each, its bands next to its colours, and ``sheet.png`` of all.

    Parameters
    ----------
    stamps : dict
        From ``search.stamps.read_stamps``.
    rows : dict of int to dict
        What is written on a picture, by id: ``rank``, ``name``, ``score``, ``theta_E_pred``; all may be absent.
    folder : path
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for k, id in enumerate(stamps["id"].tolist()):
        _draw(draw_object, [stamps, k, rows.get(id, {})], folder / str(id), endings=[".png"])
    _draw(draw_sheet, [stamps, rows], folder / "sheet", endings=[".png"])


def _draw(function, arguments, path, endings=(".png", ".pdf")):
    with matplotlib.rc_context(STYLE):
        figure = Figure(layout="constrained")
        FigureCanvasAgg(figure)
        function(figure, *arguments)
        figure.set_dpi(matplotlib.rcParams["savefig.dpi"])
        figure.get_layout_engine().execute(figure)
        figure.set_layout_engine("none")  # laid out once for both files, and not by savefig, which draws to do it
        for ending in endings:
            file = io.BytesIO()  # encoders would not say what is wrong with a disk
            if ending == ".png":
                FigureCanvasAgg(figure).print_png(file, metadata={"Software": None})
            else:
                FigureCanvasPdf(figure).print_pdf(file, metadata={"CreationDate": None})  # the same bytes every time
            atomic.write(path.with_name(path.name + ending), file.getvalue())
